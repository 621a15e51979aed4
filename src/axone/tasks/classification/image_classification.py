"""Naming what a picture shows: from a folder or a known set to an experiment, to answers, to what a report shows.

Every image classifier of the course shares these: `experiment` (read, split, normalize, stream), `predict`
(files or arrays to class and probability) and `exhibits` (kernels, confusion, worst mistakes, figures per class).
What differs, the network, stays in the system's own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.images.report import count_classes, is_imbalanced
from axone.data.images.stream import ImageStream, normalize
from axone.engine.experiment import Experiment
from axone.errors import DataError
from axone.figures.figure import Figure, Table, confusion, contact_sheet, kernels
from axone.messages import _
from axone.numbers import percent
from axone.tasks.answers import Prediction
from axone.tasks.classification.augmentation import are_signs, augmentation, mixing, sheet
from axone.tasks.classification.learner import Classifier, Views, logits_over_views
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.images.splits import CHECK_BATCH, Statistics, pixels_of, read_parts

WORST = 36


def experiment(
    settings: ImageClassificationSettings,
    network: Callable[[dict[str, Any]], nn.Module],
    *,
    statistics: Statistics | None = None,
    learner: Callable[[Any, Any, Views | None], Classifier] = Classifier,
) -> Experiment:
    """Read the pictures that `settings.data` names and stand `network(facts)` in front of them.

    `statistics` are the mean and standard deviation of each channel that a network which is trained already was
    trained with; others are taken from the data. `learner(network, settings, views)` makes what trains it.
    Raises DataError, ResourceError.
    """
    parts = read_parts(settings, statistics=statistics)
    facts, notes, train = {"task": "image-classification", **parts.facts}, parts.notes, parts.train
    if settings.augment != "none" and are_signs(facts["classes"]):
        notes.append(
            _("The classes are single characters: augmentation does not mirror them, or a 6 would become a 9.")
        )
    found = count_classes(train.labels, len(facts["classes"]))
    if settings.balance == "none" and is_imbalanced(found):
        notes.append(_("To train the rare classes as much as the others: --balance weights, or --balance sampling."))
    # How rare a class is: its mean over the training images is 1.
    rarity = len(train) / (len(found) * torch.tensor(found).clamp_min(1))
    stream = parts.stream(
        augment=augmentation(settings, facts), mix=mixing(settings),
        sample_weights=rarity[train.labels] if settings.balance == "sampling" else None,
    )  # fmt: skip
    made = learner(network(facts), settings, views(settings))
    if settings.balance == "weights":
        made.class_weights = rarity
    return Experiment(
        learner=made,
        train=stream,
        validation=parts.measured(parts.validation),
        test=parts.measured(parts.test),
        facts=facts,
        monitor="accuracy",
        higher_is_better=True,
        notes=notes,
        report=parts.report,
        figures=make_figures,
    )


def views(settings: ImageClassificationSettings) -> Views | None:
    """Return both sides of a picture when they are to be averaged."""
    return (lambda pixels: (pixels, pixels.flip(3))) if settings.flip else None


def predict(
    network: nn.Module,
    settings: ImageClassificationSettings,
    facts: dict[str, Any],
    inputs: Sequence[str | Path | np.ndarray | Tensor],
) -> list[Prediction | DataError]:
    """Name what each input shows. A file path or an array that cannot be used gets its error, in its place.

    Arrays are (height, width) or (height, width, channels), bytes or floats from 0 to 1; tensors likewise.
    """
    device = next(network.parameters()).device
    answers: list[Prediction | DataError] = []
    for start in range(0, len(inputs), CHECK_BATCH):
        pixels: list[np.ndarray] = []
        batch: list[Prediction | DataError | None] = []
        for given in inputs[start : start + CHECK_BATCH]:
            try:
                pixels.append(pixels_of(given, facts))
                batch.append(None)
            except DataError as error:
                batch.append(error)
        named = iter(_name(network, facts, np.stack(pixels), views(settings), device) if pixels else ())
        answers.extend(next(named) if answer is None else answer for answer in batch)
    return answers


def _name(
    network: nn.Module, facts: dict[str, Any], pixels: np.ndarray, views: Views | None, device: torch.device
) -> Iterator[Prediction]:
    network.eval()
    with torch.inference_mode():
        inputs = normalize(torch.from_numpy(pixels).to(device), facts["mean"], facts["std"])
        probabilities = logits_over_views(network, inputs, views).float().softmax(1).cpu()
    for row in probabilities:
        order = row.argsort(descending=True, stable=True).tolist()
        ranked = {facts["classes"][position]: float(row[position]) for position in order}
        label = next(iter(ranked))
        yield Prediction(label, ranked[label], ranked)


def make_figures(made: Experiment, final: bool) -> Iterable[Figure | Table]:
    """Show the first layer's kernels at each check; at the end also augmentation, confusion, mistakes and figures."""
    learner = made.learner
    assert isinstance(learner, Classifier)
    first = next((layer for layer in learner.network.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is not None:
        yield Figure(
            "kernels",
            _("Kernels of the first layer"),
            kernels(first.weight.detach().float().cpu().numpy()),
            _("What each of the {count} filters looks for.", count=first.out_channels),
        )
    if not final:
        return
    assert isinstance(made.train, ImageStream)
    changed = sheet(made.train, made.facts["classes"])
    if changed is not None:
        yield changed
    stream = made.test or made.validation
    if stream is None:
        return
    assert isinstance(stream, ImageStream)
    stream = stream.to(learner.context.device)
    targets, chances, index = _answers(learner, stream)
    classes = made.facts["classes"]
    counts = confusion_counts(targets, chances.argmax(1), len(classes))
    yield Figure(
        "confusion", _("Confusion matrix"), confusion(counts.numpy(), classes),
        _("Rows: the true class; columns: the answer."),
    )  # fmt: skip
    yield per_class(counts, classes)
    wrong = worst_mistakes(targets, chances)
    if len(wrong):
        shown = [
            _("{true}, not {answer} ({share})", true=classes[targets[i]], answer=classes[chances[i].argmax()],
              share=percent(float(chances[i].max()), 0))
            for i in wrong
        ]  # fmt: skip
        yield Figure(
            "mistakes",
            _("Worst mistakes"),
            contact_sheet(stream.pixels[index[wrong].to(stream.pixels.device)].cpu().numpy(), shown, columns=6),
            _("The test images whose true class got the smallest probability."),
        )


def _answers(
    learner: Classifier, stream: ImageStream
) -> tuple[Int64[Tensor, " samples"], Float[Tensor, "samples classes"], Int64[Tensor, " samples"]]:
    targets, chances, index = [], [], []
    for batch in stream.batches(1):
        with learner.casting():
            logits = logits_over_views(learner.network, batch.inputs, learner.views)
        targets.append(batch.targets.cpu())
        chances.append(logits.float().softmax(1).cpu())
        index.append(batch.index.cpu())
    return torch.cat(targets), torch.cat(chances), torch.cat(index)


def confusion_counts(
    targets: Int64[Tensor, " samples"], answers: Int64[Tensor, " samples"], classes: int
) -> Int64[Tensor, "classes classes"]:
    """Count the samples of each true class (row) that got each answer (column)."""
    return torch.bincount(targets * classes + answers, minlength=classes * classes).reshape(classes, classes)


def per_class(counts: Int64[Tensor, "classes classes"], classes: Sequence[str], counted: str = "") -> Table:
    """Make the table of precision, recall and their harmonic mean (F1) for each class; `counted` are its samples."""
    right = counts.diagonal().double()
    precision = right / counts.sum(0).clamp_min(1)
    recall = right / counts.sum(1).clamp_min(1)
    f1 = 2 * precision * recall / (precision + recall).clamp_min(1e-12)
    rows = [
        [name, round(float(p), 4), round(float(r), 4), round(float(f), 4), int(count)]
        for name, p, r, f, count in zip(classes, precision, recall, f1, counts.sum(1), strict=True)
    ]
    columns = [_("class"), _("precision"), _("recall"), "F1", counted or _("images")]
    return Table("classes", _("Precision and recall of each class"), columns, rows)


def worst_mistakes(
    targets: Int64[Tensor, " samples"], chances: Float[Tensor, "samples classes"], count: int = WORST
) -> Int64[Tensor, " mistakes"]:
    """Return the positions of the wrong answers that gave the true class the least probability, worst first."""
    of_truth = chances.gather(1, targets[:, None]).squeeze(1)
    wrong = (chances.argmax(1) != targets).nonzero().squeeze(1)
    return wrong[of_truth[wrong].argsort(stable=True)][:count]
