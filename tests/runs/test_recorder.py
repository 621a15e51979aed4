from __future__ import annotations

import csv
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from axone.errors import DamagedError, DataError, LockedError, RunError, Stopped
from axone.figures.figure import Figure, Table
from axone.runs.checkpoints import load
from axone.runs.events import read_events
from axone.runs.recorder import Recorder
from axone.runs.status import read_run
from axone.runs.stop_request import request_stop
from axone.runs.storage.checked_json import read_checked
from axone.runs.storage.verification import verify


def start(folder, **options):
    folder.mkdir(exist_ok=True)
    recorder = Recorder(folder, **options)
    recorder.start("epochs = 3\n", {"classes": ["a"]}, {"system": "cnn"}, {"nodes": []})
    return recorder


def train(recorder, steps):
    """Write a training whose weights are its step: an epoch and a figure every two steps, a checkpoint every step."""
    for step in steps:
        if step % 2 == 0:
            recorder.event("epoch", epoch=step // 2, step=step, train={"loss": 1 / step}, validation={"accuracy": 0.5})
            recorder.add_figure(Figure("kernels", "Kernels", Image.new("L", (4, 4), step)), step // 2)
        recorder.save_checkpoint("last", {"w": torch.full((50,), float(step))}, {"step": step})


def epochs(folder):
    return [event["epoch"] for event in read_events(folder / "events.jsonl").events if event["kind"] == "epoch"]


def test_a_whole_run(tmp_path):
    received = []
    source = tmp_path / "mine.py"
    source.write_text("# my system\n")
    run = tmp_path / "run"
    run.mkdir()
    with Recorder(run, received.append) as recorder:
        recorder.start("epochs = 3\n", {"classes": ["a"]}, {"system": "cnn"}, {"nodes": []}, source)
        assert read_run(run).status == "running"
        train(recorder, range(1, 7))
        recorder.save_checkpoint("best", {"w": torch.ones(2)}, {"step": 4})
        recorder.add_figure(Table("classes", "Per class", ("class", "recall"), [("a", math.nan), ("b", 0.5)]), None)
        recorder.add_figure(Figure("../graph", "Graph", "<svg/>"), None)
        recorder.write("report.html", "<html>")
        recorder.finish({"test": {"accuracy": 0.9, "loss": math.inf}, "run": "run"})
    assert [event["kind"] for event in received][:1] == ["start"] and received[-1]["kind"] == "done"
    assert verify(run) == []
    info = read_run(run)
    assert info.status == "finished" and info.system == "cnn"
    assert info.done["test"] == {"accuracy": 0.9, "loss": None}
    assert info.done["manifest"] == read_checked(run / "manifest.json")["sha256"]
    assert (run / "system.py").read_text() == "# my system\n"
    assert {path.name for path in (run / "figures").iterdir()} == {
        "kernels-0001.png", "kernels-0002.png", "kernels-0003.png", "graph-final.svg",
    }  # fmt: skip
    assert [row["epoch"] for row in csv.DictReader((run / "metrics.csv").open())] == ["1", "2", "3"]
    table = next(event for event in read_events(run / "events.jsonl").events if event["kind"] == "table")
    assert table["columns"] == ["class", "recall"] and table["rows"] == [["a", None], ["b", 0.5]]
    assert not list(run.rglob("tmp-*")) and not (run / "run.lock.json").exists()
    for path in run.rglob("*"):
        assert not path.is_file() or str(tmp_path).encode() not in path.read_bytes(), f"absolute path in {path}"


def test_resuming_repeats_no_event(tmp_path):
    run = tmp_path / "run"
    with start(run) as recorder:
        train(recorder, range(1, 5))
        recorder.event("epoch", epoch=3, step=6)
        recorder.add_figure(Figure("kernels", "Kernels", Image.new("L", (4, 4))), 3)
        recorder.event("stop", step=6)
    with (run / "events.jsonl").open("ab") as file:
        file.write(b'{"kind": "ep')
    (run / "tmp-left").write_text("by a kill")
    with Recorder(run) as recorder:
        weights, state = recorder.load_checkpoint("last")
        assert state == {"step": 4} and weights["w"][0] == 4
        assert epochs(run) == [1, 2] and not (run / "figures" / "kernels-0003.png").exists()
        assert verify(run) == []
        train(recorder, range(5, 7))
        recorder.finish({})
    assert epochs(run) == [1, 2, 3] and verify(run) == [] and not (run / "tmp-left").exists()
    kinds = [event["kind"] for event in read_events(run / "events.jsonl").events]
    assert kinds.count("stop") == kinds.count("start") == kinds.count("done") == 1


def test_a_rollback_removes_later_events(tmp_path):
    run = tmp_path / "run"
    with start(run) as recorder:
        train(recorder, range(1, 4))
        recorder.event("epoch", epoch=2, step=4)
        assert recorder.load_checkpoint("last")[1] == {"step": 3}
        recorder.event("rollback", step=3)
        train(recorder, range(4, 7))
        assert recorder.load_checkpoint("last")[1] == {"step": 6}
    kinds = [event["kind"] for event in read_events(run / "events.jsonl").events]
    assert epochs(run) == [1, 2, 3] and kinds.count("rollback") == 1


def test_a_finished_run_given_more_epochs_is_unfinished_again(tmp_path):
    run = tmp_path / "run"
    with start(run) as recorder:
        train(recorder, range(1, 3))
        recorder.finish({"a": 1})
    with Recorder(run) as recorder:
        recorder.load_checkpoint("last")
        recorder.write("settings.toml", "epochs = 4\n")
    info = read_run(run)
    assert info.status == "stopped" and info.settings == {"epochs": 4} and info.done is None and verify(run) == []


@pytest.mark.parametrize("name", ["settings.toml", "facts.json", "environment.json", "graph.json", "manifest.json"])
def test_resuming_needs_the_essential_files(tmp_path, name):
    run = tmp_path / "run"
    with start(run) as recorder:
        train(recorder, range(1, 3))
    data = bytearray((run / name).read_bytes())
    data[len(data) // 2] ^= 1
    (run / name).write_bytes(data)
    with Recorder(run) as recorder, pytest.raises(DamagedError, match=name):
        recorder.load_checkpoint("last")


def test_resuming_warns_of_other_damage(tmp_path):
    run = tmp_path / "run"
    with start(run) as recorder:
        train(recorder, range(1, 5))
    (run / "figures" / "kernels-0001.png").unlink()
    weights = run / "checkpoints" / "last" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with Recorder(run) as recorder:
        assert recorder.load_checkpoint("last")[1] == {"step": 3}
        assert epochs(run) == [1], "the history is that of the checkpoint that was loaded"
    warnings = [event["text"] for event in read_events(run / "events.jsonl").events if event["kind"] == "warning"]
    assert "kernels-0001.png" in warnings[0] and "last/weights.safetensors" in warnings[1]


def test_a_run_is_visible_before_its_data_are_read(tmp_path):
    with Recorder(tmp_path) as recorder:
        recorder.begin("epochs = 3\n", {"system": "cnn"})
        recorder.progress("reading images", 0, 1000)
        info = read_run(tmp_path)
        assert (info.status, info.system, info.settings, info.facts) == ("running", "cnn", {"epochs": 3}, {})
        assert read_events(tmp_path / "events.jsonl").events[-1]["text"] == "reading images"
        recorder.describe({"classes": ["a"]}, {"nodes": []})
        recorder.finish({})
    assert read_run(tmp_path).status == "finished" and read_run(tmp_path).facts == {"classes": ["a"]}


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (DataError("no image in photos/"), "failed", "no image in photos/"),
        (ZeroDivisionError("division by zero"), "failed", "ZeroDivisionError: division by zero"),
        (Stopped("stopped at step 7; everything is saved"), "stopped", "stopped at step 7; everything is saved"),
        (KeyboardInterrupt(), "stopped", "interrupted with Ctrl-C, without saving"),
    ],
)
def test_an_exception_is_the_reason_why_a_run_ended(tmp_path, error, status, reason):
    with pytest.raises(type(error)), Recorder(tmp_path) as recorder:
        recorder.begin("epochs = 3\n", {"system": "cnn"})
        raise error
    info = read_run(tmp_path)
    assert (info.status, info.reason) == (status, reason)


def test_the_end_is_recorded_once(tmp_path):
    with pytest.raises(Stopped), start(tmp_path) as recorder:
        recorder.event("stop", reason="first")
        raise Stopped("second")
    assert read_run(tmp_path).reason == "first"


def test_progress_goes_to_the_history_and_more_of_it_to_the_listener(tmp_path):
    received = []
    with start(tmp_path, listener=received.append) as recorder:
        for number in range(300):
            recorder.progress("reading images", number, 300)
        recorder.progress("training the evaluator")
    recorded = [event for event in read_events(tmp_path / "events.jsonl").events if event["kind"] == "progress"]
    assert recorded[0]["done"] == 0 and recorded[-1]["text"] == "training the evaluator" and len(recorded) < 300
    assert [event for event in received if event in recorded and event["kind"] == "progress"] == recorded


def test_a_failure_before_the_checkpoint_is_loaded_changes_nothing(tmp_path):
    received = []
    with start(tmp_path) as recorder:
        train(recorder, range(1, 3))
        recorder.finish({"a": 1})
    before = (tmp_path / "events.jsonl").read_bytes()
    with pytest.raises(DataError), Recorder(tmp_path, received.append) as recorder:
        recorder.event("warning", text="another machine")
        recorder.progress("reading images")
        raise DataError("gone")
    assert (tmp_path / "events.jsonl").read_bytes() == before and verify(tmp_path) == []
    assert read_run(tmp_path).status == "finished" and [event["kind"] for event in received] == ["warning", "progress"]
    with Recorder(tmp_path) as recorder:
        recorder.event("warning", text="another machine")
        recorder.load_checkpoint("last")
    assert [event["kind"] for event in read_events(tmp_path / "events.jsonl").events][-2:] == ["warning", "stop"]


def test_a_request_to_stop_reaches_the_writer(tmp_path):
    with start(tmp_path) as recorder:
        request_stop(tmp_path)
        assert recorder.stop_requested()


def test_a_run_with_a_link_out_of_it_is_not_written(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "run" / "events.jsonl").symlink_to(tmp_path / "precious")
    with pytest.raises(RunError, match=r"events\.jsonl"):
        Recorder(tmp_path / "run")
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_second_writer_is_refused(tmp_path):
    with start(tmp_path / "run"), pytest.raises(LockedError, match=str(os.getpid())):
        Recorder(tmp_path / "run")
    Recorder(tmp_path / "run").close()


def test_weights_are_saved_next_to_a_run_folder_that_was_deleted(tmp_path):
    with start(tmp_path / "run") as recorder:
        shutil.rmtree(tmp_path / "run")
        with pytest.raises(RunError, match="gone") as error:
            recorder.save_checkpoint("last", {"w": torch.ones(2)}, {})
    assert "run-rescued" in str(error.value)
    assert load(tmp_path / "run-rescued", "last").weights["w"].tolist() == [1, 1]
    with pytest.raises(RunError):
        Recorder(tmp_path / "none")


def test_a_forged_history_cannot_make_the_writer_remove_files_that_are_no_figures(tmp_path):
    run = tmp_path / "run"
    (tmp_path / "precious").write_text("kept")
    with start(run) as recorder:
        train(recorder, range(1, 3))
        for file in ("../precious", "facts.json", "figures/../facts.json", "figures/../../precious", 3, None):
            recorder.event("figure", file=file)
        recorder.load_checkpoint("last")
    assert (tmp_path / "precious").exists() and (run / "facts.json").exists() and verify(run) == []


KILL_RUNS = """
import os, random, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.runs import test_recorder
from axone.runs.recorder import Recorder

run, rng = Path(sys.argv[1]), random.Random(0)

def newest():
    try:
        status = (run / "checkpoints" / "last" / "manifest.json").stat()
        return status.st_ino, status.st_mtime_ns
    except FileNotFoundError:  # between two renames
        return None

for trial in range(40):
    before = newest()
    writer = os.fork()
    if not writer:
        try:
            with Recorder(run) as recorder:
                step = recorder.load_checkpoint("last")[1]["step"]
                test_recorder.train(recorder, range(step + 1, step + 5000))
        finally:
            os._exit(1)
    while newest() in (before, None):  # until it has saved once
        assert os.waitpid(writer, os.WNOHANG) == (0, 0), "the writer failed"
        time.sleep(0.001)
    time.sleep(rng.random() * 0.03)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    found = test_recorder.verify(run)
    assert not found, found
    info = test_recorder.read_run(run)
    assert info.status == "killed", info
    step = test_recorder.load(run, "last").state["training"]["step"]
    recorded = test_recorder.epochs(run)
    assert recorded == sorted(set(recorded)) and len(recorded) >= step // 2, (step, recorded[-5:])
print(step)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_run_is_never_called_damaged(quick_folder):
    run = quick_folder / "run"
    with start(run) as recorder:
        train(recorder, range(1, 3))
    done = subprocess.run(
        [sys.executable, "-c", KILL_RUNS, str(run), str(Path(__file__).parents[2])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) >= 40
