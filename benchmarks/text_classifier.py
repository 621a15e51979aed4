"""Texts: film reviews in five folds, and the language of a word, and linear models on the same texts.

    python benchmarks/text_classifier.py                          all parts that are not stored yet
    python benchmarks/text_classifier.py --only reviews --again

The reviews are rt-polarity (Pang and Lee 2005), 5,331 + 5,331 sentences in Latin-1; --reviews names their folder, or
the environment variable AXONE_REVIEWS. Each fold is one training with `--preset reviews`; all of its other texts are
trained on. Settings were tuned on parts of the training texts of two of the folds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from sklearn.model_selection import StratifiedKFold

import axone
import tables
from axone.data.labeled_texts.collection import LabeledTexts

FOLDS, SEEDS = 5, 3
REVIEWS: dict[str, dict[str, Any]] = {
    "reviews": {"preset": "reviews"},
    "reviews-gru": {"preset": "reviews", "cell": "gru"},
    "reviews-rnn": {"preset": "reviews", "cell": "rnn"},
    "reviews-one-direction": {"preset": "reviews", "bidirectional": False},
    "reviews-without-linear": {"preset": "reviews", "linear": False},
}
LANGUAGES: dict[str, dict[str, Any]] = {
    "languages": {},
    "languages-gru": {"cell": "gru"},
    "languages-rnn": {"cell": "rnn"},
}
NAMES = {
    "reviews": "film reviews, BiLSTM", "reviews-gru": "film reviews, both directions, GRU",
    "reviews-rnn": "film reviews, both directions, plain RNN",
    "reviews-one-direction": "film reviews, LSTM forward only",
    "reviews-without-linear": "film reviews, BiLSTM alone (--no-linear)", "languages": "language of a word, BiLSTM",
    "languages-gru": "language of a word, GRU", "languages-rnn": "language of a word, plain RNN",
}  # fmt: skip
STORED = tables.RESULTS / "text_classifier"
CONFUSION = "language-confusion.svg"
NB_SVM, AIM, SECONDS = 0.778, 0.79, 60.0  # what the reviews must show: above the first, aim, time of a fold


def read_reviews(folder: Path, fold: int) -> LabeledTexts:
    """Return all reviews, with one of the folds as the test part."""
    texts, labels = [], []
    for label, name in enumerate(("rt-polarity.neg", "rt-polarity.pos")):
        lines = (folder / name).read_text("latin-1").split("\n")
        texts += [line.strip() for line in lines if line.strip()]
        labels += [label] * (len(texts) - len(labels))
    splits = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(texts, labels))
    train, test = (torch.from_numpy(rows) for rows in splits[fold])
    return LabeledTexts("rt-polarity", "film reviews", texts, ("negative", "positive"), torch.tensor(labels),
                        parts={"train": train, "test": test})  # fmt: skip


def train(folder: Path, data: Any, **settings: Any) -> dict[str, Any]:
    """Train once; return the accuracy on the test part, those of the baselines, and seconds."""
    began, processor = time.perf_counter(), time.process_time()
    run = axone.train("text_classifier", data=data, threads=1, runs_folder=folder, verbose=False, **settings)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - processor
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text("utf-8").splitlines()]
    (table,) = [event for event in events if event["kind"] == "table" and event["name"] == "baselines"]
    if settings.get("seed") == 0 and data == "languages" and "cell" not in settings:
        (tables.IMAGES / CONFUSION).write_bytes((run.path / "figures" / "confusion-final.svg").read_bytes())
    return {
        "accuracy": run.results["test"]["accuracy"], "baselines": dict(table["rows"][1:]), "seconds": seconds,
        "cpu_seconds": cpu_seconds, "training_seconds": run.results["seconds"],
    }  # fmt: skip


def measure(name: str, options: argparse.Namespace, folder: Path, file: Path) -> list[dict[str, Any]]:
    """Return the results of all folds of the reviews, or of all seeds of the languages; each is stored at once."""
    more = {"epochs": 1, "limit": 500} if options.quick else {}
    count = 1 if options.quick else SEEDS if name in LANGUAGES else FOLDS
    runs = json.loads(file.read_text()) if file.exists() and not options.again and not options.quick else []
    for number in range(len(runs), count):
        if name in LANGUAGES:
            runs.append(train(folder, "languages", seed=number, **{**LANGUAGES[name], **more}))
        else:
            data = read_reviews(options.reviews, number)
            runs.append(train(folder, data, seed=0, validation=0.0, **{**REVIEWS[name], **more}))
        tables.say(f"{name}: {json.dumps(runs[-1])}")
        if not options.quick:
            file.write_text(json.dumps(runs, indent=1) + "\n")
    return runs


def main() -> int:
    """Measure what is not stored, then write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", default="", help=f"one of {', '.join((*REVIEWS, *LANGUAGES))}")
    parser.add_argument("--again", action="store_true", help="measure stored parts again")
    parser.add_argument("--reviews", type=Path, default=Path(os.environ.get("AXONE_REVIEWS", ".")), help="their folder")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(1)
    STORED.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in (*REVIEWS, *LANGUAGES):
        file = STORED / f"{name}.json"
        if options.only in ("", name):
            with tempfile.TemporaryDirectory() as folder:
                results[name] = measure(name, options, Path(folder), file)
        elif file.exists():
            results[name] = json.loads(file.read_text())
    tables.finish(make_table(results), machine, options)
    return 0


def make_table(results: dict[str, list[dict[str, Any]]]) -> tables.Table:
    """Return the page."""
    rows, verdicts, sentences = [], [], []
    for name, runs in results.items():
        accuracies = [100 * run["accuracy"] for run in runs]
        linear = [
            tables.mean_of([100 * run["baselines"][baseline] for run in runs], 1) for baseline in runs[0]["baselines"]
        ]
        time_of_one = tables.spread([run["cpu_seconds"] for run in runs], 0, " s")
        rows.append([NAMES[name], tables.mean_of(accuracies, 1), *linear, time_of_one])
    if "reviews" in results:
        runs = results["reviews"]
        mean = statistics.fmean(run["accuracy"] for run in runs)
        best = statistics.fmean(max(run["baselines"].values()) for run in runs)
        slowest = max(run["cpu_seconds"] for run in runs)
        verdicts += [
            tables.verdict("Film reviews: above NB-SVM (77.8 %)", mean > NB_SVM, f"{100 * mean:.1f} %"),
            tables.verdict("Film reviews: aim 79 %", mean >= AIM, f"{100 * mean:.1f} %"),
            tables.verdict("A fold in 60 s of the processor", slowest <= SECONDS, f"at most {slowest:.0f} s"),
        ]
        sentences.append(
            f"{100 * mean:.1f} % on film reviews (rt-polarity, 5 folds; best linear model {100 * best:.1f} %)"
        )
    if "languages" in results:
        runs = results["languages"]
        mean = statistics.fmean(run["accuracy"] for run in runs)
        best = statistics.fmean(max(run["baselines"].values()) for run in runs)
        sentences.append(
            f"{100 * mean:.1f} % on the language of a word, of twenty (best linear model {100 * best:.1f} %)"
        )
    return tables.Table(
        "text_classifier",
        "Texts and linear models on the same texts",
        "The share of test texts whose class is right, in percent: film reviews in five folds, and the language of "
        "single words in three seeds, each with its own division.",
        ["texts", "text_classifier (%)", "TF-IDF + logistic regression (%)", "NB-SVM (%)", "processor time of one"],
        rows,
        results,
        verdicts,
        [
            "The linear models see the same training texts: n-grams of one and two words for the reviews, of one to "
            "four characters for the words.",
            "The time is that of the whole command on one thread: reading, training, figures, and the linear models.",
        ],
        {"text_classifier": "accuracy " + "; ".join(sentences) + "."} if sentences else {},
        {CONFUSION: "The language of words that training did not see: true classes in rows."}
        if "languages" in results and (tables.IMAGES / CONFUSION).exists()
        else {},
    )


if __name__ == "__main__":
    sys.exit(main())
