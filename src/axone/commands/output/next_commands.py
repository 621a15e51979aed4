"""What `train` and `resume` print at the end, after the results: the commands that use the model."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from axone.display import say
from axone.messages import _
from axone.shell import quote

if TYPE_CHECKING:
    from axone.use import Run


def print_next_commands(run: Run, options: argparse.Namespace) -> None:
    """Print the commands that use the model of a run; with --json, the results."""
    from axone.runs.example_input import example_input

    verbs = run.system.list_verbs(run.settings)
    path, own = quote(run.path), f" --system {quote(run.system.path)}" if run.system.own else ""
    if "predict" in verbs:
        say(_("use it: axone predict {run} {input}", run=path, input=quote(example_input(run.facts))) + own)
    if "generate" in verbs:
        say(_("generate examples: axone generate {run}", run=path) + own)
    if "play" in verbs:
        say(_("play: axone play {run}", run=path) + own + name_world(run.facts, options))
    if options.json:
        print(json.dumps({**run.results, "run": str(run.path)}))


def name_world(facts: Mapping[str, Any], options: argparse.Namespace) -> str:
    """Return the flag that names the world of a run where it is a file, which only runs when a person names it.

    A file that the run names, but no one typed, is not suggested: a run's folder may come from anyone.
    """
    from axone.runs.example_input import WORLD_FILE

    world = str(facts.get("world", ""))
    if not world.endswith(WORLD_FILE):
        return ""
    is_typed = any(world in word for word in options.settings)
    return f" --world {quote(world) if is_typed else 'FILE.py'}"
