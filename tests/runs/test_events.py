from __future__ import annotations

import csv
import json
import math
import os

import pytest

from axone.errors import ResourceError
from axone.runs import events as module
from axone.runs.events import EventLog, read_events, write_csv


def test_events_are_read_in_order(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    log.append("start", system="cnn")
    log.append("epoch", epoch=1, train={"loss": 0.5}, note="é ☃ \ud800 \u2028")
    log.close()
    contents = read_events(tmp_path / "events.jsonl")
    assert [event["kind"] for event in contents.events] == ["start", "epoch"]
    assert contents.events[1]["train"] == {"loss": 0.5}
    assert contents.dropped == 0 and contents.end == (tmp_path / "events.jsonl").stat().st_size


def test_numbers_that_are_not_finite_become_null_and_are_named(tmp_path):
    log = EventLog(tmp_path / "e")
    log.append("step", loss=math.nan, train={"a": math.inf, "b": 1.0}, rates=[1.0, -math.inf])
    line = (tmp_path / "e").read_text()
    event = json.loads(line, parse_constant=lambda name: pytest.fail(name))
    assert event["loss"] is None and event["train"] == {"a": None, "b": 1.0} and event["rates"] == [1.0, None]
    assert event["non_finite"] == ["loss", "train.a", "rates.1"]


def test_scalars_of_numpy_and_torch_are_plain_numbers(tmp_path):
    numpy, torch = pytest.importorskip("numpy"), pytest.importorskip("torch")
    log = EventLog(tmp_path / "e")
    log.append("step", a=numpy.float32(0.5), b=torch.tensor(3), c=torch.tensor(math.nan), d=numpy.bool_(True))
    event = read_events(tmp_path / "e").events[0]
    assert (event["a"], event["b"], event["c"], event["d"]) == (0.5, 3, None, True)


@pytest.mark.parametrize(
    ("tail", "dropped"),
    [
        (b'{"kind": "step", "st', 1),
        (b"\0" * 5000, 1),
        (b'not json\n[1]\n{}\n{"kind": 3}\n\xff\xfe\n', 5),
        (b'{"kind":' * 100_000 + b"\n", 1),
        (b"[" * 2_500_000 + b"\n", 1),
        (b"", 0),
    ],
)
def test_lines_that_are_no_events_are_dropped_and_counted(tmp_path, tail, dropped):
    good = b'{"kind": "a"}\n{"kind": "b", "loss": NaN}\n'
    (tmp_path / "e").write_bytes(good + tail)
    contents = read_events(tmp_path / "e")
    assert [event["kind"] for event in contents.events] == ["a", "b"] and contents.dropped == dropped
    assert contents.events[1]["loss"] is None
    if tail.endswith(b"\n"):
        assert contents.end == len(good + tail)
    EventLog(tmp_path / "e").append("c")
    assert [event["kind"] for event in read_events(tmp_path / "e").events] == ["a", "b", "c"]


def test_opening_removes_an_incomplete_line(tmp_path):
    (tmp_path / "e").write_bytes(b'{"kind": "a"}\n{"kind": "b"')
    log = EventLog(tmp_path / "e")
    log.append("c")
    assert read_events(tmp_path / "e") == ([{"kind": "a"}, read_events(tmp_path / "e").events[1]], 0, log.size)


def test_missing_file_has_no_events(tmp_path):
    assert read_events(tmp_path / "none") == ([], 0, 0)


def test_following_a_growing_file(tmp_path):
    log = EventLog(tmp_path / "e")
    end, seen = 0, []
    for number in range(5):
        log.append("step", step=number)
        with (tmp_path / "e").open("ab") as file:  # half of the next line is there already
            file.write(b'{"kin')
        contents = read_events(tmp_path / "e", start=end)
        seen += [event["step"] for event in contents.events]
        end = contents.end
        os.truncate(tmp_path / "e", log.size)
    assert seen == [0, 1, 2, 3, 4]


def test_rewind_drops_later_events_and_keeps_lasting_ones(tmp_path):
    log = EventLog(tmp_path / "e")
    log.append("start")
    log.append("epoch", epoch=1, step=10)
    position = log.sync()
    log.append("epoch", epoch=2, step=20)
    log.append("stop", step=25)
    log.append("step", step=25)
    dropped = log.rewind(position)
    log.append("epoch", epoch=2, step=20)
    assert [event["kind"] for event in dropped] == ["epoch", "step"]
    assert [event["kind"] for event in read_events(tmp_path / "e").events] == ["start", "epoch", "stop", "epoch"]
    assert log.rewind(10**9) == []


def test_a_full_disk_leaves_complete_lines(tmp_path, monkeypatch):
    log = EventLog(tmp_path / "e")
    log.append("a")

    def half(descriptor, data):
        real(descriptor, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    real = os.write
    monkeypatch.setattr(module.os, "write", half)
    with pytest.raises(ResourceError, match="disk full"):
        log.append("b")
    monkeypatch.undo()
    log.append("c")
    assert [event["kind"] for event in read_events(tmp_path / "e").events] == ["a", "c"]


def test_the_csv_file_has_a_row_per_epoch_and_a_column_per_metric(tmp_path):
    events = [
        {"kind": "step", "step": 3},
        {"kind": "epoch", "time": 1.0, "epoch": 1, "step": 10, "seconds": 2.5, "learning_rate": 0.001,
         "train": {"loss": 0.5}, "validation": {"accuracy": 0.9}, "best": True},
        {"kind": "epoch", "epoch": 2, "step": 20, "train": {"loss": None, "=cmd": "=1+1"}, "validation": {}},
    ]  # fmt: skip
    write_csv(events, tmp_path / "metrics.csv")
    rows = list(csv.reader((tmp_path / "metrics.csv").open(newline="")))
    assert rows[0] == ["epoch", "step", "seconds", "learning_rate", "train_loss", "train_=cmd", "validation_accuracy",
                       "best"]  # fmt: skip
    assert rows[1] == ["1", "10", "2.5", "0.001", "0.5", "", "0.9", "True"]
    assert rows[2] == ["2", "20", "", "", "", "'=1+1", "", ""]


def test_the_csv_file_of_a_run_without_epochs_has_a_header(tmp_path):
    write_csv([], tmp_path / "metrics.csv")
    assert (tmp_path / "metrics.csv").read_text() == "epoch,step,seconds,learning_rate\n"
