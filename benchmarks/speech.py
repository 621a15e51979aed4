"""Spoken digits: the official test set, each speaker left out, numbers by CTC, and training on synthetic voices alone.

    python benchmarks/speech.py                      all parts that are not stored yet
    python benchmarks/speech.py --only digits --again

The recordings are those of `speech_data.py`. Each part is stored when it is complete, so that a stopped run continues.
Seconds are those of the training steps, of this process on all its threads (process) and on the clock; the reading of a
batch, with its features and augmentation, is part of them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import axone
import speech_data
import tables
from axone.data.audio.voices.words import DIGITS

SEEDS = 5
CONNECTED = {"train": 4000, "test": 600}
TARGETS = {"digits": 99.0, "speakers": 92.0, "connected": 2.0, "synthetic": 70.0, "prompts": 85.0}
STORED = tables.RESULTS / "speech"


def train(folder: Path, options: argparse.Namespace, **settings: Any) -> tuple[Any, dict[str, Any]]:
    """Return a run, and the times of its training."""
    quick = {"epochs": 1, "limit": 200} if options.quick else {}
    process, wall = time.process_time(), time.perf_counter()
    run = axone.train(
        "speech", runs_folder=folder / "runs", threads=options.threads, verbose=False, **{**settings, **quick}
    )
    return run, {"process_seconds": time.process_time() - process, "seconds": time.perf_counter() - wall}


def measure_digits(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return the accuracy on takes 0 to 4 for each seed."""
    data = speech_data.write_digits(speech_data.unpack_digits(folder / "fsdd"), folder / "official")
    runs = []
    for seed in range(1 if options.quick else SEEDS):
        run, times = train(folder, options, data=str(data), seed=seed)
        runs.append({"accuracy": 100 * run.results["test"]["accuracy"], "seed": seed, **times})
    return {"runs": runs, "accuracy": statistics.mean(each["accuracy"] for each in runs)}


def measure_speakers(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return the accuracy on all recordings of each speaker when training has none of that speaker."""
    digits = speech_data.unpack_digits(folder / "fsdd")
    runs = {}
    for speaker in speech_data.SPEAKERS[: 1 if options.quick else None]:
        run, times = train(folder, options, data=str(digits), target="{label}_*", group="*_{group}_*", held_out=speaker)
        runs[speaker] = {"accuracy": 100 * run.results["test"]["accuracy"], **times}
    return {"runs": runs, "accuracy": statistics.mean(each["accuracy"] for each in runs.values())}


def measure_connected(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return the symbol error rate of numbers that are joined from the recordings."""
    counts = {"train": 100, "test": 20} if options.quick else CONNECTED
    data = speech_data.write_numbers(speech_data.unpack_digits(folder / "fsdd"), folder / "numbers", **counts)
    run, times = train(folder, options, data=str(data), task="symbols", target="text")
    return {"errors": 100 * run.results["test"]["symbol_error_rate"], **times}


def measure_synthetic(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return accuracies of networks that were trained on synthetic voices alone, on recordings and on prompts."""
    digits = speech_data.unpack_digits(folder / "fsdd")
    result: dict[str, Any] = {}
    for language, data in (("en", "synthetic-digits"), ("fr", "synthetic-digits-fr")):
        run, times = train(folder, options, data=data)
        result[language] = {"synthetic": 100 * run.results["test"]["accuracy"], **times}
        if language == "en":
            words = speech_data.write_digits(digits, folder / "words", words="en", only_test=True)
            evaluation = run.evaluate(str(words), verbose=False)
            result[language]["recordings"] = 100 * evaluation["test"]["accuracy"]
        prompts = speech_data.write_prompts(folder / f"prompts-{language}", language)
        if prompts is not None:
            evaluation = run.evaluate(str(prompts), verbose=False)
            result[language]["prompts"] = 100 * evaluation["test"]["accuracy"]
    return result


PARTS: dict[str, Callable[[Path, argparse.Namespace], dict[str, Any]]] = {
    "digits": measure_digits,
    "speakers": measure_speakers,
    "connected": measure_connected,
    "synthetic": measure_synthetic,
}


def main() -> int:
    """Measure what is not stored, then write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", default="", choices=["", *PARTS], help="measure one part")
    parser.add_argument("--again", action="store_true", help="measure stored parts again")
    parser.add_argument("--threads", type=int, default=1, help="threads of a training (default: 1)")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(options.threads)
    STORED.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {}
    for name, measure in PARTS.items():
        file = STORED / f"{name}.json"
        if options.only in ("", name) and (options.again or options.quick or not file.exists()):
            with tempfile.TemporaryDirectory() as folder:
                results[name] = measure(Path(folder), options)
            if not options.quick:
                file.write_text(json.dumps(results[name]))
            tables.say(f"{name}: {json.dumps(results[name])}")
        elif file.exists():
            results[name] = json.loads(file.read_text())
    tables.finish(make_table(results), machine, options)
    return 0


def make_table(results: dict[str, Any]) -> tables.Table:
    """Return the page."""
    rows: list[list[str]] = []
    verdicts: list[str] = []
    headers: dict[str, str] = {}

    def add(what: str, tested: str, value: str, run: dict[str, Any]) -> None:
        rows.append([what, tested, value, f"{run['process_seconds']:.0f} s / {run['seconds']:.0f} s"])

    if "digits" in results:
        result = results["digits"]
        accuracies = [run["accuracy"] for run in result["runs"]]
        spread = f" ± {statistics.stdev(accuracies):.2f}" if len(accuracies) > 1 else ""
        value = f"{result['accuracy']:.2f} %{spread} ({len(accuracies)} seeds)"
        add("free spoken digits", "takes 0 to 4", value, result["runs"][0])
        claim = f"At least {TARGETS['digits']:g} % on the official test set"
        verdicts.append(tables.verdict(claim, result["accuracy"] >= TARGETS["digits"], value))
        headers["speech"] = f"test accuracy on free spoken digits, takes 0 to 4: {value}."
    if "speakers" in results:
        result = results["speakers"]
        for speaker, run in result["runs"].items():
            add("five speakers", f"{speaker}, who is in no training recording", f"{run['accuracy']:.1f} %", run)
        claim = f"At least {TARGETS['speakers']:g} % on speakers left out, on average"
        verdicts.append(tables.verdict(claim, result["accuracy"] >= TARGETS["speakers"], f"{result['accuracy']:.1f} %"))
    if "connected" in results:
        result = results["connected"]
        value = f"{result['errors']:.2f} % symbol errors"
        add("numbers joined from the recordings", f"{CONNECTED['test']} of test recordings", value, result)
        claim = f"At most {TARGETS['connected']:g} % symbol errors in numbers"
        verdicts.append(tables.verdict(claim, result["errors"] <= TARGETS["connected"], f"{result['errors']:.2f} %"))
    names = {"synthetic": "other synthetic voices", "recordings": "free spoken digits", "prompts": "Debian's prompts"}
    for language, result in results.get("synthetic", {}).items():
        for part, name in names.items():
            if part not in result:
                continue
            tested = f"{name}, {len(DIGITS[language])} recordings" if part == "prompts" else name
            add(f"synthetic voices ({language})", tested, f"{result[part]:.1f} %", result)
    if "recordings" in results.get("synthetic", {}).get("en", {}):
        value = results["synthetic"]["en"]["recordings"]
        claim = f"At least {TARGETS['synthetic']:g} % on recordings after synthetic voices alone"
        verdicts.append(tables.verdict(claim, value >= TARGETS["synthetic"], f"{value:.1f} %"))
    prompts = [part["prompts"] for part in results.get("synthetic", {}).values() if "prompts" in part]
    if prompts:
        value = statistics.mean(prompts)
        claim = f"At least {TARGETS['prompts']:g} % on prompts after synthetic voices alone"
        verdicts.append(tables.verdict(claim, value >= TARGETS["prompts"], f"{value:.0f} %"))
    notes = [
        "Times are of reading, training and the report of one run: process time, and time on the clock.",
        "The numbers are 2 to 6 recordings of one speaker, with gaps of 0.05 to 0.4 s; no recording is in training and "
        "test.",
        "Synthetic voices are those of eSpeak NG. There are ten prompts in each language, spoken by one person.",
    ]
    return tables.Table(
        "speech", "Spoken digits", "Accuracy and symbol errors of recordings that training does not contain.",
        ["trained on", "tested on", "result", "process time / clock"], rows, results, verdicts, notes, headers,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
