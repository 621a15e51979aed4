"""The mlp on tables against what everybody reaches for: XGBoost's and scikit-learn's defaults, fold by fold.

Every contender learns the same rows of the same folds, with its defaults. They take turns on each fold, in one
process, with the same number of threads, and are timed from the frame to the trained model.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import polars
import torch
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier, XGBRegressor

import tables
from axone import sklearn as axone
from axone.engine.device import usable_cores
from real_tables import TABLES

OURS, TREES, HISTOGRAMS, DENSE = "Axone mlp", "XGBoost", "scikit-learn, histogram trees", "scikit-learn, MLP"
FOLDS = 5
ALIKE = 0.05  # of a rank: what counts as a tie

Figures = dict[str, dict[str, dict[str, list[float]]]]  # table -> contender -> "score" or "seconds" -> folds


def contenders(classes: bool, threads: int, seed: int) -> dict[str, Callable[[], Any]]:
    """Return what makes each contender, with its defaults."""

    def dense() -> Any:  # without scaling it would not stand a chance
        columns = make_column_transformer(
            (StandardScaler(), make_column_selector(dtype_include=np.number)),
            (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
        )
        return make_pipeline(columns, (MLPClassifier if classes else MLPRegressor)(random_state=seed))

    trees = XGBClassifier if classes else XGBRegressor
    histograms = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    ours = axone.MLPClassifier if classes else axone.MLPRegressor
    return {
        OURS: lambda: ours(random_state=seed, settings={"threads": threads, "device": "cpu"}),
        TREES: lambda: trees(enable_categorical=True, n_jobs=threads, random_state=seed),
        HISTOGRAMS: lambda: histograms(random_state=seed),
        DENSE: dense,
    }


def measure(name: str, folds: int, threads: int) -> dict[str, dict[str, list[float]]]:
    """Return score (accuracy, or R squared) and seconds of every contender on the folds of one table."""
    frame, target = TABLES[name]()
    classes = frame[target].dtype == polars.String or name == "digits"
    answers = frame[target].to_numpy()
    if classes:
        answers = np.unique(answers.astype(str), return_inverse=True)[1]
    columns = {
        column: pandas.Categorical(frame[column].to_list()) if frame[column].dtype == polars.String
        else frame[column].to_numpy()
        for column in frame.columns if column != target
    }  # fmt: skip
    rows = pandas.DataFrame(columns)
    score = accuracy_score if classes else r2_score
    found: dict[str, dict[str, list[float]]] = {}
    splitter = (StratifiedKFold if classes else KFold)(FOLDS, shuffle=True, random_state=0)
    for fold, (train, test) in enumerate(splitter.split(rows, answers)):
        if fold >= folds:
            break
        made = list(contenders(classes, threads, fold).items())
        for contender, make in made[fold % 4 :] + made[: fold % 4]:
            model = make()
            began = time.perf_counter()
            with threadpool_limits(threads), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scikit-learn's MLP says that it would like to go on
                model.fit(rows.iloc[train], answers[train])
            seconds = time.perf_counter() - began
            figures = found.setdefault(contender, {"score": [], "seconds": []})
            figures["score"].append(float(score(answers[test], model.predict(rows.iloc[test]))))
            figures["seconds"].append(seconds)
    return found


def ranks(measured: Figures) -> dict[str, list[float]]:
    """Return each contender's rank on every table by mean score (1 is best; equal scores share a rank)."""
    found: dict[str, list[float]] = {}
    for figures in measured.values():
        means = {name: round(statistics.fmean(one["score"]), 4) for name, one in figures.items()}
        for name, mean in means.items():
            better, alike = (
                sum(other > mean for other in means.values()),
                sum(other == mean for other in means.values()),
            )
            found.setdefault(name, []).append(better + (alike + 1) / 2)
    return found


def main() -> int:
    """Run the benchmark."""
    options = arguments()
    machine = tables.begin(options)
    names = ("iris", "diabetes") if options.quick else options.tables or tuple(TABLES)
    folds = 1 if options.quick else FOLDS
    torch.set_num_threads(options.threads)
    axone.MLPClassifier(epochs=1).fit(np.eye(4), [0, 1, 0, 1])  # what is loaded on first use is nobody's time
    measured: Figures = {}
    for name in names:
        measured[name] = measure(name, folds, options.threads)
        told = ", ".join(
            f"{who} {statistics.fmean(f['score']):.4f} ({statistics.median(f['seconds']):.2f} s)"
            for who, f in measured[name].items()
        )
        tables.say(f"{name}: {told}")
    tables.finish(table_of(measured, options, folds), machine, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--threads", type=int, default=usable_cores(), help="of every contender")
    parser.add_argument("--tables", nargs="*", choices=sorted(TABLES), help="these alone")
    return parser.parse_args()


def table_of(measured: Figures, options: argparse.Namespace, folds: int) -> tables.Table:
    everyone = (OURS, TREES, HISTOGRAMS, DENSE)
    rows = []
    for name, figures in measured.items():
        cells = [
            f"{statistics.fmean(figures[who]['score']):.4f} ({statistics.median(figures[who]['seconds']):.2f} s)"
            for who in everyone
        ]
        rows.append([name, *cells])
    ranked = ranks(measured)
    mean_rank = {who: statistics.fmean(ranked[who]) for who in everyone}
    total = {who: sum(statistics.median(f[who]["seconds"]) for f in measured.values()) for who in everyone}
    rows.append(["**mean rank**", *(f"{mean_rank[who]:.2f}" for who in everyone)])
    rows.append(["**seconds, all tables**", *(f"{total[who]:.1f}" for who in everyone)])
    best = min(mean_rank.values())
    shares = {
        n: statistics.median(f[OURS]["seconds"]) / statistics.median(f[TREES]["seconds"]) for n, f in measured.items()
    }
    return tables.Table(
        name="mlp_tables",
        title="The mlp on tables, beside XGBoost and scikit-learn",
        question=f"Accuracy (of classes) or R² (of numbers), the mean of {folds} folds, and the median seconds of a "
        "training in brackets. Every contender has its defaults.",
        columns=["table", *everyone],
        rows=rows,
        raw={"measured": measured, "ranks": ranked, "threads": options.threads, "folds": folds},
        verdicts=[
            tables.verdict(
                "The mlp's mean rank is the best, or ties with XGBoost's",
                mean_rank[OURS] <= best + ALIKE or mean_rank[OURS] <= mean_rank[TREES] + ALIKE,
                ", ".join(f"{who} {rank:.2f}" for who, rank in mean_rank.items()),
            ),
            tables.verdict(
                "All tables together take it no longer than XGBoost",
                total[OURS] <= total[TREES],
                f"{total[OURS]:.1f} s and {total[TREES]:.1f} s",
            ),
            tables.verdict(
                "Each table alone takes it no longer than XGBoost",
                max(shares.values()) <= 1,
                "; ".join(f"{name} {share:.2f}" for name, share in shares.items()),
            ),
        ],
        notes=[
            "Scores are compared after rounding to four digits; equal ones share a rank. Rank 1 is the best.",
            "Contenders take turns on each fold, in an order that moves on from fold to fold, with "
            f"{options.threads} threads each.",
            "scikit-learn's MLP gets a StandardScaler and a OneHotEncoder in front; the others take it as it is.",
            "The tables are scikit-learn's own, and others made from real pictures, sounds, scores and texts: "
            "`benchmarks/real_tables.py` says how.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
