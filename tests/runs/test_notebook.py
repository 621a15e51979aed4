"""A run in a notebook: finished, without results, forged."""

from __future__ import annotations

from pathlib import Path

from axone.runs.events import EventLog
from axone.runs.notebook import render_run
from axone.runs.status import RunInfo
from tests.figures.test_html import EVIL, Reader


def write_epochs(folder: Path, losses: list[object]) -> None:
    log = EventLog(folder / "events.jsonl")
    for epoch, loss in enumerate(losses, 1):
        log.append("epoch", epoch=epoch, train={"loss": loss}, validation={"loss": loss})
    log.close()


def test_a_finished_run_has_results_and_a_curve(tmp_path: Path) -> None:
    write_epochs(tmp_path, [2.0, 1.0])
    done = {
        "seconds": 3.0,
        "parameters": 1234,
        "validation": {"accuracy": 0.5},
        "test": {"accuracy": 0.25, "loss": 1.0},
    }
    text = render_run(RunInfo(tmp_path, "cnn", "kept", "finished", done=done))
    page = Reader(text)
    for part in ("cnn kept", "epochs: 2", "parameters: 1,234", "50.00", "25.00", "training", str(tmp_path)):
        assert part in " ".join(page.words), part
    assert page.tags.count("path") == 2 and page.tags.count("tr") == 3


def test_a_run_that_failed_says_why(tmp_path: Path) -> None:
    page = Reader(render_run(RunInfo(tmp_path, "cnn", "kept", "failed", reason="the disk is full")))
    assert "the disk is full" in page.words and "svg" not in page.tags and "table" not in page.tags


def test_forged_files_do_no_harm(tmp_path: Path) -> None:
    write_epochs(tmp_path, [EVIL, [], None, 1.0])
    for done in ({"seconds": EVIL, "parameters": [], "test": {EVIL: EVIL, "loss": None}}, {"test": EVIL}):
        page = Reader(render_run(RunInfo(tmp_path, EVIL, EVIL, "damaged", done=done, reason=EVIL)))
        assert "script" not in page.tags and not page.addresses
