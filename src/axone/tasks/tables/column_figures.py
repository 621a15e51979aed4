"""Figures that relate predictions to single columns: permutation importance, partial dependence, decision boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from axone.data.tables.columns import Encoded, column_positions, encode, input_sizes, unscale
from axone.data.tables.encoder import FIRST_LEVEL
from axone.figures.figure import Figure
from axone.messages import _
from axone.tasks.tables import charts
from axone.tasks.tables.evaluated_rows import EvaluatedRows
from axone.tasks.tables.metrics import permutation_importance

SAMPLE = 2000  # rows on which importance and dependence are computed
IMPORTANT_COLUMNS = 15  # columns whose importance is drawn
DEPENDENCE_COLUMNS = 6  # columns whose partial dependence is drawn
GRID = 120  # points along each side of a decision boundary
LEVELS = 8  # of a category, in a panel of partial dependence

Position = tuple[str, list[int], list[int]]  # a column's name, its numbers and its categories among encoded rows


def column_figures(evaluated: EvaluatedRows) -> Iterator[Figure]:
    """Yield the permutation importance of the columns, and the partial dependence on the most important ones."""
    rows, targets = evaluated.sample(SAMPLE)
    positions = column_positions(evaluated.facts["columns"])

    def score(column: int | None, order: np.ndarray | None) -> float:
        if column is None or order is None:
            return evaluated.score(rows, targets)
        _name, numbers, categories = positions[column]
        permuted, index = Encoded(rows.numbers.clone(), rows.categories.clone()), torch.from_numpy(order)
        permuted.numbers[:, numbers] = rows.numbers[index][:, numbers]
        permuted.categories[:, categories] = rows.categories[index][:, categories]
        return evaluated.score(permuted, targets)

    decreases = permutation_importance(score, len(positions), len(rows), repeats=5 if len(positions) <= 50 else 1)
    ranking = np.argsort(-decreases.mean(1), kind="stable")
    best = ranking[:IMPORTANT_COLUMNS]
    label = _("decrease in accuracy") if evaluated.classes else _("decrease in R²")
    yield Figure(
        "importance", _("Permutation importance"),
        charts.bars([positions[k][0] for k in best], decreases.mean(1)[best].tolist(),
                    decreases.std(1)[best].tolist(), label),
        _("How much the score decreases when the values of a column are shuffled among the rows. Correlated columns "
          "can replace each other, so each of them may seem unimportant."),
    )  # fmt: skip
    # A category without a level, because each value occurred once, has no value to vary.
    varied = [k for k in ranking if evaluated.facts["columns"][k].get("levels") != []]
    panels = [_partial_dependence(evaluated, rows, positions[k]) for k in varied[:DEPENDENCE_COLUMNS]]
    if not panels:
        return
    heights = np.concatenate([y for panel in panels for _label, _values, y in panel.lines])
    limits = charts.UNIT if evaluated.classes else (float(heights.min()), float(heights.max()))
    y_label = _("mean probability") if evaluated.classes else _("mean prediction")
    yield Figure(
        "dependence", _("Partial dependence"), charts.panels(panels, limits, y_label),
        _("The mean prediction over all rows when this column has the same value in each of them."),
    )  # fmt: skip


def _partial_dependence(evaluated: EvaluatedRows, rows: Encoded, position: Position) -> charts.Panel:
    """Return the panel of one column, with a line for each class (or target)."""
    name, numbers, categories = position
    fact = next(fact for fact in evaluated.facts["columns"] if fact["name"] == name)
    labels: list[str] = []
    encoded: list[float]
    if categories:
        first = sum(input_sizes(evaluated.facts["columns"])[1][: categories[0]]) + FIRST_LEVEL
        labels = [str(level) for level in fact["levels"][:LEVELS]]
        encoded = [first + k for k in range(len(labels))]
        x = np.arange(len(labels), dtype=float)
    else:
        column = rows.numbers[:, numbers[0]].numpy()
        encoded = np.unique(np.quantile(column, np.linspace(0.02, 0.98, 25))).tolist()
        x = np.array([float(unscale(value, fact)) for value in encoded])
    means = []
    for value in encoded:
        varied = Encoded(rows.numbers.clone(), rows.categories.clone())
        if categories:
            varied.categories[:, categories[0]] = int(value)
        else:
            varied.numbers[:, numbers[0]] = value
            varied.numbers[:, numbers[1:]] = 0.0  # the indicator of a missing value
        means.append(evaluated.outputs(varied).mean(0))
    curves = np.array(means).reshape(len(encoded), -1)
    if evaluated.classes:
        drawn = [1] if len(evaluated.classes) == 2 else list(range(min(len(evaluated.classes), charts.MAX_LINES)))
        names = [evaluated.classes[k] for k in drawn]
    else:
        drawn = list(range(len(evaluated.facts["targets"])))
        names = [target["name"] for target in evaluated.facts["targets"]]
        for k, target in enumerate(evaluated.facts["targets"]):
            curves[:, k] = curves[:, k] * target["std"] + target["mean"]
    lines = [(label, x, curves[:, k]) for k, label in zip(drawn, names)]
    return charts.Panel(name, lines, labels, is_date=fact["kind"] == "date")


def has_boundary(facts: Mapping[str, Any]) -> bool:
    """Return whether a decision boundary can be drawn: for classes, of two numbers without missing values."""
    return bool(facts["classes"]) and len(facts["columns"]) == 2 and input_sizes(facts["columns"]) == (2, [])


def boundary_figure(evaluated: EvaluatedRows) -> Figure:
    """Return the decision boundary in the plane of two numbers, with the rows."""
    import polars  # optional: only tables need it

    columns = evaluated.facts["columns"]
    names = [fact["name"] for fact in columns]
    points = np.array(
        [[unscale(v, fact) for v in evaluated.rows.numbers[:, k].tolist()] for k, fact in enumerate(columns)]
    ).T
    low, high = points.min(0), points.max(0)
    margin = 0.06 * np.where(high > low, high - low, 1.0)
    limits = list(zip((low - margin).tolist(), (high + margin).tolist()))
    x, y = (np.linspace(*limit, GRID) for limit in limits)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    rows = encode(polars.DataFrame({name: grid[:, k] for k, name in enumerate(names)}), columns)
    probabilities = evaluated.outputs(rows).reshape(GRID, GRID, -1)
    return Figure(
        "boundary", _("Decision boundary"),
        charts.boundary(probabilities, points, evaluated.targets.numpy(), evaluated.classes, names, limits),
        _("The color is the most probable class; the paler, the lower its probability. The points are rows that the "
          "model was not trained on."),
    )  # fmt: skip
