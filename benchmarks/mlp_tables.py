"""The mlp on tables against what everybody reaches for: XGBoost's and scikit-learn's defaults, fold by fold.

Every contender learns the same rows of the same folds, with its defaults. They take turns on each fold, in one
process, with the same number of threads, and are timed from the frame to the trained model. Trees with defaults are
done long before the mlp; so XGBoost also gets the mlp's time on that fold, to search its hyper-parameters in.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas
import polars
import torch
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
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
SEARCHED = "XGBoost, searching for as long as the mlp trains"
DEFAULTS = (OURS, TREES, HISTOGRAMS, DENSE)
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
        made = made[fold % 4 :] + made[: fold % 4]
        for contender, make in [*made, (SEARCHED, None)]:
            model = make() if make else Searched(classes, threads, fold, found[OURS]["seconds"][-1])
            began = time.perf_counter()
            with threadpool_limits(threads), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scikit-learn's MLP says that it would like to go on
                model.fit(rows.iloc[train], answers[train])
            seconds = time.perf_counter() - began
            figures = found.setdefault(contender, {"score": [], "seconds": []})
            figures["score"].append(float(score(answers[test], model.predict(rows.iloc[test]))))
            figures["seconds"].append(seconds)
    return found


class Searched:
    """XGBoost with the best hyper-parameters that a random search finds on a fifth held out, in so many seconds.

    The defaults are tried first. The last of the time goes into learning all rows with the best ones.
    """

    def __init__(self, classes: bool, threads: int, seed: int, seconds: float) -> None:
        self.make = XGBClassifier if classes else XGBRegressor
        self.fixed = {"enable_categorical": True, "n_jobs": threads, "random_state": seed}
        self.classes, self.seconds, self.chance = classes, seconds, np.random.default_rng(seed)

    def fit(self, rows: pandas.DataFrame, answers: np.ndarray) -> None:
        """Search, then learn."""
        ends = time.perf_counter() + self.seconds
        chosen: dict[str, Any] = {}
        split = {"test_size": 0.2, "random_state": 0, "stratify": answers if self.classes else None}
        parts = train_test_split(rows, answers, **split)
        best, longest, refit, asked = -np.inf, 0.0, 0.0, chosen
        while time.perf_counter() + longest + refit < ends:
            began = time.perf_counter()
            score, rounds = self.trial(asked, *parts)
            took = time.perf_counter() - began
            longest = max(longest, took)
            if score > best:
                best, chosen, refit = score, {**asked, "n_estimators": rounds}, 1.25 * took
            asked = self.drawn()
        self.model = self.make(**self.fixed, **chosen).fit(rows, answers)

    def trial(self, asked: dict[str, Any], rows: Any, held: Any, answers: Any, held_answers: Any) -> tuple[float, int]:
        """Learn with some hyper-parameters; return the score on what was held out, and the rounds that gave it."""
        early = {"n_estimators": 500, "early_stopping_rounds": 20} if asked else {"n_estimators": 100}
        model = self.make(**self.fixed, **asked, **early)
        model.fit(rows, answers, eval_set=[(held, held_answers)], verbose=False)
        rounds = model.best_iteration + 1 if asked else early["n_estimators"]
        return float(model.score(held, held_answers)), rounds

    def drawn(self) -> dict[str, Any]:
        """Draw hyper-parameters from the usual ranges."""

        def spread(low: float, high: float) -> float:  # evenly in the logarithm
            return float(np.exp(self.chance.uniform(np.log(low), np.log(high))))

        return {
            "learning_rate": spread(0.02, 0.3),
            "max_depth": int(self.chance.integers(3, 10)),
            "min_child_weight": spread(0.5, 20),
            "subsample": float(self.chance.uniform(0.6, 1)),
            "colsample_bytree": float(self.chance.uniform(0.5, 1)),
            "reg_lambda": spread(0.1, 10),
        }

    def predict(self, rows: pandas.DataFrame) -> np.ndarray:
        """Answer with the model that learned all rows."""
        return self.model.predict(rows)


def ranks(measured: Figures, everyone: Sequence[str]) -> dict[str, list[float]]:
    """Return each contender's rank on every table by mean score (1 is best; equal scores share a rank)."""
    found: dict[str, list[float]] = {}
    for figures in measured.values():
        means = {name: round(statistics.fmean(figures[name]["score"]), 4) for name in everyone}
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
    everyone = (*DEFAULTS, SEARCHED)
    rows = []
    for name, figures in measured.items():
        cells = [
            f"{statistics.fmean(figures[who]['score']):.4f} ({statistics.median(figures[who]['seconds']):.2f} s)"
            for who in everyone
        ]
        rows.append([name, *cells])
    ranked, pair = ranks(measured, DEFAULTS), ranks(measured, (OURS, SEARCHED))
    mean_rank = {who: statistics.fmean(ranked[who]) for who in DEFAULTS}
    equal = {who: statistics.fmean(pair[who]) for who in (OURS, SEARCHED)}
    total = {who: sum(statistics.median(f[who]["seconds"]) for f in measured.values()) for who in everyone}
    rows.append(["**mean rank, defaults**", *(f"{mean_rank[who]:.2f}" for who in DEFAULTS), ""])
    rows.append(["**mean rank, equal time**", f"{equal[OURS]:.2f}", "", "", "", f"{equal[SEARCHED]:.2f}"])
    rows.append(["**seconds, all tables**", *(f"{total[who]:.1f}" for who in everyone)])
    best = min(mean_rank.values())
    shares = {
        n: statistics.median(f[OURS]["seconds"]) / statistics.median(f[TREES]["seconds"]) for n, f in measured.items()
    }
    return tables.Table(
        name="mlp_tables",
        title="The mlp on tables, beside XGBoost and scikit-learn",
        question=f"Accuracy (of classes) or R² (of numbers), the mean of {folds} folds, and the median seconds of a "
        "training in brackets. Every contender but the last has its defaults.",
        columns=["table", *everyone],
        rows=rows,
        raw={
            "measured": measured,
            "ranks": ranked,
            "ranks_equal_time": pair,
            "threads": options.threads,
            "folds": folds,
        },
        verdicts=[
            tables.verdict(
                "The mlp's mean rank is the best, or ties with XGBoost's",
                mean_rank[OURS] <= best + ALIKE or mean_rank[OURS] <= mean_rank[TREES] + ALIKE,
                ", ".join(f"{who} {rank:.2f}" for who, rank in mean_rank.items()),
            ),
            tables.verdict(
                "At equal wall time, the one training, the other searching, the mlp's mean rank is the best or a tie",
                equal[OURS] <= equal[SEARCHED] + ALIKE,
                ", ".join(f"{who} {rank:.2f}" for who, rank in equal.items()),
            ),
            tables.verdict(
                "All tables together take it no longer than XGBoost's defaults",
                total[OURS] <= total[TREES],
                f"{total[OURS]:.1f} s and {total[TREES]:.1f} s",
            ),
            tables.verdict(
                "Each table alone takes it no longer than XGBoost's defaults",
                max(shares.values()) <= 1,
                "; ".join(f"{name} {share:.2f}" for name, share in shares.items()),
            ),
        ],
        notes=[
            "Scores are compared after rounding to four digits; equal ones share a rank. Rank 1 is the best.",
            f"{SEARCHED}: a random search over learning rate, depth, sampling and regularization on a fifth of the "
            "training rows, the defaults first; its time ends with the mlp's on the same fold, all rows learned.",
            "Contenders take turns on each fold, in an order that moves on from fold to fold, with "
            f"{options.threads} threads each.",
            "scikit-learn's MLP gets a StandardScaler and a OneHotEncoder in front; the others take it as it is.",
            "The tables are scikit-learn's own, and others made from real pictures, sounds, scores and texts: "
            "`benchmarks/real_tables.py` says how.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
