"""Trees on a network's features: of a new network and of another run, and what the run folder contains."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from axone.engine.context import BuildContext
from axone.engine.interrupt import StopFlag
from axone.errors import DamagedError, DataError, ResourceError, RunError, SettingsError, Stopped, UsageError
from axone.graph import Model
from axone.runs import checkpoints
from axone.runs.events import read_events
from axone.runs.storage.verification import verify
from axone.settings import resolve
from axone.systems import cnn_xgboost
from axone.train import resume, train
from axone.use import load
from tests.helpers.runs.trainings import folder_of, quick, shapes

SMALL = {
    "epochs": 4, "batch_size": 16, "channels": (8, 8), "rounds": 25, "tree_depth": 3, "tree_learning_rate": 0.3,
    "validation": 0.15, "threads": 1, "device": "cpu", "shift": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


def trees(data, place, **changes):
    return train("cnn_xgboost", data=str(data), runs_folder=place, **{**SMALL, **changes})


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return trees(data, tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def base(data, tmp_path_factory):
    """A trained cnn, which computes the features."""
    return quick(data, tmp_path_factory.mktemp("base"), seed=3, validation=0.2)


@pytest.fixture(scope="module")
def on_base(base, tmp_path_factory):
    return train(
        "cnn_xgboost", **{"from": str(base.path)}, rounds=25, threads=1, runs_folder=tmp_path_factory.mktemp("on")
    )


def comparison(run):
    tables = [event for event in read_events(run.path / "events.jsonl").events if event["kind"] == "table"]
    return {row[0]: row[1:] for row in next(table["rows"] for table in tables if table["name"] == "comparison")}


def test_the_trees_predict_and_the_report_compares(run):
    rows = comparison(run)
    assert list(rows) == ["trees on the pixels", "the network's own softmax", "trees on the network's features"]
    assert run.results["test"]["accuracy"] == pytest.approx(rows["trees on the network's features"][0])
    assert run.results["test"]["accuracy"] >= 0.75
    assert run.model.forest.rounds == rows["trees on the network's features"][2] >= 1
    assert rows["the network's own softmax"][0] >= 0.75  # random: 0.33
    assert rows["trees on the network's features"][1] >= rows["the network's own softmax"][1] > 0
    names = {event["name"] for event in read_events(run.path / "events.jsonl").events if event["kind"] == "figure"}
    assert {"kernels", "confusion", "channels"} <= names and (run.path / "figures" / "graph.svg").is_file()
    assert "Trees on pixels, the network alone" in (run.path / "report.html").read_text("utf-8")
    assert verify(run.path) == []


def test_the_same_seed_gives_the_same_weights(run, data, tmp_path):
    second = trees(data, tmp_path, compare=False)
    assert second.results["weights_sha256"] == run.results["weights_sha256"]
    assert "trees on the pixels" not in comparison(second)


def test_a_moved_run_predicts_without_xgboost(run, data, tmp_path, monkeypatch):
    moved = load(Path(shutil.copytree(run.path, tmp_path / "moved")))
    monkeypatch.setitem(sys.modules, "xgboost", None)
    paths = sorted(data.rglob("*.png"))[::7]
    answers = [answer.label for answer in moved.predict(paths)]
    assert np.mean([answer == path.parent.name for answer, path in zip(answers, paths)]) > 0.8
    measured = moved.evaluate()
    assert measured["test"] == run.results["test"] and measured["validation"] == run.results["validation"]


def test_without_xgboost_the_error_names_the_command_to_install_it(data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ResourceError) as refused:
        trees(data, tmp_path)
    assert "pip install 'axone[trees]'" in refused.value.hint


def test_features_of_another_run(base, on_base):
    """The network is not changed; data, split and normalization are those of its run."""
    own, base_weights = on_base.model.cnn.state_dict(), base.model.state_dict()
    assert (
        all(torch.equal(own[name], base_weights[name]) for name in base_weights) and own.keys() == base_weights.keys()
    )
    for name in ("mean", "std", "classes", "fingerprint", "samples"):
        assert on_base.facts[name] == base.facts[name]
    settings = on_base.settings
    assert (settings.data, settings.seed, settings.validation, settings.epochs) == (base.settings.data, 3, 0.2, 0)
    assert on_base.facts["layer"] == "linear_1" == on_base.model.layer  # 16 units before the head
    rows = comparison(on_base)
    assert rows["the network's own softmax"][0] == pytest.approx(base.results["test"]["accuracy"], abs=0.06)
    assert rows["the network's own softmax"][1] == pytest.approx(base.results["seconds"], abs=0.06)
    assert on_base.results["test"]["accuracy"] >= 0.75 and on_base.results["epochs"] == 0


def test_the_other_run_is_not_needed_afterwards(base, on_base, tmp_path):
    moved = load(Path(shutil.copytree(on_base.path, tmp_path / "moved")))
    hidden = base.path.rename(base.path.with_name("hidden"))
    try:
        assert moved.evaluate()["test"] == on_base.results["test"]
        assert moved.evaluate(data=base.settings.data)["test"] == on_base.results["test"]
    finally:
        hidden.rename(base.path)


@pytest.mark.parametrize("layer", ["conv2d_1", "flatten_1", "linear_1"])
def test_the_features_of_any_layer_can_be_used(base, layer, tmp_path):
    run = train(
        "cnn_xgboost", from_=str(base.path), layer=layer, rounds=5, compare=False, threads=1, runs_folder=tmp_path
    )
    assert run.facts["layer"] == layer and run.results["test"]["accuracy"] > 0.5


def test_a_run_is_found_by_its_name_in_the_runs_folder(base, tmp_path):
    run = train(
        "cnn_xgboost", from_=base.path.name, rounds=2, compare=False, threads=1, runs_folder=base.path.parent.parent
    )
    assert Path(run.settings.from_).samefile(base.path)
    with pytest.raises(RunError, match="no run"):
        train("cnn_xgboost", from_="nowhere", runs_folder=tmp_path)


def test_settings_of_the_user_override_those_of_the_run(base, data):
    def completed(**changes):
        return cnn_xgboost.complete(resolve(cnn_xgboost.Settings, {"from_": str(base.path), **changes}), BuildContext())

    assert completed(seed=9).seed == 9 and completed(seed=9).validation == 0.2
    other = completed(data="fashion-mnist")
    assert other.seed == 0 and other.data == "fashion-mnist"
    assert completed(data=str(data)).seed == 3
    assert completed(epochs=0).epochs == 0
    with pytest.raises(SettingsError, match="5 epochs"):
        completed(epochs=5)
    alone = resolve(cnn_xgboost.Settings, {"epochs": 5})
    assert cnn_xgboost.complete(alone, BuildContext()) == alone


def test_images_of_other_data_are_read_as_the_run_read_its_own(base, tmp_path):
    """Other classes and larger color images: they become small and gray, and the network's head is not used."""
    place = tmp_path / "photos"
    for name, channel in (("bright", 255), ("dark", 60)):
        (place / name).mkdir(parents=True)
        for number in range(30):
            random = np.random.default_rng(number)
            image = random.integers(0, channel, (20, 20, 3), dtype=np.uint8)
            Image.fromarray(image).save(place / name / f"{number}.png")
    run = train("cnn_xgboost", from_=str(base.path), data=str(place), rounds=5, threads=1, runs_folder=tmp_path)
    assert run.facts["input"] == [1, 12, 12] and run.facts["classes"] == ["bright", "dark"]
    assert run.facts["mean"] == base.facts["mean"] and run.results["test"]["accuracy"] >= 0.9
    assert list(comparison(run)) == ["trees on the pixels", "trees on the network's features"]
    assert run.predict(place / "dark" / "0.png").label == "dark"
    assert run.explain(place / "dark" / "0.png").grad_cam is None


def test_unusable_runs_and_layers_are_errors(base, data, tmp_path):
    with pytest.raises(UsageError, match="no layer 'linear_9'"):
        train("cnn_xgboost", from_=str(base.path), layer="linear_9", runs_folder=tmp_path)
    graph = json.loads((base.path / "graph.json").read_text("utf-8"))
    with pytest.raises(DataError) as refused:
        cnn_xgboost.model(cnn_xgboost.Settings(), {**base.facts, "input": [3, 12, 12], "graph": graph})
    assert "(1, 12, 12), found (3, 12, 12)" in refused.value.expected
    own = Path(shutil.copytree(base.path, tmp_path / "own"))
    for damage in (lambda: (own / "graph.json").write_text("{}"), lambda: (own / "graph.json").unlink()):
        damage()
        with pytest.raises(DamagedError):
            train("cnn_xgboost", from_=str(own), runs_folder=tmp_path)


class StopsAtTrees(StopFlag):
    """Requests a stop when the trees are being trained."""

    def __call__(self, event):
        if event["kind"] == "progress" and "trees" in event["text"]:
            self.request("test")


def test_a_run_stopped_while_trees_are_trained_resumes_to_the_same_weights(run, data, tmp_path):
    events, flag = [], StopsAtTrees()

    def listen(event):
        events.append(event)
        flag(event)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stopped):
        patch.setattr("axone.engine.training.REPORT_SECONDS", -1.0)
        trees(data, tmp_path, listener=listen, stop=flag)
    path = folder_of(events)
    assert not (path / "done.json").exists()
    assert not checkpoints.load(path, "best").weights["network.forest.grown"]
    resumed = resume(path)
    assert resumed.results["weights_sha256"] == run.results["weights_sha256"]
    assert resumed.results["test"] == run.results["test"]


def test_more_epochs_train_the_trees_again(run, tmp_path):
    path = Path(shutil.copytree(run.path, tmp_path / "more"))
    longer = resume(path, epochs=SMALL["epochs"] + 1)
    assert longer.results["epochs"] == 5 and longer.model.forest.rounds >= 1 and verify(path) == []


def test_the_graph_is_that_of_the_network_below_the_trees(run):
    graph = Model.from_json(json.loads((run.path / "graph.json").read_text("utf-8")))
    assert graph.output_shapes == ((3,),)
    assert "graph" not in run.facts  # which is the fact of a run on another run's network
