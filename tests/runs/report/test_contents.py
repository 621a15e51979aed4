from __future__ import annotations

import json
from typing import Any

import pytest

from axone.runs.report.contents import read_contents
from tests.helpers.runs.report_pages import read_page


def test_events_are_sorted_by_kind(finished):
    contents = read_contents(finished)
    assert (contents.status, contents.problems) == ("finished", [])
    assert len(contents.steps) == 12 and [event["epoch"] for event in contents.epochs] == [1, 2, 3]
    assert contents.best["epoch"] == 2 and contents.notes == ["60,000 images of 28 x 28"]
    assert {event["name"] for event in contents.figures} == {"kernels", "drawing"}
    assert [event["kind"] for event in contents.log] == ["start", "warning", "done"]
    assert contents.started == contents.log[0]["time"] and len(contents.graph["nodes"]) == 3


def test_a_table_replaces_the_earlier_one_of_its_name(stopped):
    with (stopped / "events.jsonl").open("a") as file:
        file.write(json.dumps({"kind": "table", "name": "classes", "columns": [], "rows": [[1]]}) + "\n")
    (table,) = read_contents(stopped).tables
    assert table["rows"] == [[1]]


@pytest.mark.parametrize(
    "name", ["settings.toml", "facts.json", "environment.json", "graph.json", "events.jsonl", "manifest.json",
             "done.json", "figures/kernels-0002.png", "figures/graph.svg"]
)  # fmt: skip
@pytest.mark.parametrize("content", [None, b"\x00\xff{not this", b"[1, 2]", b'{"nodes": 3, "kind": 5}\n'])
def test_any_damaged_file_is_named(finished, name, content):
    folder = finished
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    text, page = read_page(folder)
    assert ">damaged</span>" in text and "Missing or damaged" in page.text and name in page.text


def test_odd_events_are_left_out(stopped):
    folder = stopped
    odd: list[Any] = [None, True, "x", -1, 1e308, -1e308, 1e-320, 10**400, [], [[]], {}, {"a": [None]}, "\ud800"]
    keys = ("time", "step", "epoch", "batch", "loss", "train", "validation", "notes", "name", "title",
            "file", "columns", "rows", "text", "reason", "best", "caption", "learning_rate", "seconds")  # fmt: skip
    kinds = (
        "start",
        "data",
        "step",
        "epoch",
        "figure",
        "table",
        "warning",
        "resume",
        "rollback",
        "early_stop",
        "stop",
    )
    lines = []
    for kind in kinds:
        for value in odd:
            lines += [
                {"kind": kind, **dict.fromkeys(keys, value)},
                {"kind": kind, "step": 2, "epoch": 1, "loss": value},
            ]
            lines.append(
                {"kind": kind, "epoch": 1, "step": 4, "train": {"loss": value, "": value}, "rows": [value, [value]]}
            )
    with (folder / "events.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        file.write('not json\n{"kind": "epoch", "epo')
    text, page = read_page(folder)
    assert "lines of events.jsonl are damaged" in page.text and ">nan<" not in text and ">inf<" not in text
