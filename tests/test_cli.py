"""The command line from the user's side: what is printed, to which stream, and the exit code, also after errors."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest

from axone import catalogue, cli
from axone.commands.parsing.verbs import VERBS
from axone.engine.machine import device as devices
from tests.helpers.runs.trainings import QUICK, quick, shapes

# What `train`, `resume` and `evaluate` print with --json has at least these.
RESULTS = {
    "run",
    "system",
    "data",
    "seed",
    "epochs",
    "steps",
    "seconds",
    "validation",
    "test",
    "parameters",
    "device",
    "precision",
    "weights_sha256",
}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Each test in a folder of its own, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """A finished run, for tests that only read it."""
    return quick(data, tmp_path_factory.mktemp("runs"), name="kept").path


@pytest.fixture
def axone(capsys):
    """Type a command; returns its exit code, standard output and standard error."""

    def type_(*words, code=None):
        exit_code = cli.main([str(word) for word in words])
        printed = capsys.readouterr()
        if code is not None:
            assert exit_code == code, printed.err
        assert "Traceback" not in printed.err + printed.out
        return exit_code, printed.out, printed.err

    return type_


def last_line(out):
    assert out.endswith("\n")
    return json.loads(out.splitlines()[-1])


def train_words(data, **changes):
    values = {**QUICK, "data": data, **changes}
    return ["train", "cnn", *(f"{k}={','.join(map(str, v)) if isinstance(v, tuple) else v}" for k, v in values.items())]


# Usage: exit code 2, and a way out.


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("trian cnn", ["no command 'trian'", "Did you mean 'train'", "axone --help"]),
        ("--verison", ["no command '--verison'"]),
        ("train", ["usage: axone train SYSTEM|FILE.py", "axone train --help"]),
        ("train --epochs 2 cnn", ["usage: axone train SYSTEM|FILE.py"]),
        ("train cn", ["no system 'cn'", "Did you mean 'cnn'", "axone list"]),
        ("train ./none.py", ["no file './none.py'", "axone new none"]),
        ("train cnn --epohcs 3", ["no setting '--epohcs'", "Did you mean 'epochs'"]),
        ("train cnn learing_rate=3", ["no setting 'learing_rate'", "Did you mean 'learning_rate'"]),
        ("train cnn --epochs", ["--epochs needs a value", "a whole number"]),
        ("train cnn --config", ["--config needs a value"]),
        ("train cnn stray", ["'stray' is not a setting", "--name VALUE or name=VALUE"]),
        ("train cnn --epochs three", ["epochs cannot be 'three'", "a whole number, 1 to"]),
        ("train cnn --epochs 2.5", ["epochs cannot be '2.5'"]),
        ("train cnn --epochs 0", ["epochs cannot be '0'", "1 to"]),
        ("train cnn --batch-size -1", ["batch_size cannot be '-1'"]),
        ("train cnn --batch-size 1000000000", ["batch_size cannot be"]),
        ("train cnn --learning-rate -1", ["learning_rate cannot be '-1.0'", "above 0"]),
        ("train cnn --learning-rate nan", ["learning_rate cannot be 'nan'"]),
        ("train cnn --learning-rate inf", ["learning_rate cannot be 'inf'"]),
        ("train cnn --validation 1.5", ["validation cannot be '1.5'"]),
        ("train cnn --dropout 1.5", ["dropout cannot be '1.5'", "below 1"]),
        ("train cnn --padding sme", ["padding cannot be 'sme'", "valid, same"]),
        ("train cnn --channels 8,x", ["channels cannot be '8,x'"]),
        ("train cnn --channels ,", ["channels cannot be"]),
        ("train cnn --device gpu", ["device cannot be 'gpu'"]),
        ("train cnn --preset dfault", ["no preset 'dfault'", "Did you mean 'default'"]),
        ("train cnn --config none.toml", ["no settings file 'none.toml'"]),
        ("list --language xx", ["no language 'xx'", "en, fr"]),
        ("list extra", ["usage: axone list"]),
        ("list --jsn", ["no flag --jsn", "Did you mean '--json'"]),
        ("predict last", ["usage: axone predict RUN INPUT..."]),
        ("predict --topp 3 last x.png", ["no flag --topp", "Did you mean '--top'"]),
        ("predict last x.png --top 0", ["--top cannot be '0'", "at least 1"]),
        ("predict last x.png --top x", ["--top cannot be 'x'"]),
        ("data fetch fashion-mnist", ["usage: axone data [FILE | get NAME | clear]"]),
        ("graph cnn --input 3xx3", ["--input cannot be '3xx3'", "3x224x224"]),
        ("graph cnn --input 1x0x9", ["--input cannot be '1x0x9'"]),
        ("graph cnn --classes 0", ["--classes cannot be '0'"]),
        ("graph cnn --padding valid --input 1x5x5", ["needs at least 3x3"]),
        ("graph cnn --svg nowhere/graph.svg", ["no folder 'nowhere'"]),
        ("graph cnn --source nowhere/network.py", ["no folder 'nowhere'"]),
        ("graph none.json", ["no graph file 'none.json'"]),
        ("new 1st", ["not a valid name for a file", "my_system"]),
        ("new class", ["not a valid name for a file"]),
        ("new ../evil", ["not a valid name for a file"]),
        ("new torch", ["name of a Python module", "axone new my_torch"]),
    ],
)
def test_usage_errors_are_explained(axone, place, line, parts):
    _code, out, error = axone(*line.split(), code=2)
    assert out == ""
    for part in parts:
        assert part in error
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"epochs = = 3", ["settings.toml", "line 1"]),
        (b"epochs = 1\nepochs = 2", ["settings.toml"]),
        (b"epohcs = 3", ["no setting 'epohcs'", "Did you mean 'epochs'"]),
        (b'epochs = "three"', ["epochs cannot be 'three'"]),
        (b"learning_rate = true", ["learning_rate cannot be 'True'"]),
        (b"epochs = 2.0", ["epochs cannot be '2.0'"]),
        (b"epochs = -3", ["epochs cannot be '-3'"]),
        (bytes(range(256)), ["settings.toml"]),
        (b"x" * 60_000_000, ["too large"]),
        (b"[train]\nepochs = 3", ["no setting 'train'"]),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_a_bad_settings_file_is_explained(axone, place, content, parts):
    (place / "settings.toml").write_bytes(content)
    _code, _out, error = axone("train", "cnn", "--config", "settings.toml", code=2)
    for part in parts:
        assert part in error


def test_a_command_without_words_prints_the_help_and_fails(axone):
    _code, out, _error = axone(code=2)
    assert out == axone("--help", code=0)[1] and "usage: axone COMMAND" in out


def test_an_error_is_an_object_too_with_json(axone):
    _code, out, error = axone("train", "cnn", "--epohcs", "3", "--json", code=2)
    printed = last_line(out)
    assert printed["exit_code"] == 2 and "epohcs" in printed["error"] and printed["error"] in error


def test_a_thousand_settings_are_answered_at_once(axone):
    axone("train", "cnn", *["--epochs", "2"] * 1000, "--kernl-size", "x" * 1_000_000, code=2)


# Data: exit code 3.


def test_folders_that_cannot_be_trained_on(axone, place, data):
    (place / "empty").mkdir()
    shutil.copytree(data / "bar", place / "flat")
    shapes(place / "single", classes=("bar",), each=3)
    (place / "file.txt").write_text("x")
    for folder, message in (
        ("nowhere", "no folder 'nowhere'"),
        ("empty", "'empty' is empty"),
        ("flat", "'flat' has no class folders"),
        ("single", "only one class: bar"),
        ("file.txt", "'file.txt' is a file"),
    ):
        _code, _out, error = axone("train", "cnn", "--data", folder, code=3)
        assert message in error
    assert "a folder for each class" in error
    runs = last_line(axone("runs", "--json", code=0)[1])["runs"]  # a failure to read the data is visible in the list
    assert [run["status"] for run in runs] == ["failed"] * 5 and "no folder 'nowhere'" in runs[0]["reason"]


def test_known_sets_are_suggested(axone):
    _code, _out, error = axone("train", "cnn", "--data", "fashion-mnst", code=3)
    assert "Did you mean 'fashion-mnist'" in error


# Resources: exit code 5.


def test_a_device_that_is_not_there(axone, data, monkeypatch, place):
    monkeypatch.setattr(devices, "available_devices", lambda: ["cpu"])
    for wanted in ("cuda", "cuda:1", "mps"):
        _code, _out, error = axone(*train_words(data, device=wanted), code=5)
        assert f"no device '{wanted}'" in error and "devices here: cpu" in error and "--device cpu" in error
    monkeypatch.setattr(devices, "available_devices", lambda: ["cpu", "cuda:0"])
    assert "devices here: cpu, cuda:0" in axone(*train_words(data, device="cuda:1"), code=5)[2]
    assert not (place / "runs").exists()


# Training.


def test_train_prints_lines_for_people_and_an_object_for_programs(axone, data, place):
    words = [*train_words(data), "--name", "mine", "--json"]
    _code, out, error = axone(*words, code=0)
    assert len(out.splitlines()) == 1
    printed = last_line(out)
    assert printed.keys() >= RESULTS
    assert printed["run"] == str(Path("runs/cnn/mine")) and printed["epochs"] == 8 and printed["device"] == "cpu"
    assert printed["data"] == str(data) and len(printed["weights_sha256"]) == 64
    lines = error.splitlines()
    assert lines[0] == f"run: {Path('runs/cnn/mine')}"  # before anything else
    assert [line.split()[1] for line in lines if line.startswith("epoch ")] == [f"{n}/8" for n in range(1, 9)]
    assert "3 classes" in error and (place / "runs/cnn/mine/report.html").resolve().as_uri() in error

    again = last_line(axone("evaluate", "mine", "--json", code=0)[1])
    assert again.keys() >= RESULTS
    assert again["test"] == printed["test"] and again["validation"] == printed["validation"]


def test_every_way_to_write_a_setting_is_the_same(axone, data):
    (Path.cwd() / "two.toml").write_text("epochs = 2\nseed = 9\n")
    ways = (["--epochs", "2"], ["--epochs=2"], ["epochs=2"], ["--config", "two.toml", "--seed", "0"])
    result = {
        last_line(axone(*train_words(data), *way, "--json", code=0)[1])["weights_sha256"] if "--config" not in way else
        last_line(axone(*[w for w in train_words(data) if not w.startswith("epochs")], *way, "--json", code=0)[1])[
            "weights_sha256"
        ]
        for way in ways
    }  # fmt: skip
    assert len(result) == 1


def test_evaluate_of_a_stopped_run_reports_its_progress(axone, data, place):
    from axone.engine.interrupt import StopFlag
    from axone.errors import Stopped

    class Epochs(StopFlag):
        def __call__(self, event):
            if event["kind"] == "epoch" and event["epoch"] == 2:
                self.request("test")

    flag = Epochs()
    with pytest.raises(Stopped):
        quick(data, place / "runs", name="half", listener=flag, stop=flag)
    printed = last_line(axone("evaluate", "half", "--json", code=0)[1])
    assert printed.keys() >= RESULTS
    assert printed["epochs"] == 2 and printed["steps"] == 11 and printed["parameters"] == 859
    _code, out, _error = axone("runs", code=0)
    assert "half" in out and "stopped" in out


# Predictions.


def bomb():
    """A PNG of some 10 kB and 81 million pixels."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = zlib.compress(bytes((9000 // 8 + 1) * 9000), 9)
    header = struct.pack(">IIBBBBB", 9000, 9000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_bad_files_are_named_and_good_ones_answered(axone, finished, data, place):
    from PIL import Image

    good = data / "square" / "00.png"
    (place / "text.png").write_text("<html>not an image</html>")
    Image.open(good).resize((64, 64)).save(place / "whole.jpg")
    (place / "cut.jpg").write_bytes((place / "whole.jpg").read_bytes()[:-400])
    (place / "bomb.png").write_bytes(bomb())
    assert (place / "bomb.png").stat().st_size < 12_000
    (place / "none.png").write_bytes(b"")
    bad = ["text.png", "cut.jpg", "bomb.png", "none.png", "missing.png"]
    _code, out, error = axone("predict", finished, good, *bad, place / "whole.jpg", code=3)
    assert [line.split(":")[0] for line in out.splitlines()] == [str(good), str(place / "whole.jpg")]
    assert "square" in out.splitlines()[0]
    for name in bad:
        assert f"'{name}' cannot be used" in error
    assert "5 inputs could not be used" in error
    printed = last_line(axone("predict", finished, good, *bad, "--json", code=3)[1])
    assert [("error" in row, row["input"]) for row in printed["predictions"]] == [
        (False, str(good)),
        *((True, n) for n in bad),
    ]


def test_predict_takes_folders_and_a_list_on_standard_input(axone, finished, data, monkeypatch):
    expected = axone("predict", finished, data / "bar", code=0)[1].splitlines()
    assert len(expected) == 40 and all(line.startswith(str(data / "bar")) for line in expected)
    names = "".join(f"{path}\n" for path in sorted((data / "bar").iterdir()))
    monkeypatch.setattr(sys, "stdin", io.StringIO(names + "\n"))
    assert axone("predict", finished, "-", code=0)[1].splitlines() == expected
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert "There is no input" in axone("predict", finished, "-", code=2)[2]


def test_top_prints_the_most_probable_classes_in_order(axone, finished, data):
    image = data / "cross" / "01.png"
    line = axone("predict", finished, image, "--top", "2", code=0)[1]
    assert line.count("%") == 2 and line.split(": ")[1].startswith("cross ")
    printed = last_line(axone("predict", finished, image, "--top", "9", "--json", code=0)[1])
    row = printed["predictions"][0]
    assert len(row["top"]) == 3 and row["top"][0] == [row["label"], row["probability"]]
    probabilities = [rng for _name, rng in row["top"]]
    assert probabilities == sorted(probabilities, reverse=True) and sum(probabilities) == pytest.approx(1, abs=1e-5)


def test_evaluate_on_data_of_other_classes(axone, finished, place):
    shapes(place / "two", each=6, classes=("bar", "cross"))
    assert "These data have no images of these classes: square." in axone("evaluate", finished, "--data", "two")[2]
    (place / "two" / "bar").rename(place / "two" / "unknown")
    (place / "two" / "cross").rename(place / "two" / "strange")
    assert "unknown" in axone("evaluate", finished, "--data", "two", code=3)[2]


@pytest.mark.parametrize("verb", ["resume", "evaluate", "report", "predict"])
def test_a_run_that_is_not_there(axone, finished, verb):
    words = ["x.png"] if verb == "predict" else []
    _code, _out, error = axone(verb, "kep", *words, "--runs-folder", finished.parent.parent / "none", code=4)
    assert "no run 'kep'" in error
    _code, _out, error = axone(verb, "kpet", *words, "--runs-folder", finished.parent.parent, code=4)
    assert "Did you mean 'kept'" in error or "Did you mean 'cnn/kept'" in error


# Reports, lists and graphs.


def test_report_is_written_again(axone, finished, place):
    run = Path(shutil.copytree(finished, place / "run"))
    (run / "report.html").unlink()
    printed = last_line(axone("report", run, "--json", code=0)[1])
    assert Path(printed["report"]) == (run / "report.html").resolve() and (run / "report.html").is_file()


def test_runs_lists_damaged_runs_with_the_others(axone, finished, place):
    assert "no runs in 'runs' yet" in axone("runs", code=0)[2]
    shutil.copytree(finished, place / "runs" / "cnn" / "good")
    broken = Path(shutil.copytree(finished, place / "runs" / "cnn" / "broken"))
    (broken / "facts.json").write_text("{")
    _code, out, _error = axone("runs", code=0)
    lines = {line.split()[0].rsplit(os.sep, 1)[1]: line for line in out.splitlines()}
    assert "finished" in lines["good"] and "accuracy" in lines["good"]
    assert "damaged" in lines["broken"] and "facts.json" in lines["broken"]
    printed = last_line(axone("runs", "--json", code=0)[1])
    assert {Path(run["run"]).name: run["status"] for run in printed["runs"]} == {
        "good": "finished",
        "broken": "damaged",
    }


def test_follow_prints_the_events_of_a_run_until_it_ends(axone, finished):
    _code, out, error = axone("runs", "--follow", finished, code=0)
    lines = out.splitlines()
    assert error == "" and lines[0] == f"run: {finished}" and lines[-1].startswith("finished  ")
    assert [line.split()[1] for line in lines if line.startswith("epoch ")] == [f"{n}/8" for n in range(1, 9)]
    _code, out, error = axone("runs", "--follow", finished, "--json", code=0)
    kinds = [json.loads(line)["kind"] for line in out.splitlines()]
    assert kinds.count("epoch") == 8 and error == ""
    assert "no run 'nowhere'" in axone("runs", "--follow", "nowhere", code=4)[2]


def test_follow_ignores_events_that_axone_does_not_write(axone, finished, place):
    run = Path(shutil.copytree(finished, place / "run"))
    (run / "events.jsonl").write_text('{"kind": "epoch"}\n{"kind": "data", "notes": 3}\n{"kind": "__init__"}\n')
    (run / "settings.toml").write_text('epochs = "three"\n')
    assert "damaged" in axone("runs", "--follow", run, code=0)[1]


def test_only_a_run_in_training_can_be_stopped(axone, finished):
    assert "not being trained" in axone("stop", finished, code=4)[2]
    assert not (finished / "stop.request").exists()


def test_list_and_data_and_check(axone):
    _code, out, _error = axone("list", code=0)
    assert "\ncnn  " in out and "convolutional" in out
    assert [system["name"] for system in last_line(axone("list", "--json", code=0)[1])["systems"]] == [
        system.name for system in catalogue.list_systems()
    ]
    _code, out, _error = axone("data", code=0)
    assert out.startswith("fashion-mnist") and "license: MIT" in out
    printed = last_line(axone("data", "--json", code=0)[1])["datasets"][0]
    assert printed["name"] == "fashion-mnist" and printed["kind"] in ("cache", "system", "subset", "missing")
    assert "Did you mean 'fashion-mnist'" in axone("data", "get", "fashion", code=3)[2]
    printed = last_line(axone("check", "--json", code=0)[1])
    assert printed["devices"][0] == "cpu" and printed["threads"] >= 1
    assert {"torch", "python", "processor", "features", "precision", "device", "memory_gigabytes"} <= printed.keys()
    out = axone("check", code=0)[1]
    assert printed["torch"] in out and printed["processor"] in out


def test_data_shows_how_the_columns_of_a_file_are_read(axone, tmp_path):
    path = tmp_path / "rents.tsv"
    path.write_text("area\trent\tzip\n91.1\t1,293\t01067\n80.5\t440\t10115\n75\t\t10115\n")
    out = axone("data", str(path), code=0)[1]
    assert "rents.tsv: 3 rows, 3 columns." in out and "1,293 -> 1293  (2 different, 1 missing)" in out
    flag = "rent=number:1.234,56"
    assert f"--columns {flag}" in out and "leading zeros" in out
    columns = last_line(axone("data", str(path), "--columns", flag, "--json", code=0)[1])["columns"]
    assert [column["kind"] for column in columns] == ["number", "number", "category"]
    assert columns[1]["value"] == "1.293" and columns[1]["notation"] == {"decimal": ","}
    assert "no file" in axone("data", str(tmp_path / "other.csv"), code=3)[2]
    assert "usage" in axone("data", "other", code=2)[2]


def test_graph_shows_the_courses_network(axone, finished, place):
    _code, out, _error = axone("graph", "cnn", code=0)
    assert "225,034 parameters" in out
    printed = last_line(axone("graph", "cnn", "--json", code=0)[1])
    assert printed["parameters"] == 225_034 and printed["nodes"][1]["shape"] == [32, 26, 26]
    printed = last_line(axone("graph", "cnn", "--input", "3x64x64", "--classes", "7", "--json", code=0)[1])
    assert printed["nodes"][0]["shape"] == [3, 64, 64] and printed["nodes"][-1]["shape"] == [7]
    printed = last_line(axone("graph", finished, "--json", code=0)[1])
    assert printed["parameters"] == 859
    assert last_line(axone("graph", finished / "graph.json", "--json", code=0)[1])["parameters"] == 859
    axone("graph", "cnn", "--svg", "cnn.svg", code=0)
    assert (place / "cnn.svg").read_text().startswith("<svg")
    axone("graph", finished, "--source", "network.py", code=0)
    assert "class Network(nn.Module):" in (place / "network.py").read_text()
    assert "--epochs does not apply" in axone("graph", finished, "--epochs", "3", code=2)[2]


@pytest.mark.parametrize("content", ["{", "[]", "null", '{"network": 3}', "[" * 100_000, '{"nodes": [{"kind": "os"}]}'])
def test_files_that_are_not_graphs_are_errors(axone, place, content):
    (place / "graph.json").write_text(content)
    code, _out, error = axone("graph", "graph.json")
    assert code in (2, 3) and "bug" not in error


def test_help_of_a_system_lists_its_settings(axone):
    _code, out, _error = axone("train", "cnn", "--help", code=0)
    assert "--kernel-size INTEGER" in out and "(1 to 31) [3]" in out and "--padding valid|same" in out
    assert "presets (--preset NAME)" in out and "fast" in out
    for verb in VERBS:
        assert f"usage: axone {verb}" in axone(verb, "--help", code=0)[1]


def test_new_writes_a_file_that_trains_and_never_overwrites(axone, place):
    axone("new", "my_system", code=0)
    first = (place / "my_system.py").read_text()
    assert "my_system" in first
    (place / "my_system.py").write_text(first + "# mine\n")
    assert "already exists" in axone("new", "my_system", code=2)[2]
    assert (place / "my_system.py").read_text().endswith("# mine\n")
    printed = last_line(axone("train", "./my_system.py", "--epochs", "2", "--threads", "1", "--json", code=0)[1])
    assert printed["system"] == "my_system" and printed["epochs"] == 2
    assert "1,218 parameters" in axone("graph", "./my_system.py", code=0)[1]


def test_every_verb_works_with_the_file_of_new(axone, place):
    axone("new", "spirals", code=0)
    own = ["--system", "./spirals.py"]
    error = axone("train", "./spirals.py", "--epochs", "1", "--threads", "1", "--name", "run", code=0)[2]
    assert "use it: axone predict" in error and "spirals.py" in error
    printed = last_line(axone("evaluate", "run", *own, "--json", code=0)[1])
    assert 0 < printed["test"]["accuracy"] <= 1
    assert last_line(axone("resume", "run", "epochs=2", *own, "--json", code=0)[1])["epochs"] == 2
    out, error = axone("predict", "run", "0.3,0.1", "x,y", "0,-0.5", *own, code=3)[1:]
    assert [line.split(": ")[0] for line in out.splitlines()] == ["0.3,0.1", "0,-0.5"]
    assert "'x,y' is not a point" in error
    assert "1,218 parameters" in axone("graph", "run", *own, code=0)[1]
    axone("report", "run", code=0)


def test_the_learner_of_the_document_on_own_systems_trains():
    import torch

    from axone.data.stream import IndexedStream
    from axone.engine.experiment import Experiment
    from axone.engine.learner import Learner
    from axone.engine.loop import fit
    from axone.engine.optimization.optimizer import Optimizer
    from axone.engine.recorder import MemoryRecorder
    from axone.settings import Settings

    class Rows(IndexedStream):
        index_device = torch.device("cpu")
        rows = torch.randn(64, 3)

        def read_batch(self, index, epoch, number):
            return self.rows[index]

        def to(self, device):
            return self

    page = (Path(__file__).parents[1] / "docs" / "your-own-system.md").read_text()
    start = page.index("    class Autoencoder(Learner):")
    code = textwrap.dedent(page[start : page.index("The engine is responsible")])
    names = {"Learner": Learner, "Optimizer": Optimizer, "mse_loss": torch.nn.functional.mse_loss}
    exec(code, names)
    settings = Settings(learning_rate=0.01, epochs=20)
    rows = Rows(torch.arange(64), batch_size=16)
    experiment = Experiment(names["Autoencoder"](torch.nn.Linear(3, 3), settings), train=rows, validation=rows)
    history = fit(experiment, settings, MemoryRecorder()).progress.history
    assert history[-1]["validation"]["loss"] < history[0]["train"]["loss"]


def test_the_language_can_be_chosen(axone):
    english, french = axone("--help", "--language", "en")[1], axone("--help", "--language", "fr")[1]
    names = [
        [line.split()[0] for line in page.splitlines() if re.match("  [a-z-]", line)] for page in (english, french)
    ]
    assert english != french and names[0] == names[1] and {"train", "--json"} <= set(names[0])
    assert axone("list", "--language=fr", code=0)[0] == 0


def test_flags_may_stand_before_the_verb(axone):
    code, out, _err = axone("--language", "fr", "list")
    assert code == 0 and "cnn" in out
    assert axone("--language=fr")[0] == 2


def test_an_error_of_the_package_is_reported_as_one(axone, monkeypatch):
    from axone.commands import list as list_command

    monkeypatch.setattr(list_command, "execute", lambda options: 1 / 0)
    code, _out, error = axone("list")
    assert code == 1 and "bug of Axone: ZeroDivisionError" in error and "--debug" in error


def test_debug_shows_the_traceback(capsys):
    assert cli.main(["train", "cn", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


# In real processes: what a test in one process cannot see.

WATCHED = """
import sys
from axone.cli import main
code = main(sys.argv[1:])
heavy = sorted({"torch", "numpy", "PIL", "matplotlib", "safetensors"} & sys.modules.keys())
print("loaded:", ",".join(heavy), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "line", ["--help", "list", "train --help", "train cnn --help", "train cnn --epohcs 3", "trian", "list --json"]
)
def test_answered_without_torch(line):
    done = subprocess.run([sys.executable, "-c", WATCHED, *line.split()], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "loaded: "


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise on Windows")
def test_a_reader_that_goes_away_is_no_error():
    for words in (["--help"], ["list", "--json"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "axone", *words], stdout=writing, stderr=subprocess.PIPE, text=True
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise on Windows")
def test_training_continues_when_its_output_is_closed(data, place):
    reading, writing = os.pipe()
    os.close(reading)
    words = [*train_words(data, epochs=2), "--name", "unseen"]
    done = subprocess.run([sys.executable, "-m", "axone", *words], stdout=subprocess.PIPE, stderr=writing)
    os.close(writing)
    assert done.returncode == 0
    assert (place / "runs" / "cnn" / "unseen" / "done.json").is_file()


def test_a_poor_terminal_is_no_error(place):
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
        "PYTHONUTF8": "0",
        "TERM": "dumb",
        "COLUMNS": "20",
    }
    for words in (
        ["--help", "--language", "fr"],
        ["train", "cnn", "--data", "caf\u00e9"],
        ["list", "--language", "fr"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "axone", *words], capture_output=True, text=True, env=environment, errors="replace"
        )
        assert done.returncode in (0, 2, 3) and "Traceback" not in done.stderr and "bug" not in done.stderr, done.stderr
