"""A trained classifier read from its run folder: its network without code of the run, and runs that are refused."""

import shutil
from pathlib import Path

import pytest
import torch

from axone.errors import DamagedError, RunError, UsageError
from axone.graph import Conv2d, Flatten, Input, Linear, Model
from axone.tasks.classification.saved_classifier import read_classifier, require_image_classifier
from tests.helpers.runs.trainings import quick, shapes


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return quick(shapes(tmp_path_factory.mktemp("data") / "shapes"), tmp_path_factory.mktemp("runs"), epochs=1)


def test_its_network_is_rebuilt_from_the_graph_with_the_best_weights(run):
    saved = read_classifier(run.path)
    network = Model.from_json(saved.graph)
    saved.load_into(network)
    assert saved.system == "cnn" and saved.settings["epochs"] == 1 and saved.facts["classes"] == run.facts["classes"]
    assert saved.seconds == run.results["seconds"]
    assert all(torch.equal(value, run.model.state_dict()[name]) for name, value in network.state_dict().items())


def test_a_network_of_another_shape_is_refused(run):
    image = Input(1, 12, 12)
    with pytest.raises(RunError, match=r"do not fit the network in its graph\.json"):
        read_classifier(run.path).load_into(Model(image, Linear(3)(Flatten()(Conv2d(5, 3)(image)))))


def test_a_damaged_graph_is_refused(run, tmp_path):
    copy = Path(shutil.copytree(run.path, tmp_path / "run"))
    (copy / "graph.json").write_text("{}")
    with pytest.raises(DamagedError):
        read_classifier(copy)


def test_a_run_of_another_kind_is_refused():
    require_image_classifier(Path("runs/x"), {"task": "image-classification"})
    with pytest.raises(UsageError, match="is not an image-classification run"):
        require_image_classifier(Path("runs/x"), {"task": "reconstruction"})
