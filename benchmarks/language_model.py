"""Tiny Shakespeare: nats per character after 90 seconds, 5 and 15 minutes, cells, n-grams, speed of writing.

    python benchmarks/language_model.py                     all parts that are not stored yet
    python benchmarks/language_model.py --only lstm-90 --again --threads 2

The last tenth of the text is the validation text, as usual in publications; it is the text on which the settings were
chosen, too. A training has as many epochs as fit into its budget at the speed of its first steps. Seconds are those of
the training steps, of this process on all its threads (process) and on the clock.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import axone
import tables
from axone.data.text.vocabulary import BOUNDARY
from axone.engine.context import BuildContext
from axone.systems import language_model
from axone.systems.language_model import Settings
from axone.tasks.language.data import read_language
from axone.tasks.language.kneser_ney import KneserNey
from axone.tasks.language.learner import LanguageLearner
from axone.tasks.language.sampling import sample_symbols
from axone.tasks.language.steps import find_step_model

# Part -> seconds, and settings that are not the defaults.
TRAININGS: dict[str, tuple[float, dict[str, Any]]] = {
    "lstm-90": (90, {}),
    "gru-90": (90, {"cell": "gru"}),
    "rnn-90": (90, {"cell": "rnn", "learning_rate": 1e-3}),
    "lstm-300": (300, {"dropout": 0.35, "input_dropout": 0.05}),
    "lstm-900": (900, {"dropout": 0.45, "input_dropout": 0.1, "weight_dropout": 0.1, "ema": 0.999}),
}
TARGETS = {"lstm-90": 1.62, "lstm-300": 1.55, "lstm-900": 1.50}
GENERATION, BASELINE = "generation", "kneser-ney"
CHARACTERS_PER_SECOND = 2000
STORED = tables.RESULTS / "language_model"
PROBE = 30  # steps that measure the speed


class Clock:
    """Adds up the time of the training steps of all learners while it is active."""

    def __init__(self) -> None:
        self.process = self.seconds = 0.0
        self.steps = 0

    def __enter__(self) -> Clock:
        self.step = step = LanguageLearner.train_step

        def timed(learner: LanguageLearner, batch: Any) -> Any:
            process, started = time.process_time(), time.perf_counter()
            metrics = step(learner, batch)
            self.process += time.process_time() - process
            self.seconds += time.perf_counter() - started
            self.steps += 1
            return metrics

        LanguageLearner.train_step = timed  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *error: object) -> None:
        LanguageLearner.train_step = self.step  # type: ignore[method-assign]


def measure_training(name: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Train for about the budget of a part; return the losses (dynamic evaluation on request) and the times."""
    seconds, changes = TRAININGS[name]
    settings = {"data": options.data, "threads": options.threads, **changes}
    with Clock() as probe:
        axone.train("language_model", **settings, epochs=1, epoch_symbols=PROBE * 1024, limit=200_000,
                    runs_folder=folder, verbose=False)  # fmt: skip
    # With one thread the processor's time counts, because other programs may run; with several, the clock.
    used = probe.process if options.threads == 1 else probe.seconds
    symbols = seconds * PROBE * 1024 / used
    epochs = max(1, round(symbols / Settings().epoch_symbols))
    with Clock() as clock:
        run = axone.train(
            "language_model", **settings, epochs=1 if options.quick else epochs, runs_folder=folder, verbose=False
        )
    result = {
        "loss": run.results["validation"]["loss"],
        "process_seconds": clock.process,
        "seconds": clock.seconds,
        "steps": clock.steps,
        "epochs": epochs,
        "best_epoch": run.results["best_epoch"],
        "threads": options.threads,
        "parameters": run.results["parameters"],
    }
    if options.dynamic and not options.quick:
        result["dynamic"] = run.evaluate(verbose=False, dynamic=True)["validation"]["loss"]
    return result


def measure_generation(characters: int) -> dict[str, Any]:
    """Write with untrained weights, which are as fast as trained ones; return characters per second."""
    rates = {}
    for name, changes in {"default": {}, "long": language_model.Settings.PRESETS["long"]}.items():
        network = language_model.model(Settings(**changes), {"vocabulary": {"size": 67}})
        text = sample_symbols(find_step_model(network), [BOUNDARY], temperature=0.8, top_p=0.95, seed=("speed",))
        next(text)
        process, started = time.process_time(), time.perf_counter()
        for _number in range(characters):
            next(text)
        process, seconds = time.process_time() - process, time.perf_counter() - started
        rates[name] = {"per_process_second": characters / process, "per_second": characters / seconds}
    return rates


def measure_baseline(data: str) -> dict[str, Any]:
    """Return the loss of n-grams of every order with Kneser-Ney smoothing."""
    started = time.process_time()
    text = read_language(Settings(data=data), BuildContext())
    model = KneserNey(text.train.long().numpy(), text.vocabulary.size, 12)
    scores = model.log_probabilities(text.held_out.long().numpy())
    losses = -np.asarray(scores[:, 1:]).mean(1)
    return {"losses": losses.tolist(), "process_seconds": time.process_time() - started}


def main() -> int:
    """Measure what is not stored, then write the table of all that is."""
    names = (BASELINE, GENERATION, *TRAININGS)
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", default="", help=f"one of {', '.join(names)}")
    parser.add_argument("--again", action="store_true", help="measure stored parts again")
    parser.add_argument("--data", default="shakespeare", help="the text, or its file (default: shakespeare)")
    parser.add_argument("--dynamic", action="store_true", help="measure dynamic evaluation too, which takes minutes")
    parser.add_argument("--threads", type=int, default=1, help="threads of a training (default: 1)")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(options.threads)
    STORED.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {}
    for name in names:
        file = STORED / f"{name}.json"
        if options.only in ("", name) and (options.again or options.quick or not file.exists()):
            with tempfile.TemporaryDirectory() as folder:
                if name == BASELINE:
                    results[name] = measure_baseline(options.data)
                elif name == GENERATION:
                    results[name] = measure_generation(200 if options.quick else 4000)
                else:
                    results[name] = measure_training(name, options, Path(folder))
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
    for name, (seconds, changes) in TRAININGS.items():
        if name not in results:
            continue
        result = results[name]
        cell = changes.get("cell", "lstm").upper()
        others = ", ".join(f"{key} {value:g}" for key, value in changes.items() if key != "cell")
        dynamic = f"{result['dynamic']:.3f}" if "dynamic" in result else ""
        rows.append([
            f"{cell}, {seconds:g} s", others or "default settings", f"{result['loss']:.3f}", dynamic,
            f"{result['process_seconds']:.0f} s / {result['seconds']:.0f} s", str(result["threads"]),
        ])  # fmt: skip
        if name in TARGETS:
            claim = f"At most {TARGETS[name]} nats per character after {seconds:g} s"
            verdicts.append(tables.verdict(claim, result["loss"] <= TARGETS[name], f"{result['loss']:.3f}"))
    if BASELINE in results:
        losses = results[BASELINE]["losses"]
        order = int(np.argmin(losses)) + 1
        counting = f"{results[BASELINE]['process_seconds']:.0f} s"
        rows.append([f"{order}-grams", "Kneser-Ney, the best order", f"{min(losses):.3f}", "", counting, "1"])
    if GENERATION in results:
        rate = results[GENERATION]["default"]["per_process_second"]
        verdicts.append(
            tables.verdict(f"At least {CHARACTERS_PER_SECOND} characters a second", rate >= CHARACTERS_PER_SECOND,
                           f"{rate:.0f} per second of the processor")
        )  # fmt: skip
    if "lstm-90" in results and BASELINE in results:
        headers["language_model"] = (
            f"nats per character on the last tenth of Tiny Shakespeare: {results['lstm-90']['loss']:.3f} after 90 s of "
            f"training on {results['lstm-90']['threads']} thread(s); n-grams with Kneser-Ney smoothing "
            f"{min(results[BASELINE]['losses']):.3f}."
        )
    notes = [
        "The validation text chose the epoch and, in short trials, batch size, dropout and learning rate of 90 s.",
        "The settings of 300 and 900 s were chosen without trials.",
        "Dynamic evaluation reads the validation text in one row and adapts to what it has read.",
    ]
    columns = ["model", "settings", "nats per character", "dynamic evaluation", "process time / clock", "threads"]
    return tables.Table(
        "language_model", "Tiny Shakespeare by character", "Loss on the last tenth of the text.", columns, rows,
        results, verdicts, notes, headers,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
