"""The report's section of commands: what can be done with the run, ready to copy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axone.figures.text import clean_text
from axone.messages import _
from axone.runs.report.contents import RunContents
from axone.runs.report.elements import render_command


def render_commands(contents: RunContents) -> str:
    """Return the commands that continue from this run, and the same in Python."""
    run = _typed_path(contents.folder)
    commands = []
    if contents.status not in ("running", "finished"):
        commands.append((_("resume the training"), ["axone", "resume", run]))
    if contents.status == "finished" or contents.epochs:
        verbs = contents.info.environment.get("verbs", ["predict"])
        if "predict" in verbs:
            commands.append((_("predict"), ["axone", "predict", run, example_input(contents.info.facts)]))
        if contents.info.facts.get("task") == "image-classification":
            commands.append((_("explain a prediction"), ["axone", "explain", run, "FILE"]))
        if "generate" in verbs:
            commands.append((_("generate examples"), ["axone", "generate", run, "--count", "16"]))
        commands.append((_("evaluate again"), ["axone", "evaluate", run]))
    if contents.info.settings and contents.info.system:
        again = ["axone", "train", contents.info.system, "--config", str(Path(run) / "settings.toml")]
        commands.append((_("train with the same settings"), again))
    commands.append((_("write this page again"), ["axone", "report", run]))
    rows = "".join(render_command(label, parts) for label, parts in commands)
    python = f'import axone\n\nrun = axone.load({clean_text(run, 500)!r})\nrun.predict("FILE")'
    return f'<div class="use"><dl>{rows}</dl>{render_command("Python", python)}</div>'


def example_input(facts: Mapping[str, Any], longest: int = 60) -> str:
    """Return an example of an input as it is typed: a row for a table of few columns, otherwise a file."""
    columns = facts.get("columns")
    names = [column.get("name") if isinstance(column, dict) else column for column in columns or ()]
    row = ",".join(f"{clean_text(name)}=..." for name in names)
    return row if 0 < len(row) <= longest else "FILE"


def _typed_path(folder: Path) -> str:
    """Return the run's path as it is typed in the folder where the report is written."""
    try:
        return str(folder.absolute().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(folder)
