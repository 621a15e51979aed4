"""The mlp on tables compared with XGBoost and scikit-learn with their default settings, on the same folds.

The contenders alternate on each fold in one process with the same number of threads, and are timed from the data frame
to the trained model. Trees with default settings take much less time than the mlp, so XGBoost is also measured with a
search of its hyperparameters that takes as long as the mlp.
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
from axone.engine.machine.device import usable_cores
from data_sets.real_tables import TABLES

OURS, TREES, HISTOGRAMS, DENSE = "Axone mlp", "XGBoost", "scikit-learn, histogram trees", "scikit-learn, MLP"
SEARCHED = "XGBoost, hyperparameter search in the time of the mlp"
DEFAULTS = (OURS, TREES, HISTOGRAMS, DENSE)
FOLDS = 5
TIE = 0.05  # difference of mean ranks that counts as a tie

Results = dict[str, dict[str, dict[str, list[float]]]]  # table -> contender -> "score" or "seconds" -> folds


def contenders(classes: bool, threads: int, seed: int) -> dict[str, Callable[[], Any]]:
    """Return the constructor of each contender with its default settings."""

    def dense() -> Any:  # needs scaled columns
        columns = make_column_transformer(
            (StandardScaler(), make_column_selector(dtype_include=np.number)),
            (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
        )
        return make_pipeline(columns, (MLPClassifier if classes else MLPRegressor)(random_state=seed))

    trees = XGBClassifier if classes else XGBRegressor
    histograms = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    estimator = axone.MLPClassifier if classes else axone.MLPRegressor
    return {
        OURS: lambda: estimator(random_state=seed, settings={"threads": threads, "device": "cpu"}),
        TREES: lambda: trees(enable_categorical=True, n_jobs=threads, random_state=seed),
        HISTOGRAMS: lambda: histograms(random_state=seed),
        DENSE: dense,
    }


def measure(name: str, folds: int, threads: int) -> dict[str, dict[str, list[float]]]:
    """Return score (accuracy or R²) and seconds of every contender on the folds of one table."""
    frame, target = TABLES[name]()
    classes = frame[target].dtype == polars.String or name == "digits"
    labels = frame[target].to_numpy()
    if classes:
        labels = np.unique(labels.astype(str), return_inverse=True)[1]
    columns = {
        column: pandas.Categorical(frame[column].to_list()) if frame[column].dtype == polars.String
        else frame[column].to_numpy()
        for column in frame.columns if column != target
    }  # fmt: skip
    rows = pandas.DataFrame(columns)
    score = accuracy_score if classes else r2_score
    results: dict[str, dict[str, list[float]]] = {}
    splitter = (StratifiedKFold if classes else KFold)(FOLDS, shuffle=True, random_state=0)
    for fold, (train, test) in enumerate(splitter.split(rows, labels)):
        if fold >= folds:
            break
        models = list(contenders(classes, threads, fold).items())
        models = models[fold % 4 :] + models[: fold % 4]
        for contender, make in [*models, (SEARCHED, None)]:
            model = make() if make else Searched(classes, threads, fold, results[OURS]["seconds"][-1])
            began = time.perf_counter()
            with threadpool_limits(threads), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scikit-learn's MLP warns that it did not converge
                model.fit(rows.iloc[train], labels[train])
            seconds = time.perf_counter() - began
            values = results.setdefault(contender, {"score": [], "seconds": []})
            values["score"].append(float(score(labels[test], model.predict(rows.iloc[test]))))
            values["seconds"].append(seconds)
    return results


class Searched:
    """XGBoost with a random search of its hyperparameters within a number of seconds.

    A fifth of the training rows is held out to compare settings; the defaults are tried first. The time includes the
    final training on all rows with the best settings.
    """

    def __init__(self, classes: bool, threads: int, seed: int, seconds: float) -> None:
        self.make = XGBClassifier if classes else XGBRegressor
        self.fixed = {"enable_categorical": True, "n_jobs": threads, "random_state": seed}
        self.classes, self.seconds, self.rng = classes, seconds, np.random.default_rng(seed)

    def fit(self, rows: pandas.DataFrame, labels: np.ndarray) -> None:
        """Search, then train with the best settings."""
        end = time.perf_counter() + self.seconds
        chosen: dict[str, Any] = {}
        split = {"test_size": 0.2, "random_state": 0, "stratify": labels if self.classes else None}
        parts = train_test_split(rows, labels, **split)
        best, longest, refit, candidate = -np.inf, 0.0, 0.0, chosen
        while time.perf_counter() + longest + refit < end:
            began = time.perf_counter()
            score, rounds = self.evaluate(candidate, *parts)
            took = time.perf_counter() - began
            longest = max(longest, took)
            if score > best:
                best, chosen, refit = score, {**candidate, "n_estimators": rounds}, 1.25 * took
            candidate = self.draw()
        self.model = self.make(**self.fixed, **chosen).fit(rows, labels)

    def evaluate(
        self, candidate: dict[str, Any], rows: Any, held: Any, labels: Any, held_labels: Any
    ) -> tuple[float, int]:
        """Return the score on the held-out rows with these hyperparameters, and the number of boosting rounds."""
        early = {"n_estimators": 500, "early_stopping_rounds": 20} if candidate else {"n_estimators": 100}
        model = self.make(**self.fixed, **candidate, **early)
        model.fit(rows, labels, eval_set=[(held, held_labels)], verbose=False)
        rounds = model.best_iteration + 1 if candidate else early["n_estimators"]
        return float(model.score(held, held_labels)), rounds

    def draw(self) -> dict[str, Any]:
        """Draw hyperparameters from common ranges."""

        def log_uniform(low: float, high: float) -> float:
            return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

        return {
            "learning_rate": log_uniform(0.02, 0.3),
            "max_depth": int(self.rng.integers(3, 10)),
            "min_child_weight": log_uniform(0.5, 20),
            "subsample": float(self.rng.uniform(0.6, 1)),
            "colsample_bytree": float(self.rng.uniform(0.5, 1)),
            "reg_lambda": log_uniform(0.1, 10),
        }

    def predict(self, rows: pandas.DataFrame) -> np.ndarray:
        """Predict with the model that was trained on all rows."""
        return self.model.predict(rows)


def compute_ranks(measured: Results, contenders: Sequence[str]) -> dict[str, list[float]]:
    """Return the rank of each contender on every table by mean score: 1 is the best, equal scores share a rank."""
    ranks: dict[str, list[float]] = {}
    for results in measured.values():
        means = {name: round(statistics.fmean(results[name]["score"]), 4) for name in contenders}
        for name, mean in means.items():
            better, equal = (
                sum(other > mean for other in means.values()),
                sum(other == mean for other in means.values()),
            )
            ranks.setdefault(name, []).append(better + (equal + 1) / 2)
    return ranks


def main() -> int:
    """Run the benchmark."""
    options = arguments()
    machine = tables.begin(options)
    names = ("iris", "diabetes") if options.quick else options.tables or tuple(TABLES)
    folds = 1 if options.quick else FOLDS
    torch.set_num_threads(options.threads)
    axone.MLPClassifier(epochs=1).fit(np.eye(4), [0, 1, 0, 1])  # imports on first use are not measured
    measured: Results = {}
    for name in names:
        measured[name] = measure(name, folds, options.threads)
        line = ", ".join(
            f"{who} {statistics.fmean(f['score']):.4f} ({statistics.median(f['seconds']):.2f} s)"
            for who, f in measured[name].items()
        )
        tables.say(f"{name}: {line}")
    tables.finish(make_table(measured, options.threads, folds), machine, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--threads", type=int, default=usable_cores(), help="threads of every contender")
    parser.add_argument("--tables", nargs="*", choices=sorted(TABLES), help="only these tables")
    return parser.parse_args()


def make_table(measured: Results, threads: int, folds: int) -> tables.Table:
    """Return the page of the benchmark."""
    everyone = (*DEFAULTS, SEARCHED)
    rows = []
    for name, results in measured.items():
        cells = [
            f"{statistics.fmean(results[who]['score']):.4f} ({statistics.median(results[who]['seconds']):.2f} s)"
            for who in everyone
        ]
        rows.append([name, *cells])
    ranked, pair = compute_ranks(measured, DEFAULTS), compute_ranks(measured, (OURS, SEARCHED))
    mean_rank = {who: statistics.fmean(ranked[who]) for who in DEFAULTS}
    equal = {who: statistics.fmean(pair[who]) for who in (OURS, SEARCHED)}
    total = {who: sum(statistics.median(f[who]["seconds"]) for f in measured.values()) for who in everyone}
    rows.append(["**mean rank, default settings**", *(f"{mean_rank[who]:.2f}" for who in DEFAULTS), ""])
    rows.append(["**mean rank, equal time**", f"{equal[OURS]:.2f}", "", "", "", f"{equal[SEARCHED]:.2f}"])
    rows.append(["**seconds, all tables**", *(f"{total[who]:.1f}" for who in everyone)])
    best = min(mean_rank.values())
    ratios = {
        n: statistics.median(f[OURS]["seconds"]) / statistics.median(f[TREES]["seconds"]) for n, f in measured.items()
    }
    return tables.Table(
        name="mlp_tables",
        title="The mlp on tables, compared with XGBoost and scikit-learn",
        question=f"Accuracy (classes) or R² (numbers), the mean of {folds} folds, and in parentheses the median "
        "seconds of a training. All contenders but the last have their default settings.",
        columns=["table", *everyone],
        rows=rows,
        raw={
            "measured": measured,
            "ranks": ranked,
            "ranks_equal_time": pair,
            "threads": threads,
            "folds": folds,
        },
        verdicts=[
            tables.verdict(
                "The mean rank of the mlp is the best, or a tie with XGBoost",
                mean_rank[OURS] <= best + TIE or mean_rank[OURS] <= mean_rank[TREES] + TIE,
                ", ".join(f"{who} {rank:.2f}" for who, rank in mean_rank.items()),
            ),
            tables.verdict(
                "In equal time, with the hyperparameter search, the mean rank of the mlp is the best or a tie",
                equal[OURS] <= equal[SEARCHED] + TIE,
                ", ".join(f"{who} {rank:.2f}" for who, rank in equal.items()),
            ),
            tables.verdict(
                "All tables together take no more time than XGBoost with default settings",
                total[OURS] <= total[TREES],
                f"{total[OURS]:.1f} s and {total[TREES]:.1f} s",
            ),
            tables.verdict(
                "Each table takes no more time than XGBoost with default settings",
                max(ratios.values()) <= 1,
                "; ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()),
            ),
        ],
        notes=[
            "Scores are compared after rounding to four digits; equal ones share a rank. Rank 1 is the best.",
            f"{SEARCHED}: a random search over learning rate, depth, sampling and regularization, compared on a "
            "fifth of the training rows, the defaults first; with the final training it takes the time of the mlp on "
            "this fold.",
            f"The contenders alternate on each fold, in rotating order, with {threads} threads each.",
            "scikit-learn's MLP is preceded by a StandardScaler and a OneHotEncoder; the others take the columns "
            "as they are.",
            "The tables are those of scikit-learn, and others extracted from real images, sounds, scores and texts: "
            "see `benchmarks/data_sets/real_tables.py`.",
        ],
        headers={"mlp": describe_ranks(mean_rank, len(measured))},
    )


def describe_ranks(mean_rank: dict[str, float], count: int) -> str:
    """Return the sentence for the header of the system."""
    others = ", ".join(f"{who} {rank:.2f}" for who, rank in mean_rank.items() if who != OURS)
    return f"mean rank {mean_rank[OURS]:.2f} on {count} tables by accuracy or R² ({others}; default settings)."


if __name__ == "__main__":
    sys.exit(main())
