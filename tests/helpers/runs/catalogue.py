"""Checks that the run of any system must pass: it resumes to the same bits, and every verb that it offers works."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import axone
from axone.cli import main
from axone.use import Run

TINY = {"threads": 1, "device": "cpu", "schedule": "constant", "seed": 1}


def check_resume(system: str, runs_folder: Path, **settings: Any) -> Run:
    """Train for two epochs, and for one epoch and another one after resuming; compare the weights."""
    options = {**TINY, **settings}
    whole = axone.train(system, runs_folder=runs_folder, epochs=2, **options)
    part = axone.train(system, runs_folder=runs_folder, epochs=1, **options)
    resumed = axone.resume(part.path, epochs=2)
    assert resumed.results["weights_sha256"] == whole.results["weights_sha256"]
    assert resumed.results["test"] == whole.results["test"]
    return whole


def check_predictions(run: Run, inputs: Sequence[Any], capsys: Any) -> None:
    """Predict together, one at a time, and from the command line; evaluate; the answers must agree.

    Args:
        run: A finished run.
        inputs: What can also be typed on the command line: paths of files, or rows as text.
        capsys: The fixture of pytest.
    """
    together = run.predict(list(inputs))
    single = [run.predict(source) for source in inputs]
    single = [answer[0] if isinstance(answer, list) else answer for answer in single]
    assert [answer.text() for answer in together] == [answer.text() for answer in single]
    assert run.evaluate() == {name: run.results[name] for name in ("validation", "test")}
    capsys.readouterr()
    assert main(["predict", str(run.path), *map(str, inputs), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert [answer["label"] for answer in printed] == [answer.label for answer in together]
    assert main(["evaluate", str(run.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["test"] == run.results["test"]
