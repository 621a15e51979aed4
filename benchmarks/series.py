"""Series of numbers: default settings on data sets of the UCR and UEA archives, compared with the nearest neighbor.

    python benchmarks/series.py                         all parts that are not stored yet
    python benchmarks/series.py --only GunPoint --again

The data sets come with aeon (`pip install --no-deps aeon`), with their own division into training and test sets. Each
training is what a user types: axone train series --data TRAIN.csv --target class --test 0.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

import axone
import tables
from axone.data.series.generated import make_seasons
from axone.data.series.read import read_series
from axone.data.series.series import Series
from axone.data.series.warping import warp_distances

SETS = ("JapaneseVowels", "BasicMotions", "GunPoint", "ArrowHead", "ItalyPowerDemand")
SEEDS = 3
CELLS = ("lstm", "gru", "rnn")
STORED = tables.RESULTS / "series"
FORECAST = "forecast"


def read_archive(name: str, part: str) -> Iterator[tuple[list[list[float]], str]]:
    """Yield the series of a file of the archive: its channels, each a list of numbers, and its class."""
    spec = importlib.util.find_spec("aeon")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / "data" / name / f"{name}_{part}.ts"
    text = path.read_text("utf-8", "replace")
    for line in text[text.lower().index("@data") :].splitlines()[1:]:
        if line.strip():
            *channels, label = line.strip().split(":")
            yield [[float(value) for value in channel.split(",")] for channel in channels], label


def write_table(name: str, part: str, folder: Path) -> Path:
    """Write a data set as a table with a row for each step."""
    path = folder / f"{name}_{part}.csv"
    with path.open("w") as file:
        for number, (channels, label) in enumerate(read_archive(name, part)):
            if number == 0:
                file.write("series,step," + ",".join(f"channel {k}" for k in range(len(channels))) + ",class\n")
            for step, values in enumerate(zip(*channels)):
                file.write(f"{number},{step}," + ",".join(map(str, values)) + f",{label}\n")
    return path


def nearest(train: Series, test: Series) -> tuple[float, float]:
    """Return the accuracy of the nearest neighbor by dynamic time warping on standardized channels, and its seconds."""
    start = time.process_time()
    mean, std = train.values.mean(0), train.values.std(0).clamp(min=1e-6)
    templates = [(train[number] - mean) / std for number in range(len(train))]
    queries = [(test[number] - mean) / std for number in range(len(test))]
    assert train.labels is not None and test.labels is not None
    distances = torch.cat([warp_distances(queries[k : k + 50], templates) for k in range(0, len(queries), 50)])
    accuracy = float((train.labels[distances.argmin(1)] == test.labels).float().mean())
    return accuracy, time.process_time() - start


def measure_set(name: str, folder: Path, seeds: int, quick: bool) -> dict[str, Any]:
    """Train with default settings, with other cells once; compare with the nearest neighbor."""
    train, test = (write_table(name, part, folder) for part in ("TRAIN", "TEST"))
    runs: dict[str, list[dict[str, float]]] = {}
    for cell in CELLS:
        for seed in range(seeds if cell == "lstm" else 1):
            more = {"epochs": 1} if quick else {}
            started = time.process_time()
            run = axone.train(
                "series", data=str(train), target="class", task="classification", test=0.0, cell=cell, seed=seed,
                threads=1, runs_folder=folder / "runs", verbose=False, **more,
            )  # fmt: skip
            seconds = time.process_time() - started
            result = run.evaluate(str(test), verbose=False)["test"]
            runs.setdefault(cell, []).append({"accuracy": result["accuracy"], "cpu_seconds": seconds})
    options = {"target": "class", "task": "classification"}
    accuracy, seconds = nearest(read_series(str(train), **options), read_series(str(test), **options))
    return {"runs": runs, "nearest": {"accuracy": accuracy, "cpu_seconds": seconds}}


def measure_forecast(folder: Path, seeds: int, quick: bool) -> dict[str, Any]:
    """Train the preset for forecasts on the generated seasons, and read the table of its report."""
    assert len(make_seasons())
    runs = []
    for seed in range(seeds):
        more = {"epochs": 1} if quick else {}
        started = time.process_time()
        run = axone.train(
            "series", preset="forecast", seed=seed, threads=1, runs_folder=folder / "runs", verbose=False, **more
        )
        seconds = time.process_time() - started
        events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
        (table,) = [event for event in events if event["kind"] == "table" and event["name"] == "baselines"]
        errors = {row[0]: float(re.sub(r"[^0-9.e-]", "", row[1])) for row in table["rows"]}
        runs.append({"errors": errors, "relative": run.results["test"]["relative_error"], "cpu_seconds": seconds})
    return {"runs": runs}


def main() -> int:
    """Measure what is not stored, then write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", default="", help=f"one of {', '.join((*SETS, FORECAST))}")
    parser.add_argument("--again", action="store_true", help="measure stored parts again")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"trainings with default settings (default: {SEEDS})")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(1)
    STORED.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in (*SETS, FORECAST):
        file = STORED / f"{name}.json"
        if options.only in ("", name) and (options.again or options.quick or not file.exists()):
            with tempfile.TemporaryDirectory() as folder:
                measure = measure_forecast if name == FORECAST else lambda *more, name=name: measure_set(name, *more)
                results[name] = measure(Path(folder), options.seeds, options.quick)
            if not options.quick:
                file.write_text(json.dumps(results[name]))
            tables.say(f"{name}: {json.dumps(results[name])}")
        elif file.exists():
            results[name] = json.loads(file.read_text())
    tables.finish(make_table(results, options), machine, options)
    return 0


def make_table(results: dict[str, Any], options: argparse.Namespace) -> tables.Table:
    """Return the page."""
    rows, above = [], []
    for name, result in results.items():
        if name == FORECAST:
            continue
        accuracies = [100 * run["accuracy"] for run in result["runs"]["lstm"]]
        seconds = [run["cpu_seconds"] for run in result["runs"]["lstm"]]
        others = [f"{100 * result['runs'][cell][0]['accuracy']:.1f}" for cell in CELLS[1:]]
        neighbor = 100 * result["nearest"]["accuracy"]
        rows.append([name, tables.mean_of(accuracies, 1), tables.spread(seconds, 1, " s"), *others, f"{neighbor:.1f}"])
        above.append(statistics.fmean(accuracies) >= neighbor - 0.5)
    notes = [
        "Default settings; seconds of the processor on one thread, reading, training and report together.",
        "The nearest neighbor compares standardized channels over whole series, without a window.",
    ]
    if FORECAST in results:
        runs = results[FORECAST]["runs"]
        errors = {name: statistics.fmean(run["errors"][name] for run in runs) for name in runs[0]["errors"]}
        listed = ", ".join(f"{name} {value:.3f}" for name, value in errors.items())
        seconds = tables.spread([run["cpu_seconds"] for run in runs], 1, " s")
        notes.append(f"Forecast of 12 steps (--preset forecast, {len(runs)} seeds, {seconds}), mean error: {listed}.")
    verdicts = [
        tables.verdict("Not worse than the nearest neighbor on every set", all(above), f"{sum(above)} of {len(above)}")
    ]
    columns = ["data", "series, LSTM (%)", "processor time", "GRU", "RNN", "nearest neighbor (time warping)"]
    return tables.Table(
        "series", "Series of numbers compared with the nearest neighbor", "Accuracy on the archive's own test sets.",
        columns, rows, results, verdicts, notes,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
