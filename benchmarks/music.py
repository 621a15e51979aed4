"""Music: nats of each step of Bach's chorales, with both objectives, compared with a Markov chain of chords.

    python benchmarks/music.py --data jsb-chorales-quarter.json
    python benchmarks/music.py --data jsb-chorales-quarter.json --only notes --again

The file holds the split of Boulanger-Lewandowski et al. (2012) at the resolution of a quarter note. The result of each
part is stored, so that a stopped run continues; the page has the parts that are measured, and names the others.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

import axone
import tables
from axone.data.notes.load import load_music
from axone.progress import ignore_progress
from axone.tasks.music.measures.baselines import MarkovChain
from axone.tasks.music.predict import measure_surprises

STORED = tables.RESULTS / "music"
CHAIN = "Markov chain of chords"
UNSEEN = 40  # pieces of Palestrina that are measured
# Name -> settings, seconds of the processor that the goal allows, and nats of a step on the test pieces at most.
PARTS: dict[str, tuple[dict[str, Any], int, float]] = {
    "sigmoids": ({"preset": "sigmoids"}, 30, 8.3),
    "notes": ({"epochs": 62}, 120, 5.3),
    "notes, long": ({"epochs": 150, "units": 384, "ema": 0.998}, 480, 5.1),
}


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Train one part and return its figures."""
    settings = {**PARTS[name][0], **({"epochs": 1} if options.quick else {})}
    with TemporaryDirectory() as folder:
        start = time.process_time()
        run = axone.train("music", **settings, data=options.data, threads=1, runs_folder=folder)
        seconds = time.process_time() - start
        losses = {split: run.results[split]["loss"] for split in ("validation", "test")}
        row = {"settings": settings, "cpu_seconds": seconds, "training_seconds": run.results["seconds"], **losses}
        if settings.get("preset") != "sigmoids" and not options.quick:
            unseen = load_music("palestrina", 1, validation=0, seed=0, limit=0, progress=ignore_progress, whole=True)
            pieces = list(unseen.splits["test"])[:UNSEEN]
            total = sum(sum(measure_surprises(run.model, piece)[1]) for piece in pieces)
            row["palestrina"] = total / sum(map(len, pieces))
    return row


def measure_chain(options: argparse.Namespace) -> dict[str, Any]:
    """Return the nats of a step of the Markov chain of chords on the test pieces."""
    splits = load_music(options.data, 1, validation=0, seed=0, limit=0, progress=ignore_progress).splits
    return {"test": MarkovChain(splits["train"], (-5, 6)).measure(splits["test"])}


def make_table(results: dict[str, dict[str, Any]]) -> tables.Table:
    """Return the page."""
    rows, verdicts = [], []
    for name, row in results.items():
        values = [f"{row[key]:.2f}" if key in row else "" for key in ("validation", "test", "palestrina")]
        rows.append([name, *values, f"{row['cpu_seconds']:.0f}" if "cpu_seconds" in row else ""])
    for name, (_settings, seconds, nats) in PARTS.items():
        if row := results.get(name):
            holds = row["test"] <= nats and row["cpu_seconds"] <= seconds
            claim = f"{name}: at most {nats} nats on the test pieces after {seconds} s"
            verdicts.append(tables.verdict(claim, holds, f"{row['test']:.2f} nats, {row['cpu_seconds']:.0f} s"))
    notes = ["Processor seconds on one thread, one seed; reading, validation and report are included."]
    if missing := [name for name in PARTS if name not in results]:
        notes.append(f"Not measured yet: {', '.join(missing)}.")
    return tables.Table(
        "music", "Music: Bach's chorales", "Nats of a step of a quarter note; lower is better.",
        ["training", "validation", "test", "Palestrina, not learned", "processor seconds"],
        rows, results, verdicts, notes,
    )  # fmt: skip


def main() -> int:
    """Measure the parts that are not stored, then write the page of all that are."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--data", required=True, help="the file of the chorales")
    parser.add_argument("--only", default="", help=f"one of {', '.join([CHAIN, *PARTS])}")
    parser.add_argument("--again", action="store_true", help="measure stored parts again")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(1)
    STORED.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in (CHAIN, *PARTS):
        file = STORED / f"{Path(name.replace(' ', '-')).name}.json"
        if options.only in ("", name) and (options.again or options.quick or not file.exists()):
            results[name] = measure_chain(options) if name == CHAIN else measure(name, options)
            if not options.quick:
                file.write_text(json.dumps(results[name]))
            tables.say(f"{name}: {json.dumps(results[name])}")
        elif file.exists():
            results[name] = json.loads(file.read_text())
    tables.finish(make_table(results), machine, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
