"""The display of a notebook: one output that is updated; and a notebook, executed."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import nbclient
import nbformat
import pytest

from axone.display.notebook import MOST_LINES, NotebookDisplay, is_in_notebook
from tests.display.test_display import STEP

CELLS = [
    "import axone\nrun = axone.train('perceptron', limit=60, epochs=3, threads=1, runs_folder=FOLDER)",
    "run",
    "run.predict({'age': 35, 'weight': 70})",
    "run.model",
    "axone.train('perceptron', limit=60, epochs=1, threads=1, verbose=False, runs_folder=FOLDER);",
    "_ = run.evaluate()",
]


class Outputs:
    """Stands for `IPython.display`: stores what is outputs, and what replaces it."""

    def __init__(self) -> None:
        self.bundles: list[dict[str, str]] = []
        self.handles = 0

    def display(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Outputs:
        assert raw and display_id
        self.handles += 1
        self.update(bundle, raw=raw)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.bundles.append(bundle)


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> Outputs:
    outputs = Outputs()
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=outputs.display))
    return outputs


def test_all_lines_are_in_one_output_and_the_live_line_is_replaced(outputs: Outputs) -> None:
    with NotebookDisplay() as display:
        display({"kind": "text", "text": "<b>one"})
        display(STEP)
        display.sent_at = float("-inf")
        display(STEP)
        assert "75%" in outputs.bundles[-1]["text/plain"]
        display({"kind": "text", "text": "two"})
        display.progress("testing")
    assert outputs.handles == 1
    assert outputs.bundles[-1]["text/plain"] == "<b>one\ntwo"
    assert "&lt;b&gt;one\ntwo" in outputs.bundles[-1]["text/html"]


def test_a_long_output_is_cut_in_its_middle(outputs: Outputs) -> None:
    with NotebookDisplay() as display:
        for number in range(3 * MOST_LINES):
            display.print_line(f"line {number}")
    lines = outputs.bundles[-1]["text/plain"].split("\n")
    assert len(lines) == MOST_LINES + 1 and lines[0] == "line 0" and lines[-1] == f"line {3 * MOST_LINES - 1}"
    assert "..." in lines


def test_this_program_is_no_notebook() -> None:
    assert not is_in_notebook()


def test_a_notebook_has_a_live_display_and_shows_objects(tmp_path) -> None:
    cells = [nbformat.v4.new_code_cell(f"FOLDER = {str(tmp_path)!r}\n" * (not number) + cell)
             for number, cell in enumerate(CELLS)]  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs: list[list[Any]] = [cell.outputs for cell in notebook.cells]
    (training,) = outputs[0]  # one output, however often it was updated
    text = training.data["text/plain"]
    assert text.startswith("run: ") and "epoch 3/3" in text and "test: " in text and "report: file://" in text
    assert "━" not in text and "text/html" in training.data
    for number, part in ((1, "validation"), (2, "%"), (3, "data:image/svg+xml")):
        assert part in outputs[number][0].data["text/html"], number
    assert outputs[4] == [] or "text/html" in outputs[4][0].data  # the run alone
    (evaluation,) = outputs[5]
    assert evaluation.data["text/plain"].startswith("validation: ")
