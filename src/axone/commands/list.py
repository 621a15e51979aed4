"""`axone list`: the systems, with one line on each."""

from __future__ import annotations

import argparse
import json

from axone import catalogue
from axone.commands.help.columns import format_columns
from axone.messages import _


def execute(options: argparse.Namespace) -> int:
    """Print the name of each system and the first line of its file."""
    systems = catalogue.list_systems()
    if options.json:
        print(json.dumps({"systems": [{"name": s.name, "summary": s.summary} for s in systems]}))
        return 0
    for line in format_columns([(system.name, _(system.summary)) for system in systems]):
        print(line.removeprefix("  "))
    return 0
