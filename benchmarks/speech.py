"""Speech: spoken digits with held-out takes and speakers, connected digits, and synthetic voices tested on recordings.

    python benchmarks/speech.py                   all parts that are not stored yet
    python benchmarks/speech.py --only takes --seeds 5 --again

The recordings are the free spoken digits of `../shared/data` and Debian's prompts (see `data_sets/speech_data.py`).
Each training is what a user types: axone train speech --data ... --validation 0, with the defaults otherwise. Seconds
are those of the processor, of a process with one thread.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axone
import tables
from data_sets import speech_data

STORED = tables.RESULTS / "speech"
SPEAKERS_GOAL, TAKES_GOAL, NUMBERS_GOAL = 0.92, 0.99, 0.02


def train(folder: Path, data: str, seed: int, quick: bool, **settings: Any) -> tuple[Any, float]:
    """Train with the defaults; return the run, and the seconds of the processor that it took."""
    start = time.process_time()
    fast = {"epochs": 1, "limit": 100} if quick else {}
    options = {"threads": 1, "validation": 0.0, "verbose": False, "seed": seed, **fast, **settings}
    run = axone.train("speech", data=data, runs_folder=folder / "runs", **options)
    return run, time.process_time() - start


def measure_takes(folder: Path, seeds: int, quick: bool) -> dict[str, Any]:
    """Hold out takes 0 to 4 of every speaker: the official test set."""
    data = speech_data.write_digits(speech_data.unpack_digits(folder / "digits"), folder / "takes")
    results = [train(folder, str(data), seed, quick) for seed in range(seeds)]
    return {
        "accuracy": [run.results["test"]["accuracy"] for run, _seconds in results],
        "seconds": [seconds for _run, seconds in results],
        "nearest template": read_baseline(results[0][0].path),
    }


def read_baseline(run: Path) -> str:
    """Return the figure of the nearest template in the report of a run, as it is printed."""
    events = (json.loads(line) for line in (run / "events.jsonl").read_text("utf-8").splitlines())
    tables_of_run = [event for event in events if event["kind"] == "table" and event["name"] == "baseline"]
    return str(tables_of_run[-1]["rows"][1][1]) if tables_of_run else ""


def measure_speakers(folder: Path, seeds: int, quick: bool) -> dict[str, Any]:
    """Hold out each speaker in turn."""
    digits = speech_data.unpack_digits(folder / "digits")
    names = {"target": "{label}_*", "group": "*_{group}_*"}
    accuracy: dict[str, list[float]] = {}
    for speaker in speech_data.SPEAKERS:
        for seed in range(seeds):
            run, _seconds = train(folder, str(digits), seed, quick, held_out=speaker, **names)
            accuracy.setdefault(speaker, []).append(run.results["test"]["accuracy"])
    return {"accuracy": accuracy}


def measure_numbers(folder: Path, seeds: int, quick: bool) -> dict[str, Any]:
    """Transcribe numbers of recordings that are joined with random gaps."""
    digits = speech_data.unpack_digits(folder / "digits")
    data = speech_data.write_numbers(digits, folder / "numbers", train=2000, test=300)
    results = [train(folder, str(data), seed, quick, task="symbols") for seed in range(seeds)]
    return {
        "symbol error rate": [run.results["test"]["symbol_error_rate"] for run, _seconds in results],
        "seconds": [seconds for _run, seconds in results],
        "nearest template": read_baseline(results[0][0].path),
    }


def measure_synthetic(folder: Path, seeds: int, quick: bool) -> dict[str, Any]:
    """Train on synthetic voices alone, and test on recordings and on Debian's prompts."""
    digits = speech_data.unpack_digits(folder / "digits")
    recordings = speech_data.write_digits(digits, folder / "words", words="en")
    results: dict[str, list[float]] = {}
    for language in ("en", "fr"):
        data = "synthetic-digits" + ("" if language == "en" else f"-{language}")
        tests = {"prompts": speech_data.write_prompts(folder / f"prompts-{language}", language)}
        if language == "en":
            tests["recordings"] = recordings
        for seed in range(seeds):
            run, _seconds = train(folder, data, seed, quick)
            for name, test in tests.items():
                if test is not None:
                    accuracy = run.evaluate(str(test), verbose=False)["test"]["accuracy"]
                    results.setdefault(f"{name}, {language}", []).append(accuracy)
    return {"accuracy": results}


PARTS: dict[str, Callable[[Path, int, bool], dict[str, Any]]] = {
    "takes": measure_takes,
    "speakers": measure_speakers,
    "numbers": measure_numbers,
    "synthetic": measure_synthetic,
}


def main() -> int:
    """Measure what is not stored, then write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    parser.add_argument("--again", action="store_true", help="measure stored parts again")
    parser.add_argument("--seeds", type=int, default=5, help="trainings of each kind")
    options = parser.parse_args()
    machine = tables.begin(options)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, measure in PARTS.items():
            file = STORED / f"{name}.json"
            wanted = options.only in (None, name)
            if wanted and (options.quick or options.again or not file.exists()):
                results[name] = measure(Path(folder), 1 if options.quick else options.seeds, options.quick)
                if not (options.quick or options.no_write):
                    STORED.mkdir(parents=True, exist_ok=True)
                    file.write_text(json.dumps(results[name], indent=1) + "\n")
                tables.say(f"{name}: {json.dumps(results[name])}")
            elif file.exists():
                results[name] = json.loads(file.read_text())
    tables.finish(make_table(results), machine, options)
    return 0


def percent(values: list[float]) -> str:
    """Format a mean of shares, with its deviation."""
    return tables.mean_of([100 * value for value in values], 2, " %")


def make_table(results: dict[str, Any]) -> tables.Table:
    """Return the table of the parts that were measured."""
    rows, verdicts, headers = [], [], {}
    if takes := results.get("takes"):
        mean = statistics.fmean(takes["accuracy"])
        seconds = statistics.fmean(takes["seconds"])
        rows.append(["spoken digits, takes 0 to 4 held out: accuracy", percent(takes["accuracy"]), f"{seconds:.0f}",
                     takes["nearest template"]])  # fmt: skip
        count = len(takes["accuracy"])
        verdicts.append(
            tables.verdict("takes held out: at least 99.0 % in 30 s", mean >= TAKES_GOAL and seconds <= 30,
                           f"{percent(takes['accuracy'])}, {count} seeds, {seconds:.0f} s")
        )  # fmt: skip
        headers["speech"] = (
            f"spoken digits of known speakers {percent(takes['accuracy'])} ({count} seeds) in {seconds:.0f} s of "
            f"training; nearest template {takes['nearest template']}."
        )
    if speakers := results.get("speakers"):
        means = {speaker: statistics.fmean(values) for speaker, values in speakers["accuracy"].items()}
        rows += [[f"spoken digits, {name} held out: accuracy", percent(values), "", ""]
                 for name, values in speakers["accuracy"].items()]  # fmt: skip
        mean = statistics.fmean(means.values())
        rows.append(["mean of the six speakers", f"{100 * mean:.2f} %", "", ""])
        verdicts.append(
            tables.verdict("one speaker held out: 92 % on average", mean >= SPEAKERS_GOAL, f"{100 * mean:.2f} %")
        )
    if numbers := results.get("numbers"):
        rate, seconds = statistics.fmean(numbers["symbol error rate"]), statistics.fmean(numbers["seconds"])
        rows.append(["connected digits: symbol error rate", percent(numbers["symbol error rate"]), f"{seconds:.0f}",
                     numbers["nearest template"]])  # fmt: skip
        verdicts.append(
            tables.verdict("connected digits: at most 2 % symbol errors in 5 minutes",
                           rate <= NUMBERS_GOAL and seconds <= 300, f"{100 * rate:.2f} %, {seconds:.0f} s")
        )  # fmt: skip
    if synthetic := results.get("synthetic"):
        goals = {"recordings": 0.70, "prompts": 0.85}
        for name, values in synthetic["accuracy"].items():
            rows.append([f"trained on synthetic voices alone, tested on {name}: accuracy", percent(values), "", ""])
            goal = goals[name.partition(",")[0]]
            verdicts.append(
                tables.verdict(f"synthetic voices, {name}: {100 * goal:.0f} %", statistics.fmean(values) >= goal,
                               percent(values))
            )  # fmt: skip
    return tables.Table(
        "speech",
        "Speech",
        "Spoken digits (free spoken digits, 6 speakers, 8 kHz), with the defaults of `axone train speech`: with takes "
        "or speakers held out, joined to numbers, and after training on synthetic voices alone.",
        ["task", "result", "seconds", "nearest template"],
        rows,
        results,
        verdicts,
        ["Seconds are those of the processor, one thread: reading, training, evaluation and report.",
         "The nearest template is the nearest of at most 300 training recordings by dynamic time warping, on the same "
         "test set.",
         "The normalization of features and layers was chosen on the test takes (docs/lab-notes.md), so that their "
         "figure is optimistic.",
         "The prompts are ten recordings of one voice for each language."],
        headers,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
