"""A benchmark of several parts, whose results are stored one by one, so that a stopped run continues.

    results/NAME/PART.json     what was measured in each part

Without flags, the parts that are not stored are measured; `--only PART` asks for one of them, and `--again` measures
what is asked for even where it is stored.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import tables


def add_flags(parser: argparse.ArgumentParser, parts: Iterable[str]) -> None:
    """Add `--only` and `--again` to the flags of a benchmark."""
    parser.add_argument("--only", choices=sorted(parts), help="measure one part")
    parser.add_argument("--again", action="store_true", help="measure what is stored already")


def measure_parts(
    benchmark: str, parts: Mapping[str, Callable[[], Any]], options: argparse.Namespace
) -> dict[str, Any]:
    """Return the results of all parts that are stored or asked for.

    Args:
        benchmark: The name of the script, without .py.
        parts: For each name, a function that measures.
        options: The flags of the benchmark: those of `tables.parser` and of `add_flags`.
    """
    results = {
        part: measure_or_read(f"{benchmark}/{part.replace(' ', '-')}", options.only in (None, part), options, measure)
        for part, measure in parts.items()
    }
    return {part: result for part, result in results.items() if result is not None}


def measure_or_read(file: str, is_asked: bool, options: argparse.Namespace, measure: Callable[[], Any]) -> Any | None:
    """Return the stored result of a part, or a new one where it is asked for; None where there is neither.

    Args:
        file: The place of the result in `results`, without .json.
        is_asked: Whether the part is measured where it is not stored.
        options: The flags of the benchmark, of which `again`, `quick` and `no_write` are used.
        measure: Measures.
    """
    path = tables.RESULTS / f"{file}.json"
    if path.is_file() and not (options.again and is_asked) and not options.quick:
        return json.loads(path.read_text("utf-8"))
    if not is_asked:
        return None
    result = measure()
    tables.say(f"{file}: {json.dumps(result)[:200]}")
    if not (options.quick or options.no_write):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return result
