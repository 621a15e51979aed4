"""The end of a verb that reads many inputs: how many failed, the object of --json, and the exit code."""

from __future__ import annotations

import argparse
import json
from typing import Any

from axone.display import say
from axone.errors import DataError
from axone.messages import plural


def report_failures(options: argparse.Namespace, result: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    """Report how many inputs could not be used, print the object of --json, and return the exit code."""
    failed = sum("error" in row for row in rows)
    if failed:
        say(plural("{count} input could not be used.", "{count} inputs could not be used.", failed))
    if options.json:
        print(json.dumps(result))
    return DataError.exit_code if failed else 0
