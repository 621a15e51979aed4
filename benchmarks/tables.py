"""What every benchmark ends in: a JSON file with all its numbers, and a page that is made from that file alone.

    results/NAME.json          every raw number, the machine, the versions, the date, the command
    ../docs/benchmarks/NAME.md the table for readers; nobody types a number into it
    ../docs/images/*           the pictures that it shows
    a system's header          the sentence about its result (headers.py)

Run by itself, this file makes all pages again from their JSON files; with --check it only says (exit code 1)
which pages differ from what their JSON would give.
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
    """The outcome of one benchmark. Cells are text, made by the benchmark from the numbers in `raw`."""

    name: str  # of the script, without .py
    title: str
    question: str  # what is measured, in a few sentences
    columns: list[str]
    rows: list[list[str]]
    raw: Any  # every number behind the cells, as JSON
    verdicts: list[str] = field(default_factory=list)  # made by `verdict`
    notes: list[str] = field(default_factory=list)  # what a reader must know to judge the numbers
    headers: dict[str, str] = field(default_factory=dict)  # system -> the sentence for its own header
    pictures: dict[str, str] = field(default_factory=dict)  # file in docs/images -> what it shows


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the flags that all benchmarks share."""
    made = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    made.add_argument("--quick", action="store_true", help="a smoke test of seconds: prints a table, writes nothing")
    made.add_argument("--no-write", action="store_true", help="print the table, write nothing")
    made.add_argument("--busy-ok", action="store_true", help="measure although other programs run; the page says so")
    return made


def begin(options: argparse.Namespace) -> dict[str, Any]:
    """Describe the machine before anything is measured; leave (exit code 2) when it is busy with other work."""
    machine = describe_machine()
    if machine["busy"] and not (options.quick or options.no_write or options.busy_ok):
        sys.exit(f"The load average is {machine['load']}: wait until this machine is quiet, or type --busy-ok.")
    return machine


def finish(table: Table, machine: dict[str, Any], options: argparse.Namespace) -> None:
    """Print the table; write its JSON and its page unless this was a smoke test."""
    content = {
        "name": table.name,
        "title": table.title + (" (SMOKE TEST: these numbers mean nothing)" if options.quick else ""),
        "question": table.question,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": " ".join(["python", f"benchmarks/{table.name}.py", *sys.argv[1:]]),
        "machine": machine,
        "versions": versions(),
        "columns": table.columns,
        "rows": table.rows,
        "verdicts": table.verdicts,
        "notes": table.notes,
        "headers": table.headers,
        "pictures": table.pictures,
        "raw": table.raw,
    }
    page = render(content)
    print("\n" + page)
    if options.quick or options.no_write:
        print("(nothing was written)")
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    PAGES.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{table.name}.json").write_text(text, "utf-8")
    (PAGES / f"{table.name}.md").write_text(page, "utf-8")
    headers.write(table.name, table.headers)
    print(f"written: benchmarks/results/{table.name}.json and docs/benchmarks/{table.name}.md")


def keep_picture(name: str, content: bytes, options: argparse.Namespace) -> None:
    """Put a picture that belongs to a page into docs/images, unless this was a smoke test."""
    if not (options.quick or options.no_write):
        IMAGES.mkdir(parents=True, exist_ok=True)
        (IMAGES / name).write_bytes(content)


def render(content: dict[str, Any]) -> str:
    """Make the page of a benchmark from its JSON."""
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
    for file, caption in content.get("pictures", {}).items():
        lines += [f"![{caption}](../images/{file})", "", caption, ""]
    for title, entries in (("What was asked, and the answer", content["verdicts"]), ("To judge by", content["notes"])):
        if entries:
            lines += [f"## {title}", "", *(f"- {entry}" for entry in entries), ""]
    load = "not known" if machine["load"] is None else str(machine["load"])
    busy = ": the machine was NOT quiet, read ratios rather than seconds" if machine["busy"] else ""
    packages = ", ".join(f"{package} {version}" for package, version in content["versions"].items())
    lines += [
        "## Where and how",
        "",
        f"- `{content['command']}`, on {content['date']}",
        f"- {machine['processor']}, {machine['cores']} cores usable, {machine['memory_gib']} GiB; {machine['system']}",
        f"- load average before the start: {load}{busy}",
        f"- {packages}",
        f"- every number: [`benchmarks/results/{name}.json`](../../benchmarks/results/{name}.json)",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def verdict(claim: str, holds: bool | None, measured: str) -> str:
    """Say whether a claim was borne out; None when this run cannot tell."""
    word = {True: "holds", False: "**does not hold**", None: "not measured here"}[holds]
    return f"{claim}: {word} ({measured})."


def describe_machine() -> dict[str, Any]:
    """Return what about this machine matters to a time."""
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
        # The minute after another benchmark still shows in the average, hence no smaller bound.
        "busy": load is not None and load > 0.5 * usable_cores(),
    }


def versions() -> dict[str, str]:
    """Return the versions of the packages whose speed is measured, as far as they are installed."""
    peers = ("keras", "tensorflow", "tensorflow_cpu", "lightning", "skorch", "kornia", "xgboost_cpu")
    names = ("axone", "torch", "numpy", *peers)
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def installed(*modules: str) -> bool:
    """Say whether all of these modules can be imported, without importing them."""
    return all(importlib.util.find_spec(module) is not None for module in modules)


def spread(values: Sequence[float], digits: int = 2, unit: str = "") -> str:
    """Write a median with the smallest and the largest value: `0.45 (0.44 to 0.47)`."""
    if not values:
        return ""
    middle = f"{statistics.median(values):.{digits}f}{unit}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def mean_of(values: Sequence[float], digits: int = 2, unit: str = "") -> str:
    """Write a mean with the standard deviation of the sample: `91.62 +- 0.13`."""
    if not values:
        return ""
    middle = f"{statistics.fmean(values):.{digits}f}{unit}"
    return middle if len(values) == 1 else f"{middle} ± {statistics.stdev(values):.{digits}f}"


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"{datetime.datetime.now().strftime('%H:%M:%S')}  {text}", flush=True)


def _told(content: dict[str, Any], system: str) -> str:
    return headers.paragraph(content["name"], content["headers"][system])


def main() -> int:
    """Make, or check, all pages."""
    only_check = "--check" in sys.argv[1:]
    stale = []
    for file in sorted(RESULTS.glob("*.json")):
        content = json.loads(file.read_text("utf-8"))
        target, page = PAGES / f"{content['name']}.md", render(content)
        said = content.get("headers", {})
        told = all(headers.standing(name, content["name"]) == _told(content, name) for name in said)
        if told and target.is_file() and target.read_text("utf-8") == page:
            continue
        stale.append(target.name)
        if not only_check:
            PAGES.mkdir(parents=True, exist_ok=True)
            target.write_text(page, "utf-8")
            headers.write(content["name"], said)
    print(("differ: " if only_check else "written: ") + (", ".join(stale) or "none"))
    return 1 if stale and only_check else 0


if __name__ == "__main__":
    sys.exit(main())
