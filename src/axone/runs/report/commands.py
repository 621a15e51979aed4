"""The report's section of commands: what can be done with the run, ready to copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from axone.figures.text import clean_text
from axone.messages import _
from axone.runs.example_input import WORLD_FILE, example_input
from axone.runs.report.contents import RunContents
from axone.runs.report.elements import render_command


def render_commands(contents: RunContents) -> str:
    """Return the commands that continue from this run, and the same in Python."""
    run, info = _typed_path(contents.folder), contents.info
    # The user's own files are named by the user: a report never suggests to execute what a run folder names.
    own = ["--system", "FILE.py"] if info.environment.get("own_system") else []
    world = ["--world", "FILE.py"] if str(info.facts.get("world", "")).endswith(WORLD_FILE) else []
    commands = []
    if contents.status not in ("running", "finished"):
        commands.append((_("resume the training"), ["axone", "resume", run, *own, *world]))
    verbs = info.environment.get("verbs", ["predict"])
    if contents.status == "finished" or contents.epochs:
        if "predict" in verbs:
            commands.append((_("predict"), ["axone", "predict", run, example_input(info.facts), *own]))
        if info.facts.get("task") == "image-classification":
            commands.append((_("explain a prediction"), ["axone", "explain", run, "FILE", *own]))
        if "generate" in verbs:
            commands.append((_("generate examples"), ["axone", "generate", run, *own]))
        if "play" in verbs:
            commands.append((_("play"), ["axone", "play", run, *own, *world]))
        commands.append((_("evaluate again"), ["axone", "evaluate", run, *own, *world]))
    system = "FILE.py" if own else info.system
    if info.settings and (own or system.isidentifier()):
        again = ["axone", "train", system, "--config", str(Path(run) / "settings.toml")]
        commands.append((_("train with the same settings"), again))
    commands.append((_("write this page again"), ["axone", "report", run]))
    rows = "".join(render_command(label, parts) for label, parts in commands)
    loaded = f"axone.load({clean_text(run, 500)!r}{', system=' + repr('FILE.py') if own else ''})"
    python = f"import axone\n\nrun = {loaded}\n{_python_call(verbs, example_input(info.facts))}"
    return f'<div class="use"><dl>{rows}</dl>{render_command("Python", python)}</div>'


def _python_call(verbs: Sequence[str], example: str) -> str:
    """Return what to call on a run in Python: only what its system offers."""
    if "predict" in verbs:
        return f"run.predict({clean_text(example, 500)!r})"
    if "generate" in verbs:
        return "run.generate(16)"
    return "run.play()" if "play" in verbs else "run.model"


def _typed_path(folder: Path) -> str:
    """Return the run's path as it is typed in the folder where the report is written."""
    try:
        return str(folder.absolute().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(folder)
