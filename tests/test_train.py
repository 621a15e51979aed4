"""From Python: train on a folder of drawn shapes, predict with the run, evaluate it again, move its folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import axone.commands
from axone.best_epoch import describe_best_epoch
from axone.data.images.decode.file import read_image
from axone.engine.interrupt import StopFlag
from axone.errors import DataError, SettingsError, Stopped, UsageError
from axone.runs.status import read_run
from axone.runs.stop_request import request_stop
from axone.train import train
from axone.use import load
from tests.helpers.runs.trainings import CLASSES, QUICK, SIDE, folder_of, quick, shapes


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


@pytest.fixture(scope="module")
def heard():
    return []


@pytest.fixture(scope="module")
def run(data, heard, tmp_path_factory):
    return quick(data, tmp_path_factory.mktemp("runs"), listener=heard.append)


def test_the_data_report_is_saved(run):
    report = json.loads((run.path / "data_report.json").read_text("utf-8"))
    assert report["splits"]["train"]["images"] == run.facts["samples"]["train"]
    assert list(report["splits"]["test"]["classes"]) == list(CLASSES) and report["skipped"] == []
    assert "data_report.json" in json.loads((run.path / "manifest.json").read_text("utf-8"))["files"]


def test_it_learns_and_reports_its_results(run, data, heard):
    results = run.results
    assert results["test"]["accuracy"] >= 0.8  # chance: 0.33
    assert results["epochs"] == 8 and results["steps"] == 8 * 5  # 93 images left, 5 whole batches an epoch
    assert results["system"] == "cnn" and results["data"] == str(data) and results["seed"] == 0
    # By hand: 8 kernels of 3 x 3, 8 of 3 x 3 x 8, then 12 -> 10 -> 5 -> 3 -> 1 pixels: 8 x 16, 16 x 3, with biases.
    assert results["parameters"] == (9 + 1) * 8 + (72 + 1) * 8 + (8 + 1) * 16 + (16 + 1) * 3
    assert [event["path"] for event in heard if event["kind"] == "folder"] == [str(run.path)]
    assert [event["epoch"] for event in heard if event["kind"] == "epoch"] == list(range(1, 9))
    assert run.info.status == "finished"
    assert (run.path / "report.html").stat().st_size > 10_000


def test_the_seed_decides_everything(run, data, tmp_path):
    same, other = quick(data, tmp_path), quick(data, tmp_path, seed=1)
    assert same.results["weights_sha256"] == run.results["weights_sha256"]
    assert same.results["validation"] == run.results["validation"] and same.results["test"] == run.results["test"]
    assert other.results["weights_sha256"] != run.results["weights_sha256"]
    assert torch.equal(same.model.state_dict()["linear_1.weight"], run.model.state_dict()["linear_1.weight"])


def test_the_model_is_an_ordinary_module_ready_to_answer(run):
    assert isinstance(run.model, nn.Module) and not run.model.training
    with torch.inference_mode():
        assert run.model(torch.zeros(2, 1, SIDE, SIDE)).shape == (2, 3)


def test_every_way_to_ask_gives_the_same_answer(run, data):
    path = data / "cross" / "03.png"
    one = run.predict(path)
    assert one.label == "cross" and next(iter(one.probabilities)) == "cross"
    assert sum(one.probabilities.values()) == pytest.approx(1, abs=1e-5)
    pixels = read_image(path)[:, :, 0]
    for images in (
        str(path),
        pixels,
        pixels[:, :, None],
        pixels.astype(np.float32) / 255,
        pixels.astype(np.float64) / 255,
        torch.from_numpy(pixels),
        np.stack([pixels] * 3, 2),
    ):
        assert run.predict(images) == one


def test_a_list_a_folder_and_a_batch_give_lists(run, data):
    paths = sorted((data / "bar").iterdir())
    singles = [run.predict(path) for path in paths]
    pixels = np.stack([read_image(path)[:, :, 0] for path in paths])
    for images in (
        paths,
        data / "bar",
        pixels,
        pixels[..., None],
        torch.from_numpy(pixels),
        list(pixels),
        pixels.astype(np.float32) / 255,
    ):
        answers = run.predict(images)
        assert [answer.label for answer in answers] == [single.label for single in singles]
        for answer, single in zip(answers, singles, strict=True):
            for name, rng in single.probabilities.items():
                assert abs(answer.probabilities[name] - rng) <= 1e-5
    assert isinstance(run.predict([paths[0]]), list)


def test_predict_refuses_a_file_that_is_no_image(run, tmp_path):
    (tmp_path / "text.png").write_text("not an image")
    for images, message in (
        (tmp_path / "text.png", "text.png"),
        (tmp_path / "missing.png", "missing.png"),
        (np.full((SIDE, SIDE), np.nan), "NaN"),
        (np.zeros((2, 3, 4, 5, 6), np.uint8), "(2, 3, 4, 5, 6)"),
        (np.full((SIDE, SIDE), "a"), "<U1"),
    ):
        with pytest.raises(DataError) as refused:
            run.predict(images)
        assert message in refused.value.what


def test_evaluate_finds_the_runs_own_figures_again(run):
    again = load(run.path).evaluate()
    assert again == {"validation": run.results["validation"], "test": run.results["test"]}


def test_evaluate_on_other_data(run, data, tmp_path):
    other = shapes(tmp_path / "other", each=8, seed=7)
    measured = run.evaluate(str(other))
    assert measured["test"] != run.results["test"] and measured["test"]["accuracy"] > 0.5
    part = shapes(tmp_path / "two", each=8, classes=("square", "cross"))
    metrics, notes = run.evaluate_with_notes(part)
    assert metrics["validation"] == {} and metrics["test"]["accuracy"] > 0.5
    assert notes[0].startswith("All 16 images are measured: the folder")
    assert notes[1] == "These data have no images of these classes: bar."
    unknown = [part / name for name in ("cross", "square")]
    for folder in unknown:
        folder.rename(folder.with_name(f"un{folder.name}"))
    with pytest.raises(DataError, match="not those of the model"):
        run.evaluate(str(part))


def test_limit_takes_that_many_examples(data, tmp_path):
    limited = quick(data, tmp_path, limit=20, validation=0.2, batch_size=4, epochs=1)
    assert limited.results["steps"] == 4  # 20 taken, 4 of them held out, 16 in batches of 4


def test_no_validation_keeps_the_last_epoch_by_its_training_figures(data, tmp_path):
    bare = quick(data, tmp_path, validation=0.0, epochs=2)
    assert bare.results["validation"] == {}
    assert bare.results["test"]["accuracy"] > 0
    assert bare.results["steps"] == 2 * 6  # 102 images, 6 whole batches of 16


def test_patience_stops_early(data, tmp_path):
    heard = []
    # A rate so small that accuracy cannot move: the first epoch stays the best.
    stopped = quick(data, tmp_path, epochs=30, patience=2, learning_rate=1e-12, listener=heard.append)
    assert stopped.results["epochs"] == 3 and stopped.results["best_epoch"] == 1
    assert [event["best_epoch"] for event in heard if event["kind"] == "early_stop"] == [1]
    choice = [event for event in heard if event["kind"] == "best_epoch"]
    # There are few validation images, so the loss decides; the report repeats the sentence.
    assert [(event["epoch"], event["monitor"]) for event in choice] == [(1, "loss")]
    assert describe_best_epoch(choice[0]).split(".")[0] in (stopped.path / "report.html").read_text("utf-8")


def test_save_every_saves_between_epochs(data, tmp_path, monkeypatch):
    from axone.runs.recorder import Recorder

    saved = []
    real = Recorder.save_checkpoint

    def save(self, slot, weights, state):
        if slot == "last":
            saved.append(state["progress"]["step"])
        real(self, slot, weights, state)

    monkeypatch.setattr(Recorder, "save_checkpoint", save)
    quick(data, tmp_path, epochs=1, batch_size=8, save_every=2)  # 11 steps
    assert saved == [0, 2, 4, 6, 8, 10, 11]  # at the start, every second step, and at the end of the epoch


def test_a_moved_run_still_answers(run, data, tmp_path):
    moved = tmp_path / "elsewhere" / "kept"
    shutil.copytree(run.path, moved)
    again = load(moved)
    assert again.predict(data / "square" / "00.png") == run.predict(data / "square" / "00.png")
    assert str(run.path) not in "".join(path.read_text() for path in moved.glob("*.json"))


def test_a_name_taken_twice_gives_two_folders(data, tmp_path):
    first = quick(data, tmp_path, name="mine", epochs=1)
    second = quick(data, tmp_path, name="mine", epochs=1)
    assert first.path != second.path and first.path.name == "mine" and second.path.name.startswith("mine")
    assert load("mine", runs_folder=tmp_path).path == first.path
    assert load("last", runs_folder=tmp_path).path == second.path


def test_wrong_arguments_make_no_folder(data, tmp_path):
    for wrong in ({"epochs": 0}, {"epoch": 3}, {"epochs": "3"}, {"learning_rate": float("nan")}):
        with pytest.raises(SettingsError):
            train("cnn", data=str(data), runs_folder=tmp_path / "runs", **wrong)
    with pytest.raises(UsageError, match="cnn"):
        train("cn", data=str(data), runs_folder=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_data_that_cannot_be_read_leave_a_failed_run_with_the_reason(tmp_path):
    heard: list[dict] = []
    with pytest.raises(DataError):
        quick(tmp_path / "nothing", tmp_path / "runs", listener=heard.append)
    info = read_run(folder_of(heard))
    assert info.status == "failed" and "nothing" in info.reason
    assert info.settings["epochs"] == QUICK["epochs"] and info.environment["system"] == "cnn"


def test_a_stop_while_data_are_read_is_a_stopped_run(tmp_path):
    flag, heard = StopFlag(), []
    data = shapes(tmp_path / "data", each=10)  # not in the cache of decoded images

    def listen(event):
        heard.append(event)
        if event["kind"] == "progress":
            flag.request("test")

    with pytest.raises(Stopped, match="before the training began"):
        quick(data, tmp_path / "runs", listener=listen, stop=flag)
    assert read_run(folder_of(heard)).status == "stopped"


def test_a_request_file_stops_any_training_after_saving(data, tmp_path):
    heard: list[dict] = []

    def listen(event):
        heard.append(event)
        if event["kind"] == "epoch" and event["epoch"] == 2:
            request_stop(folder_of(heard))

    with pytest.raises(Stopped) as stopped:
        quick(data, tmp_path / "runs", listener=listen, epochs=500)
    path = folder_of(heard)
    assert stopped.value.exit_code == 143 and read_run(path).status == "stopped"
    assert not (path / "stop.request").exists() and (path / "checkpoints" / "last").is_dir()


def test_a_network_with_code_of_the_users_own_trains_and_says_that_no_file_describes_it(tmp_path):
    template = Path(axone.commands.__file__).parent / "templates" / "system.py.txt"
    text = template.read_text("utf-8").replace("import Input, Linear, Model", "import Apply, Input, Linear, Model")
    text = text.replace(
        '(settings.hidden, activation="relu")(h)\n    return', "(settings.hidden)(Apply(nn.PReLU())(h))\n    return"
    )
    assert text.count("Apply") == 2
    (tmp_path / "mine.py").write_text(text, "utf-8")
    notes: list[str] = []
    run = train(
        tmp_path / "mine.py", epochs=1, hidden=4, runs_folder=tmp_path / "runs", verbose=False,
        listener=lambda event: notes.extend(event.get("notes", [])),
    )  # fmt: skip
    assert any("graph.json does not describe the network: Apply(PReLU) is code of your own" in note for note in notes)
    assert not (run.path / "graph.json").exists() and (run.path / "figures" / "graph.svg").exists()
    assert any(name.endswith("prelu_1.weight") for name in run.model.state_dict())
