"""The output of every benchmark: a JSON file with all its numbers, and a page that is written from that file alone.

    results/NAME.json          every raw number, the machine, the versions, the date, the command
    ../docs/benchmarks/NAME.md the table for readers; no number in it is typed by hand
    ../docs/images/*           the figures of the page
    a system's header          the sentence about its result (headers.py)

Run as a script, this file writes all pages again from their JSON files. With --check it writes nothing and lists the
pages that differ from their JSON file (exit code 1 if there are any).
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import headers

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGES = HERE.parent / "docs" / "benchmarks"
IMAGES = HERE.parent / "docs" / "images"


@dataclass
class Table:
    """The result of one benchmark. Cells are text, which the benchmark formats from the numbers in `raw`."""

    name: str  # name of the script, without .py
    title: str
    question: str  # a description of what is measured, in a few sentences
    columns: list[str]
    rows: list[list[str]]
    raw: Any  # every number from which the cells are formatted, as JSON
    verdicts: list[str] = field(default_factory=list)  # formatted by `verdict`
    notes: list[str] = field(default_factory=list)  # how the numbers were measured, and how to interpret them
    headers: dict[str, str] = field(default_factory=dict)  # system -> the sentence for its own header
    figures: dict[str, str] = field(default_factory=dict)  # file in docs/images -> its caption


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the flags that all benchmarks share."""
    flags = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    flags.add_argument("--quick", action="store_true", help="a smoke test of seconds: print a table, write nothing")
    flags.add_argument("--no-write", action="store_true", help="print the table, write nothing")
    flags.add_argument("--busy-ok", action="store_true", help="measure while other programs run; the page says so")
    return flags


def begin(options: argparse.Namespace) -> dict[str, Any]:
    """Describe the machine before anything is measured. Exits when the machine is busy with other work."""
    machine = describe_machine()
    if machine["busy"] and not (options.quick or options.no_write or options.busy_ok):
        sys.exit(f"The load average is {machine['load']}: wait until this machine is idle, or type --busy-ok.")
    return machine


def finish(table: Table, machine: dict[str, Any], options: argparse.Namespace) -> None:
    """Print the table; write its JSON and its page unless this was a smoke test."""
    content = {
        "name": table.name,
        "title": table.title + (" (SMOKE TEST: these numbers mean nothing)" if options.quick else ""),
        "question": table.question,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": " ".join(["python", f"benchmarks/{table.name}.py", *map(_shorten_path, sys.argv[1:])]),
        "machine": machine,
        "versions": versions(),
        "columns": table.columns,
        "rows": table.rows,
        "verdicts": table.verdicts,
        "notes": table.notes,
        "headers": table.headers,
        "figures": table.figures,
        "raw": table.raw,
    }
    page = render(content)
    print("\n" + page)
    if options.quick or options.no_write:
        print("(no file was written)")
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    PAGES.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{table.name}.json").write_text(text, "utf-8")
    (PAGES / f"{table.name}.md").write_text(page, "utf-8")
    headers.write(table.name, table.headers)
    print(f"written: benchmarks/results/{table.name}.json and docs/benchmarks/{table.name}.md")


def _shorten_path(word: str) -> str:
    """Return the last part of an absolute path: the folders of one machine mean nothing on another."""
    return Path(word).name if Path(word).is_absolute() else word


def save_figure(name: str, content: bytes, options: argparse.Namespace) -> None:
    """Write a figure of a page into docs/images, unless this was a smoke test."""
    if not (options.quick or options.no_write):
        IMAGES.mkdir(parents=True, exist_ok=True)
        (IMAGES / name).write_bytes(content)


def render(content: dict[str, Any]) -> str:
    """Return the page of a benchmark, from the content of its JSON file."""
    name, machine = content["name"], content["machine"]
    lines = [
        f"<!-- Written by benchmarks/{name}.py, do not edit: change the script, or run it again. -->",
        f"# {content['title']}",
        "",
        content["question"],
        "",
        _row(content["columns"]),
        "|" + "|".join([" --- ", *([" ---: "] * (len(content["columns"]) - 1))]) + "|",
        *(_row(row) for row in content["rows"]),
        "",
    ]
    for file, caption in content.get("figures", {}).items():
        lines += [f"![{caption}](../images/{file})", "", caption, ""]
    for title, entries in (("Goals", content["verdicts"]), ("Notes", content["notes"])):
        if entries:
            lines += [f"## {title}", "", *(f"- {entry}" for entry in entries), ""]
    load = "unknown" if machine["load"] is None else str(machine["load"])
    busy = ": the machine was NOT idle, so compare ratios rather than seconds" if machine["busy"] else ""
    packages = ", ".join(f"{package} {version}" for package, version in content["versions"].items())
    lines += [
        "## Machine and versions",
        "",
        f"- `{content['command']}`, on {content['date']}",
        f"- {machine['processor']}, {machine['cores']} cores usable, {machine['memory_gib']} GiB; {machine['system']}",
        f"- load average before the start: {load}{busy}",
        f"- {packages}",
        f"- all numbers: [`benchmarks/results/{name}.json`](../../benchmarks/results/{name}.json)",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def verdict(claim: str, holds: bool | None, measured: str) -> str:
    """Return a claim and whether the measurement supports it; None: it was not measured."""
    word = {True: "holds", False: "**does not hold**", None: "not measured here"}[holds]
    return f"{claim}: {word} ({measured})."


def describe_machine() -> dict[str, Any]:
    """Return the properties of this machine that influence a duration."""
    from axone.engine.machine.device import memory_bytes, processor_features, processor_name, usable_cores

    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    memory = memory_bytes()
    return {
        "processor": processor_name(),
        "features": processor_features(),
        "cores": usable_cores(),
        "memory_gib": None if memory is None else round(memory / 2**30),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load": load,
        # The average still contains the minute before, of another benchmark: a smaller limit would stop the next one.
        "busy": load is not None and load > 0.5 * usable_cores(),
    }


def versions() -> dict[str, str]:
    """Return the versions of the packages whose speed is measured, of those that are installed."""
    peers = ("keras", "tensorflow", "tensorflow_cpu", "lightning", "skorch", "kornia", "xgboost_cpu")
    names = ("axone", "torch", "numpy", *peers)
    installed_versions = {}
    for name in names:
        try:
            installed_versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return installed_versions


def installed(*modules: str) -> bool:
    """Return whether all of these modules can be imported, without importing them."""
    return all(importlib.util.find_spec(module) is not None for module in modules)


def spread(values: Sequence[float], digits: int = 2, unit: str = "") -> str:
    """Format a median with the smallest and the largest value: `0.45 (0.44 to 0.47)`."""
    if not values:
        return ""
    middle = f"{statistics.median(values):.{digits}f}{unit}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def mean_of(values: Sequence[float], digits: int = 2, unit: str = "") -> str:
    """Format a mean with the standard deviation of the sample: `91.62 ± 0.13`."""
    if not values:
        return ""
    middle = f"{statistics.fmean(values):.{digits}f}{unit}"
    return middle if len(values) == 1 else f"{middle} ± {statistics.stdev(values):.{digits}f}"


def say(text: str) -> None:
    """Print one line of progress with the time of day."""
    print(f"{datetime.datetime.now().strftime('%H:%M:%S')}  {text}", flush=True)


def _expected_header(content: dict[str, Any], system: str) -> str:
    return headers.paragraph(content["name"], content["headers"][system])


def main() -> int:
    """Write or check all pages and headers."""
    only_check = "--check" in sys.argv[1:]
    stale = []
    for file in sorted(RESULTS.glob("*.json")):
        content = json.loads(file.read_text("utf-8"))
        target, page = PAGES / f"{content['name']}.md", render(content)
        sentences = content.get("headers", {})
        same = all(
            headers.find_paragraph(name, content["name"]) == _expected_header(content, name) for name in sentences
        )
        if same and target.is_file() and target.read_text("utf-8") == page:
            continue
        stale.append(target.name)
        if not only_check:
            PAGES.mkdir(parents=True, exist_ok=True)
            target.write_text(page, "utf-8")
            headers.write(content["name"], sentences)
    print(("differ: " if only_check else "written: ") + (", ".join(stale) or "none"))
    return 1 if stale and only_check else 0


if __name__ == "__main__":
    sys.exit(main())
