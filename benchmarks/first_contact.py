"""Default settings on twenty small data sets, compared with the best of a grid, fastai's defaults, and XGBoost.

What a person gets who passes nothing but data: ten sets of images (`data_sets/small_images.py`) to the cnn and ten
tables (`data_sets/small_tables.py`) to the mlp. The result of each set is stored when it is complete, so that a stopped
run continues; `--only NAME` measures some of the sets. The page has the sets that are measured, and names the others.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas
import torch
from sklearn.metrics import accuracy_score, r2_score
from xgboost import XGBClassifier, XGBRegressor

import tables
from axone.engine.machine.device import usable_cores
from axone.sklearn import ImageClassifier, MLPClassifier, MLPRegressor
from contenders import fastai_like
from data_sets.small_images import SETS, SmallSet
from data_sets.small_tables import TABLES, SmallTable

DEFAULTS, GRID, FASTAI, TREES = "defaults", "best of the grid", "fastai's defaults", "XGBoost"
SEEDS = 2
ALL_DATA = {"validation": 0.0}  # of the grids, as of the defaults on few images
TOLERANCE = 2.0  # points of accuracy or R² that the defaults may be below the best of the grid
STORED = tables.RESULTS / "first_contact"  # the results of each data set, until all are there
DATA: dict[str, Callable[[int], Any]] = {
    **{f"images: {name}": make for name, make in SETS.items()},
    **{f"table: {name}": make for name, make in TABLES.items()},
}

Run = dict[str, Any]  # "score" in points and "seconds"; of a grid also "settings"
Results = dict[str, list[Run]]  # contender -> its runs


def image_grid(images: int) -> Iterator[dict[str, Any]]:
    """Yield the settings that a good user would try on a number of images."""
    batch_size = 8 if images < 100 else 16
    for network, augment, steps in product(("course", "fast"), ("none", "affine"), (300, 1000)):
        epochs = math.ceil(steps / max(1, images // batch_size))
        yield {"network": network, "augment": augment, "batch_size": batch_size, "epochs": epochs, **ALL_DATA}
    if fastai_like.is_available():
        yield {"network": "efficientnet-lite0", "batch_size": batch_size, "epochs": 40, **ALL_DATA}


def table_grid(rows: int) -> Iterator[dict[str, Any]]:
    """Yield the settings that a good user would try on a number of rows."""
    for learning_rate, steps, units in product((0.003, 0.01), (400, 1500), ((64, 64), (128, 128))):
        epochs = math.ceil(steps / max(1, int(rows * 0.9) // 32))
        yield {"learning_rate": learning_rate, "epochs": epochs, "batch_size": 32, "units": units, **ALL_DATA}


def measure_images(
    make: Callable[[int], SmallSet],
    seeds: int,
    threads: int,
    quick: bool,
    with_fastai: bool = True,
    stored: Results | None = None,
) -> Results:
    """Return the runs of every contender on one set of images; with `stored` runs, those of the defaults again."""
    results: Results = {DEFAULTS: [], GRID: [], FASTAI: []} if stored is None else {**stored, DEFAULTS: []}
    for seed in range(seeds):
        data = make(seed)

        def train(settings: Mapping[str, Any], data: SmallSet = data, seed: int = seed) -> Run:
            began = time.perf_counter()
            fixed = {"threads": threads, "device": "cpu", **settings}
            model = ImageClassifier(random_state=seed, settings=fixed).fit(data.train, data.train_labels)
            seconds = time.perf_counter() - began
            score = 100 * accuracy_score(data.test_labels, model.predict(data.test))
            return {"score": score, "seconds": seconds, "settings": {**settings}}

        results[DEFAULTS].append(train({}))
        if stored is not None:
            continue
        grid = list(image_grid(len(data.train)))
        results[GRID] += [{**train(settings), "seed": seed} for settings in (grid[:1] if quick else grid)]
        if seed == 0 and with_fastai and not quick and fastai_like.is_available():  # minutes on a processor: one seed
            results[FASTAI].append(fastai_like.run(data.train, data.train_labels, data.test, data.test_labels))
    return results


def measure_table(
    make: Callable[[int], SmallTable], seeds: int, threads: int, quick: bool, stored: Results | None = None
) -> Results:
    """Return the runs of every contender on one table; with `stored` runs, those of the defaults again."""
    results: Results = {DEFAULTS: [], GRID: [], TREES: []} if stored is None else {**stored, DEFAULTS: []}
    for seed in range(seeds):
        table = make(seed)
        score = accuracy_score if table.is_classification else r2_score
        rows, test_rows = (part.drop(columns=table.target) for part in (table.train, table.test))
        labels, test_labels = (part[table.target].to_numpy() for part in (table.train, table.test))

        def fit(model: Any, score: Any = score, data: Any = (rows, labels, test_rows, test_labels)) -> Run:
            began = time.perf_counter()
            model.fit(data[0], data[1])
            seconds = time.perf_counter() - began
            return {"score": 100 * float(score(data[3], model.predict(data[2]))), "seconds": seconds}

        estimator = MLPClassifier if table.is_classification else MLPRegressor
        fixed = {"threads": threads, "device": "cpu"}
        results[DEFAULTS].append(fit(estimator(random_state=seed, settings=fixed)))
        if stored is not None:
            continue
        grid = list(table_grid(len(rows)))
        for settings in grid[:1] if quick else grid:
            run = fit(estimator(random_state=seed, settings={**fixed, **settings}))
            results[GRID].append({**run, "settings": settings, "seed": seed})
        trees = XGBClassifier if table.is_classification else XGBRegressor
        model = trees(enable_categorical=True, n_jobs=threads, random_state=seed)
        levels = {name: sorted(set(rows[name])) for name in rows if not pandas.api.types.is_numeric_dtype(rows[name])}
        typed = [part.astype({n: pandas.CategoricalDtype(v) for n, v in levels.items()}) for part in (rows, test_rows)]
        classes, numbers = np.unique(labels, return_inverse=True)
        if table.is_classification:
            test_numbers = np.searchsorted(classes, test_labels)
            results[TREES].append(fit(model, data=(typed[0], numbers, typed[1], test_numbers)))
        else:
            results[TREES].append(fit(model, data=(typed[0], labels, typed[1], test_labels)))
    return results


def best_of(runs: list[Run]) -> Run:
    """Return the settings of the grid with the best mean score over the seeds, with that mean and the mean seconds."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        key = {name: value for name, value in run["settings"].items() if name != "epochs"}
        groups.setdefault(json.dumps([key, run["settings"]["epochs"]]), []).append(run)
    means = [
        {**group[0], "score": mean(group, "score"), "seconds": mean(group, "seconds")} for group in groups.values()
    ]
    return max(means, key=lambda run: float(run["score"]))


def mean(runs: list[Run], name: str) -> float:
    """Return the mean of "score" or "seconds" over runs."""
    return statistics.fmean(run[name] for run in runs)


def main() -> int:
    """Measure what is not stored yet; write the page when the results of all sets are there."""
    options = arguments()
    machine = tables.begin(options)
    warnings.simplefilter("ignore")
    torch.set_num_threads(options.threads)
    names = ["images: arrows", "table: iris"] if options.quick else options.only or list(DATA)
    measured = {} if options.quick else read_stored()
    ImageClassifier(epochs=1).fit(np.zeros((4, 28, 28), np.uint8), [0, 1, 0, 1])  # imports on first use
    for name in names:
        if name in measured and not (options.again or options.again_defaults):
            continue
        stored = measured.get(name) if options.again_defaults else None
        measure: Callable[..., Results] = measure_table
        if name.startswith("images"):
            measure = functools.partial(measure_images, with_fastai=not options.without_fastai)
        seeds = 1 if options.quick else options.seeds
        stored_fastai = (
            {FASTAI: measured[name][FASTAI]} if options.without_fastai and measured.get(name, {}).get(FASTAI) else {}
        )
        measured[name] = {**measure(DATA[name], seeds, options.threads, options.quick, stored=stored), **stored_fastai}
        tables.say(describe(name, measured[name]))
        if not options.quick:
            STORED.mkdir(parents=True, exist_ok=True)
            content = {"name": name, "results": measured[name]}
            (STORED / f"{re.sub('[^a-z]+', '-', name)}.json").write_text(json.dumps(content, indent=1), "utf-8")
    tables.finish(make_table({name: measured[name] for name in DATA if name in measured}), machine, options)
    return 0


def read_stored() -> dict[str, Results]:
    """Return the stored results of data sets that were measured before."""
    contents = [json.loads(file.read_text("utf-8")) for file in sorted(STORED.glob("*.json"))]
    return {content["name"]: content["results"] for content in contents if content["name"] in DATA}


def describe(name: str, results: Results) -> str:
    """Return one line on a data set."""
    best = best_of(results[GRID])
    others = "".join(f", {who} {mean(results[who], 'score'):.1f}" for who in (FASTAI, TREES) if results.get(who))
    defaults = f"{mean(results[DEFAULTS], 'score'):.1f} ({mean(results[DEFAULTS], 'seconds'):.1f} s)"
    return f"{name}: defaults {defaults}, best {best['score']:.1f} {best['settings']}{others}"


def make_table(measured: dict[str, Results]) -> tables.Table:
    """Return the page of the benchmark."""
    contenders = (DEFAULTS, GRID, FASTAI, TREES)
    rows, differences = [], {}
    for name, results in measured.items():
        cells = []
        for who in contenders:
            runs = [best_of(results[who])] if who == GRID else results.get(who, [])
            cells.append(f"{mean(runs, 'score'):.1f} ({mean(runs, 'seconds'):.1f} s)" if runs else "")
        differences[name] = mean(results[DEFAULTS], "score") - float(best_of(results[GRID])["score"])
        rows.append(
            [
                name,
                str(len(results[DEFAULTS])),
                *cells,
                f"{differences[name]:+.1f}",
                _format(best_of(results[GRID])["settings"]),
            ]
        )
    missing = [name for name in DATA if name not in measured]
    below = {name: value for name, value in differences.items() if value < -TOLERANCE}
    return tables.Table(
        name="first_contact",
        title="First contact: default settings on twenty small data sets",
        question="Accuracy in per cent (R² times 100 for numbers) on images and rows that were not used, and in "
        "parentheses the seconds of a training; means over seeds. The defaults know nothing but the data.",
        columns=["data", "seeds", *contenders, "defaults less best", "best settings of the grid"],
        rows=rows,
        raw={"measured": measured, "differences": differences},
        verdicts=[
            tables.verdict(
                f"The defaults are at most {TOLERANCE:g} points below the best of the grid, on every data set",
                not below,
                ", ".join(f"{name} {value:+.1f}" for name, value in below.items())
                or f"{len(measured)} of {len(DATA)} data sets are measured",
            )
        ],
        notes=[
            *([f"Not measured yet: {', '.join(missing)}."] if missing else []),
            "The best of the grid is chosen on the test set, which favors it: with noise alone it is above the mean.",
            "The grid of images: network course or fast, augmentation none or affine, 300 or 1,000 training steps; and "
            "the last layer of EfficientNet-Lite0 with ImageNet weights, where they are installed. None holds out "
            "images for validation, as the defaults do not (docs/lab-notes.md).",
            "The grid of tables: two learning rates, 400 or 1,500 training steps, 64 or 128 units in two "
            "layers; all rows are trained on.",
            "The runs were measured at different times, some on a machine that was not idle: compare accuracies, not "
            "seconds.",
            f"{FASTAI}: `benchmarks/contenders/fastai_like.py`, fine-tuning of EfficientNet-Lite0 with ImageNet "
            "weights; one seed, and empty where it was left out (--without-fastai) or the weights are not installed.",
            "The data are made from packages: see `benchmarks/data_sets/small_images.py` and "
            "`benchmarks/data_sets/small_tables.py`.",
        ],
    )


def _format(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def arguments() -> argparse.Namespace:
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--threads", type=int, default=usable_cores(), help="threads of every contender")
    parser.add_argument("--without-fastai", action="store_true", help="leave out what takes a processor minutes a set")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds of every contender")
    parser.add_argument("--only", nargs="*", choices=list(DATA), metavar="NAME", help="only these data sets")
    parser.add_argument("--again", action="store_true", help="measure also what is stored")
    parser.add_argument("--again-defaults", action="store_true", help="of what is stored, measure the defaults again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
