"""What the report shows of a model of tables: where it errs, how sure it may be, which columns it listens to.

Everything is measured on rows that it did not learn from: the test rows, else the held-out ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from axone.data.tables.columns import FIRST, Encoded, column_positions, encode, input_sizes, unscale
from axone.data.tables.stream import TableStream
from axone.engine.experiment import Experiment
from axone.figures.confusion import draw_confusion
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import number, percent
from axone.tasks.classification.metrics import confusion_counts, tabulate_classes
from axone.tasks.tables import charts as drawings
from axone.tasks.tables import classification_metrics as reading
from axone.tasks.tables.learner import outputs

MOST_ROWS = 2000  # on which importance and dependence are measured
MOST_COLUMNS = 15  # whose importance is shown
DEPENDENCE = 6  # columns whose dependence is drawn, the most important ones
GRID = 120  # points along each side of a boundary's picture
MOST_CURVES = 10


def make_figures(made: Experiment, final: bool) -> Iterable[Figure | Table]:
    """Show the decision boundary at each check, where there are two numbers; at the end, all there is to read."""
    facts = made.facts
    stream = made.test or made.validation or made.train
    assert isinstance(stream, TableStream)
    look = _Look(made, stream)
    if facts["classes"] and input_sizes(facts["columns"]) == (2, []):
        yield _boundary(look)
    if not final:
        return
    chances = look.outputs(look.rows)
    if facts["classes"]:
        yield from _classes(look, chances)
        if len(facts["classes"]) == 2:
            yield from _two_classes(look, chances)
    else:
        yield from _numbers(look, chances)
    yield from _columns(look)


class _Look:
    """A network with the rows on which it is read."""

    def __init__(self, made: Experiment, stream: TableStream) -> None:
        self.facts, self.network = made.facts, made.learner.networks["network"]
        self.classes: list[str] = self.facts["classes"]
        members = stream.indices.to(stream.numbers.device)
        self.rows = Encoded(stream.numbers[members].cpu(), stream.categories[members].cpu())
        self.targets = stream.targets[members].cpu()

    def outputs(self, rows: Encoded) -> np.ndarray:
        """Return probabilities, or values as the network counts them: deviations from the target's mean."""
        return outputs(self.network, rows, bool(self.classes)).double().numpy()

    def some(self) -> tuple[Encoded, np.ndarray]:
        """Return a part of the rows that is quick to measure again and again, with the answers."""
        chosen = slice(None, None, -(-len(self.rows) // MOST_ROWS))
        return Encoded(self.rows.numbers[chosen], self.rows.categories[chosen]), self.targets[chosen].numpy()

    def score(self, rows: Encoded, truth: np.ndarray) -> float:
        """Return the share of right answers, or of the variance that is explained."""
        found = self.outputs(rows)
        if self.classes:
            return float((found.argmax(1) == truth).mean())
        return explained(truth, found)


def explained(truth: np.ndarray, values: np.ndarray) -> float:
    """Return the share of the targets' variance that values explain (R squared), the mean over targets."""
    spread = ((truth - truth.mean(0)) ** 2).sum(0)
    left = ((truth - values) ** 2).sum(0)
    return float(np.where(spread > 0, 1 - left / np.where(spread > 0, spread, 1.0), 0.0).mean())


def _classes(look: _Look, chances: np.ndarray) -> Iterable[Figure | Table]:
    classes, truth = look.classes, look.targets.numpy()
    counts = confusion_counts(look.targets, torch.from_numpy(chances.argmax(1)), len(classes))
    yield Figure(
        "confusion", _("Confusion matrix"), draw_confusion(counts.numpy(), classes),
        _("Rows: the true class; columns: the answer."),
    )  # fmt: skip
    yield tabulate_classes(counts, classes, _("rows"))
    asked = [1] if len(classes) == 2 else [k for k in range(len(classes)) if (truth == k).any()][:MOST_CURVES]
    asked = [k for k in asked if 0 < (truth == k).sum() < len(truth)]
    if not asked:
        return
    rocs = [reading.roc(truth == k, chances[:, k]) for k in asked]
    recalls = [reading.precision_recall(truth == k, chances[:, k]) for k in asked]
    lines = [(f"{classes[k]}: {number(round(c.area, 4))}", c.x, c.y) for k, c in zip(asked, rocs)]
    yield Figure(
        "roc", _("Hits and false alarms (ROC)"),
        drawings.curves(lines, _("share of false alarms"), _("share of hits"), diagonal="up"),
        _("Each threshold of probability is a point; the number is the area under the curve (0.5: by chance)."),
    )  # fmt: skip
    lines = [(f"{classes[k]}: {number(round(c.area, 4))}", c.x, c.y) for k, c in zip(asked, recalls)]
    yield Figure(
        "precision-recall", _("Precision and recall"), drawings.curves(lines, _("recall"), _("precision")),
        _("Of those that are named: how many are right. Of those that are there: how many are found."),
    )  # fmt: skip
    sure, right = (chances[:, 1], truth == 1) if len(classes) == 2 else (chances.max(1), chances.argmax(1) == truth)
    bins = reading.calibration(right, sure)
    yield Figure(
        "calibration", _("How sure it says it is, and how often it is right"),
        drawings.curves([("", bins.said, bins.true)], _("probability that it says"), _("share that was so"),
                        diagonal="up", dots=True),
        _("On the dashed line, 80 % means 80 %. Below it the model is too sure of itself."),
    )  # fmt: skip


def _two_classes(look: _Look, chances: np.ndarray) -> Iterable[Figure | Table]:
    truth, yes = look.targets.numpy() == 1, chances[:, 1]
    used = float(look.network.get_buffer("threshold"))
    found = {
        _("one half"): 0.5,
        _("highest F1 on these rows"): reading.best_threshold(truth, yes, "f1"),
        _("both classes equally right on these rows"): reading.best_threshold(truth, yes, "balanced"),
    }
    if used != 0.5:
        found = {_("used by this run"): used, **found}
    rows = []
    for name, threshold in found.items():
        figures = reading.at_threshold(truth, yes, threshold)
        shown = [percent(figures[key]) for key in ("precision", "recall", "f1", "accuracy")]
        rows.append([name, round(threshold, 4), *shown])
    columns = [_("threshold"), _("probability of '{name}'", name=look.classes[1]), _("precision"), _("recall"), "F1",
               _("accuracy")]  # fmt: skip
    yield Table("thresholds", _("Where to draw the line between the two classes"), columns, rows)


def _numbers(look: _Look, values: np.ndarray) -> Iterable[Figure | Table]:
    truth, rows = look.targets.double().numpy(), []
    for place, target in enumerate(look.facts["targets"]):
        name, mean, std = target["name"], target["mean"], target["std"]
        true, said = truth[:, place] * std + mean, values[:, place] * std + mean
        off = said - true
        share = explained(true[:, None], said[:, None])
        rows.append([name, round(share, 4), number(float(np.abs(off).mean())), number(float(np.sqrt((off**2).mean())))])
        suffix = "" if place == 0 else f"-{place + 1}"
        yield Figure(
            f"predicted{suffix}", _("Predicted and true: {name}", name=name),
            drawings.scatter(true, said, _("true"), _("predicted")),
        )  # fmt: skip
        yield Figure(
            f"residuals{suffix}", _("Residuals: {name}", name=name),
            drawings.scatter(said, off, _("predicted"), _("predicted less true"), level=True),
            _("Around the dashed line without a pattern, the model has found what there is to find."),
        )  # fmt: skip
    columns = [_("target"), "R²", _("mean absolute error"), _("root of the mean squared error")]
    yield Table("errors", _("How far off the predictions are"), columns, rows)


def _columns(look: _Look) -> Iterable[Figure | Table]:
    """Show which columns matter, and how the answer moves with the most important ones."""
    rows, truth = look.some()
    where = column_positions(look.facts["columns"])

    def score(column: int | None, order: np.ndarray | None) -> float:
        if column is None or order is None:
            return look.score(rows, truth)
        _name, numbers, categories = where[column]
        moved, index = Encoded(rows.numbers.clone(), rows.categories.clone()), torch.from_numpy(order)
        moved.numbers[:, numbers] = rows.numbers[index][:, numbers]
        moved.categories[:, categories] = rows.categories[index][:, categories]
        return look.score(moved, truth)

    falls = reading.importance(score, len(where), len(rows), repeats=5 if len(where) <= 50 else 1)
    ranked = np.argsort(-falls.mean(1), kind="stable")
    best = ranked[:MOST_COLUMNS]
    lost = _("share of right answers lost") if look.classes else _("share of the variance lost (R²)")
    yield Figure(
        "importance", _("Which columns it listens to"),
        drawings.bars([where[k][0] for k in best], falls.mean(1)[best].tolist(), falls.std(1)[best].tolist(), lost),
        _("How much worse it does when a column's values are shuffled among the rows (permutation importance). "
          "Columns that say the same stand in for each other, and then both look unimportant."),
    )  # fmt: skip
    asked = [k for k in ranked if look.facts["columns"][k].get("levels") != []]  # with a level there is to ask about
    drawn = [_dependence(look, rows, where[k]) for k in asked[:DEPENDENCE]]
    if not drawn:
        return
    heights = np.concatenate([y for _title, _x, lines in drawn for _name, _places, y in lines])
    span = drawings.SHARE if look.classes else (float(heights.min()), float(heights.max()))
    y_label = _("mean probability") if look.classes else _("mean prediction")
    yield Figure(
        "dependence", _("How the answer moves with a column"), drawings.panels(drawn, span, y_label),
        _("All rows are asked again with the same value in this column (partial dependence)."),
    )  # fmt: skip


def _dependence(look: _Look, rows: Encoded, where: tuple[str, list[int], list[int]]) -> Any:
    """Return the panel of one column: its title, its values, and a line for each class (or target)."""
    name, numbers, categories = where
    fact = next(fact for fact in look.facts["columns"] if fact["name"] == name)
    asked: list[Any]
    if categories:
        first = sum(input_sizes(look.facts["columns"])[1][: categories[0]]) + FIRST
        asked = [str(level)[:12] for level in fact["levels"][:8]]
        inputs = [(first + place) for place in range(len(asked))]
        put: Callable[[Encoded, Any], Tensor] = lambda copy, value: copy.categories[:, categories[0]].fill_(value)  # noqa: E731
    else:
        column = rows.numbers[:, numbers[0]].numpy()
        inputs = np.unique(np.quantile(column, np.linspace(0.02, 0.98, 25))).tolist()
        asked = [float(unscale(value, fact)) for value in inputs]
        put = lambda copy, value: copy.numbers[:, numbers[0]].fill_(value)  # noqa: E731
    found = []
    for value in inputs:
        copy = Encoded(rows.numbers.clone(), rows.categories.clone())
        copy.numbers[:, numbers[1:]] = 0.0  # the value is there, so it is not missing
        put(copy, value)
        found.append(look.outputs(copy).mean(0))
    means = np.array(found).reshape(len(inputs), -1)
    if look.classes:
        shown = [1] if len(look.classes) == 2 else list(range(min(len(look.classes), MOST_CURVES)))
        names = [look.classes[k] for k in shown]
    else:
        shown = list(range(len(look.facts["targets"])))
        names = [target["name"] for target in look.facts["targets"]]
        for k, target in enumerate(look.facts["targets"]):
            means[:, k] = means[:, k] * target["std"] + target["mean"]
    x = np.arange(len(asked)) if categories else np.array(asked)
    return name, asked, [(label, x.astype(float), means[:, k]) for k, label in zip(shown, names)]


def _boundary(look: _Look) -> Figure:
    """Ask about every point of the plane around the rows."""
    import polars

    names = [fact["name"] for fact in look.facts["columns"]]
    points = np.array(
        [[unscale(v, fact) for v in look.rows.numbers[:, k].tolist()] for k, fact in enumerate(look.facts["columns"])]
    ).T
    low, high = points.min(0), points.max(0)
    margin = 0.06 * np.where(high > low, high - low, 1.0)
    spans = list(zip((low - margin).tolist(), (high + margin).tolist()))
    across, up = (np.linspace(*span, GRID) for span in spans)
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    rows = encode(polars.DataFrame({name: grid[:, k] for k, name in enumerate(names)}), look.facts["columns"])
    chances = look.outputs(rows).reshape(GRID, GRID, -1)
    return Figure(
        "boundary", _("Where each class is the answer"),
        drawings.boundary(chances, points, look.targets.numpy(), look.classes, names, spans),
        _("The paler, the less sure. The points are rows that it did not learn from."),
    )  # fmt: skip
