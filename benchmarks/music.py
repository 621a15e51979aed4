"""Measure `axone train music` on the chorales of the classic benchmark, and on a style that it did not learn.

    python benchmarks/music.py --data jsb-chorales-quarter.json

Nats a step of a quarter note, of the test pieces of the file's own split. Training time is that of the processor.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import axone
from axone.data.notes.load import load_music
from axone.progress import ignore_progress
from axone.tasks.music.baselines import MarkovChain
from axone.tasks.music.predict import measure_surprises

RESULTS = Path(__file__).parent / "results" / "music.json"
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "music.md"
# Name -> settings, and the budget in seconds that the issue of this system names.
PARTS: dict[str, tuple[dict[str, Any], int]] = {
    "sigmoids": ({"preset": "sigmoids", "epochs": 60}, 30),
    "notes": ({"epochs": 62}, 120),
    "notes, long": ({"epochs": 150, "units": 384, "ema": 0.998}, 480),
}


def measure(name: str, data: Path, folder: Path) -> dict[str, Any]:
    """Train one part and return its figures."""
    settings, budget = PARTS[name]
    start = time.process_time()
    run = axone.train("music", **settings, data=str(data), threads=1, runs_folder=folder)
    seconds = time.process_time() - start
    row = {"part": name, "settings": settings, "budget": budget, "processor": round(seconds, 1),
           "seconds": run.results["seconds"], "validation": run.results["validation"]["loss"],
           "test": run.results["test"]["loss"]}  # fmt: skip
    if settings.get("preset") != "sigmoids":
        unseen = load_music("palestrina", 1, validation=0, seed=0, limit=0, progress=ignore_progress, whole=True)
        pieces = list(unseen.splits["test"])[:40]
        total = sum(sum(measure_surprises(run.model, piece)[1]) for piece in pieces)
        row["palestrina"] = total / sum(map(len, pieces))
    return row


def measure_chain(data: Path) -> float:
    """Return the nats a step of the Markov chain of chords on the test pieces."""
    splits = load_music(str(data), 1, validation=0, seed=0, limit=0, progress=ignore_progress).splits
    return MarkovChain(splits["train"], (-5, 6)).measure(splits["test"])


def write_page(rows: dict[str, dict[str, Any]]) -> None:
    """Write the page from the stored results."""
    lines = [
        "<!-- Written by benchmarks/music.py, do not edit: change the script, or run it again. -->", "# Music", "",
        "Bach's chorales at the resolution of a quarter note, in the split of Boulanger-Lewandowski et al. (2012):",
        "nats a step, one thread, one seed; lower is better. Processor seconds include reading and the report.",
        "", "| training | validation | test | Palestrina, not learned | processor seconds |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for name, row in rows.items():
        values = [f"{row[key]:.2f}" if row.get(key) is not None else "" for key in ("validation", "test", "palestrina")]
        lines.append(f"| {name} | {' | '.join(values)} | {row.get('processor', '')} |")
    PAGE.write_text("\n".join(lines) + "\n")


def main() -> None:
    """Measure the parts that have no stored result yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the file of the chorales")
    parser.add_argument("--only", choices=[*PARTS, "chain"], help="measure this part, again")
    parser.add_argument("--busy-ok", action="store_true", help="measure although other processes use the machine")
    options = parser.parse_args()
    rows: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    if options.only:
        rows.pop("Markov chain of chords" if options.only == "chain" else options.only, None)
    if "Markov chain of chords" not in rows and options.only in (None, "chain"):
        rows["Markov chain of chords"] = {"test": measure_chain(options.data)}
        store(rows)
    for name in PARTS:
        if name not in rows and options.only in (None, name):
            with TemporaryDirectory() as folder:
                rows[name] = measure(name, options.data, Path(folder))
            store(rows)


def store(rows: dict[str, dict[str, Any]]) -> None:
    """Store the results, and write the page from them."""
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    write_page(rows)


if __name__ == "__main__":
    main()
