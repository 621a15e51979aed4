"""Every image classifier as a user meets it: a stopped training resumes to the same weights, and every verb works."""

import numpy as np
import pytest
import torch

import axone
from axone.errors import Stopped
from axone.runs.storage.verification import verify
from axone.tasks.images.inputs import load_image
from tests.helpers.runs.stop_at import StopAt
from tests.helpers.runs.trainings import folder_of, shapes

SHARED = {"epochs": 2, "batch_size": 8, "threads": 1, "device": "cpu", "precision": "float32", "validation": 0.2}
SYSTEMS = {
    "cnn": {"channels": (8, 8), "dense": (16,)},
    "vgg": {"variant": "11-bn", "width": 0.125},
    "resnet": {"width": 0.125},
    "inception": {"width": 0.125},
    "mobilenet": {"width": 0.125},
    "cnn_xgboost": {"channels": (8, 8), "rounds": 5, "tree_depth": 3, "compare": False},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes", each=16)


@pytest.fixture(scope="module", params=SYSTEMS)
def run(request, data, tmp_path_factory):
    return train(request.param, data, tmp_path_factory.mktemp("runs"))


def train(system, data, place, **changes):
    return axone.train(system, data=str(data), runs_folder=place, **{**SHARED, **SYSTEMS[system], **changes})


def test_a_stopped_training_resumes_to_the_same_weights(run, data, tmp_path):
    events = []
    with pytest.raises(Stopped):
        train(run.system.name, data, tmp_path, listener=events.append, stop=StopAt(4))
    resumed = axone.resume(folder_of(events))
    assert resumed.results["weights_sha256"] == run.results["weights_sha256"]
    assert resumed.results["test"] == run.results["test"]


def test_predict_evaluate_and_explain_work(run, data):
    paths = sorted(data.rglob("*.png"))[::9]
    answers = run.predict(paths)
    assert len(answers) == len(paths) and all(answer.label in run.facts["classes"] for answer in answers)
    assert all(abs(sum(answer.probabilities.values()) - 1) < 1e-5 for answer in answers)
    measured = run.evaluate()
    assert measured["test"] == run.results["test"] and measured["validation"] == run.results["validation"]
    explanation = run.explain(paths[0], nearest=2)
    assert explanation.predicted == answers[0].label and len(explanation.nearest) == 2
    assert set(explanation.figures()) == {"pixels", "maps", "nearest"}
    assert run.system.list_verbs(run.settings) == ["predict"] and verify(run.path) == []


def test_the_module_that_answers_computes_what_predict_returns(run, data):
    paths = sorted(data.rglob("*.png"))[::9]
    images = torch.from_numpy(np.stack([load_image(path, run.facts).pixels for path in paths]))
    with torch.inference_mode():
        probabilities = run.system.answering(run.model, run.settings, run.facts)(images)
    for row, answer in zip(probabilities, run.predict(paths), strict=True):
        assert {name: float(row[i]) for i, name in enumerate(run.facts["classes"])} == answer.probabilities
