"""The figures and tables of the report on a text classifier.

All are computed on texts that the model was not trained on: the test set, otherwise the validation set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.labeled_texts.report import quote_text
from axone.engine.experiment import Experiment
from axone.figures.confusion import draw_confusion
from axone.figures.figure import Figure, Table
from axone.graph import Model
from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.classification.metrics import confusion_counts, find_worst_mistakes, tabulate_classes
from axone.tasks.text.baselines import fit_baselines
from axone.tasks.text.colored_texts import ColoredText, draw_colored_texts
from axone.tasks.text.data import TextData
from axone.tasks.text.explain import explain_text
from axone.tasks.text.metrics import micro_f1
from axone.tasks.text.predict import compute_probabilities

MISTAKES = 30
EXAMPLES = 8  # texts with their attention
LONGEST_SHOWN = 200  # characters of a text in a table
LONGEST_EXPLAINED = 400  # characters of a text that is drawn


def make_figures(data: TextData) -> Callable[[Experiment, bool], Iterable[Figure | Table]]:
    """Return the function that makes the figures of an experiment on these texts."""

    def make(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return _make_final(experiment, data) if final else ()

    return make


def _make_final(experiment: Experiment, data: TextData) -> Iterator[Figure | Table]:
    rows = data.parts["test"] if len(data.parts["test"]) else data.parts["validation"]
    if not len(rows):
        return
    network = experiment.learner.networks["network"]
    assert isinstance(network, Model)
    probabilities = compute_probabilities(network, data.facts, data.encoded, rows)
    if data.collection.has_several_labels:
        yield tabulate_labels(data, rows, probabilities)
    else:
        targets, classes = data.targets[rows], data.facts["classes"]
        counts = confusion_counts(targets, probabilities.argmax(1), len(classes))
        yield Figure(
            "confusion", _("Confusion matrix"), draw_confusion(counts.numpy(), classes),
            _("Rows: the true class; columns: the predicted class."),
        )  # fmt: skip
        yield tabulate_classes(counts, classes, _("texts"))
        yield tabulate_mistakes(data, rows, probabilities)
    yield tabulate_baselines(data, rows, probabilities)
    yield draw_attention(network, data, rows, probabilities)


def tabulate_baselines(
    data: TextData, rows: Int64[Tensor, " rows"], probabilities: Float[Tensor, "rows classes"]
) -> Table:
    """Tabulate the score of the network and those of linear models that were fitted on the same texts."""
    targets = data.targets[rows]
    if data.collection.has_several_labels:
        metric, score = "F1", micro_f1(probabilities >= 0.5, targets > 0.5)
    else:
        metric, score = _("accuracy"), float((probabilities.argmax(1) == targets).float().mean())
    baselines = fit_baselines(
        data.collection, data.parts["train"], rows, data.encoder.unit, lowercase=data.encoder.lowercase
    )
    results = [[_("this network"), round(score, 4)], *([each.name, round(each.score, 4)] for each in baselines)]
    if not baselines:
        results.append([_("scikit-learn is not installed: pip install 'axone[text]'"), None])
    return Table("baselines", _("Compared with linear models on the same texts"), [_("model"), metric], results)


def tabulate_mistakes(
    data: TextData, rows: Int64[Tensor, " rows"], probabilities: Float[Tensor, "rows classes"]
) -> Table:
    """Tabulate the texts whose true class got the smallest probability."""
    targets, classes = data.targets[rows], data.facts["classes"]
    table = [
        [quote_text(data.collection.texts[int(rows[place])], LONGEST_SHOWN), classes[targets[place]],
         classes[probabilities[place].argmax()], format_percent(float(probabilities[place].max()), 1)]
        for place in find_worst_mistakes(targets, probabilities, MISTAKES).tolist()
    ]  # fmt: skip
    return Table("mistakes", _("Worst mistakes"), [_("text"), _("true class"), _("predicted class"), _("probability")],
                 table)  # fmt: skip


def tabulate_labels(data: TextData, rows: Int64[Tensor, " rows"], probabilities: Float[Tensor, "rows labels"]) -> Table:
    """Tabulate precision, recall, F1 and the number of texts of each label."""
    predicted, true = probabilities >= 0.5, data.targets[rows] > 0.5
    table: list[list[Any]] = []
    for place, name in enumerate(data.facts["classes"]):
        hits = int((predicted[:, place] & true[:, place]).sum())
        answers, own = int(predicted[:, place].sum()), int(true[:, place].sum())
        f1 = micro_f1(predicted[:, place : place + 1], true[:, place : place + 1])
        table.append([name, round(hits / max(answers, 1), 4), round(hits / max(own, 1), 4), round(f1, 4), own])
    columns = [_("label"), _("precision"), _("recall"), "F1", _("texts")]
    return Table("classes", _("Precision and recall of each label"), columns, table)


def draw_attention(
    network: Model, data: TextData, rows: Int64[Tensor, " rows"], probabilities: Float[Tensor, "rows classes"]
) -> Figure:
    """Draw the attention and the contributions of the words of some texts, right and wrong ones in turn."""
    short = torch.tensor([len(data.collection.texts[row]) <= LONGEST_EXPLAINED for row in rows.tolist()])
    if data.collection.has_several_labels:
        is_right = ((probabilities >= 0.5) == (data.targets[rows] > 0.5)).all(1)
    else:
        is_right = probabilities.argmax(1) == data.targets[rows]
    groups = [(short & mask).nonzero().flatten().tolist() for mask in (is_right, ~is_right)]
    # Spread over the texts, which are in the order of their source; two thirds are right ones.
    chosen = [group[:: max(1, len(group) // count)][:count] for group, count in zip(groups, (5, EXAMPLES - 5))]
    drawn = []
    for place in [place for group in chosen for place in group]:
        explained = explain_text(network, data.facts, data.collection.texts[int(rows[place])])
        drawn.append(ColoredText.of(explained, name_labels(data, int(rows[place]))))
    return Figure(
        "attention", _("Attention and contributions"), draw_colored_texts(drawn),
        _("Each text twice. Above: attention, the share of a word in what the recurrent network remembers. Below: what "
          "a word contributes to the logit of the predicted class, for it (blue) or against it (red)."),
    )  # fmt: skip


def name_labels(data: TextData, row: int) -> str:
    """Return the true classes of a text."""
    target, classes = data.targets[row], data.facts["classes"]
    if target.ndim == 0:
        return str(classes[int(target)])
    return ", ".join(name for name, has in zip(classes, target.tolist()) if has) or "—"
