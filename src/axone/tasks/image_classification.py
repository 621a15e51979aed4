"""Naming what a picture shows: from a folder or a known set to an experiment, to answers, to what a report shows.

Every image classifier of the course shares these: `experiment` (read, split, normalise, stream), `predict`
(files or arrays to class and probability) and `exhibits` (kernels, confusion, worst mistakes, figures per class).
What differs, the network, stays in the system's own file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.image_file import prepare, read_image
from axone.data.images import Images, load_images
from axone.data.report import describe
from axone.data.split import split
from axone.data.stream import Augment, ImageStream, normalisation, normalise
from axone.engine.classifier import Classifier, Views, logits_over_views
from axone.engine.experiment import Experiment
from axone.errors import DataError
from axone.messages import _
from axone.runs.pictures import Picture, Table, confusion, contact_sheet, kernels
from axone.settings import Settings

CHECK_BATCH = 500  # measuring keeps no gradients, so batches can be larger than in training
WORST = 36


@dataclass(frozen=True)
class Prediction:
    """What a classifier answers about one picture."""

    label: str
    probability: float
    probabilities: dict[str, float]  # class -> probability, the likeliest first

    def top(self, count: int) -> list[tuple[str, float]]:
        """Return the `count` likeliest classes with their probabilities."""
        return list(self.probabilities.items())[:count]


def experiment(
    settings: Settings,
    network: Callable[[dict[str, Any]], nn.Module],
    *,
    augment: Augment | None = None,
    views: Views | None = None,
    size: int | None = None,
) -> Experiment:
    """Read the pictures that `settings.data` names and stand a network in front of them.

    `network(facts)` makes the network; `augment` changes training batches, `views` are averaged when measuring.
    Raises DataError.
    """
    images = load_images(settings.data, size=size, seed=settings.seed)
    notes = describe(images)
    order = torch.randperm(len(images.train.labels), generator=torch.Generator().manual_seed(settings.seed))
    chosen = order[: settings.limit] if settings.limit else torch.arange(len(order))
    kept, held = split(images.train.labels[chosen], settings.validation, settings.seed)
    kept, held = chosen[kept], chosen[held]
    checked = Images(images.train.pixels[held], images.train.labels[held])
    if images.validation is not None:  # the data bring their own
        kept, checked = chosen, images.validation
    pixels, labels = images.train.pixels[kept], images.train.labels[kept]
    mean, std = normalisation(pixels)
    height, width, channels = pixels.shape[1:]
    facts = {
        "task": "image-classification",
        "classes": list(images.classes),
        "input": [channels, height, width],
        "mean": list(mean),
        "std": list(std),
        "samples": {"train": len(kept), "validation": len(checked), "test": len(images.test.labels)},
        "source": images.source,
        "fingerprint": fingerprint(pixels, labels, images.test.pixels, images.test.labels),
    }

    def measured(part: Images) -> ImageStream | None:
        if not len(part):
            return None
        return ImageStream(part.pixels, part.labels, batch_size=CHECK_BATCH, shuffle=False, mean=mean, std=std)

    train = ImageStream(
        pixels, labels, batch_size=settings.batch_size, seed=settings.seed, mean=mean, std=std, augment=augment,
        drop_last=True,  # a small last batch would be a noisy step, and another shape for the norms
    )  # fmt: skip
    return Experiment(
        learner=Classifier(network(facts), settings, views),
        train=train,
        validation=measured(checked),
        test=measured(images.test),
        facts=facts,
        monitor="accuracy",
        higher_is_better=True,
        notes=notes,
        exhibits=exhibits,
    )


def fingerprint(*parts: Tensor) -> str:
    """Return a sha256 over the data themselves: a resumed run must find what it was trained on."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(str(tuple(part.shape)).encode())
        digest.update(part.contiguous().numpy().data)
    return digest.hexdigest()


def predict(
    network: nn.Module,
    facts: dict[str, Any],
    inputs: Sequence[str | Path | np.ndarray | Tensor],
    views: Views | None = None,
) -> list[Prediction | DataError]:
    """Name what each input shows. A file path or an array that cannot be used gets its error, in its place.

    Arrays are (height, width) or (height, width, channels), bytes or floats from 0 to 1; tensors likewise.
    """
    device = next(network.parameters()).device
    channels, height, width = facts["input"]
    answers: list[Prediction | DataError] = []
    for start in range(0, len(inputs), CHECK_BATCH):
        pixels: list[np.ndarray] = []
        batch: list[Prediction | DataError | None] = []
        for given in inputs[start : start + CHECK_BATCH]:
            try:
                if isinstance(given, str | Path):
                    pixels.append(read_image(given, size=(height, width), channels=channels))
                else:
                    pixels.append(prepare(given, facts))
                batch.append(None)
            except DataError as error:
                batch.append(error)
        named = iter(_name(network, facts, np.stack(pixels), views, device) if pixels else ())
        answers.extend(next(named) if answer is None else answer for answer in batch)
    return answers


def _name(
    network: nn.Module, facts: dict[str, Any], pixels: np.ndarray, views: Views | None, device: torch.device
) -> Iterator[Prediction]:
    network.eval()
    with torch.inference_mode():
        inputs = normalise(torch.from_numpy(pixels).to(device), facts["mean"], facts["std"])
        probabilities = logits_over_views(network, inputs, views).float().softmax(1).cpu()
    for row in probabilities:
        order = row.argsort(descending=True, stable=True).tolist()
        ranked = {facts["classes"][position]: float(row[position]) for position in order}
        label = next(iter(ranked))
        yield Prediction(label, ranked[label], ranked)


def exhibits(made: Experiment, final: bool) -> Iterable[Picture | Table]:
    """Show the first layer's kernels at each check; at the end also confusion, mistakes and figures per class."""
    learner = made.learner
    assert isinstance(learner, Classifier)
    first = next((layer for layer in learner.network.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is not None:
        yield Picture(
            "kernels",
            _("Kernels of the first layer"),
            kernels(first.weight.detach().float().cpu().numpy()),
            _("What each of the {count} filters looks for.", count=first.out_channels),
        )
    stream = made.test or made.validation
    if not final or stream is None:
        return
    assert isinstance(stream, ImageStream)
    stream = stream.to(learner.plan.device)
    targets, chances, index = _answers(learner, stream)
    classes = made.facts["classes"]
    counts = confusion_counts(targets, chances.argmax(1), len(classes))
    yield Picture(
        "confusion", _("Confusion matrix"), confusion(counts.numpy(), classes),
        _("Rows: the true class; columns: the answer."),
    )  # fmt: skip
    yield per_class(counts, classes)
    wrong = worst_mistakes(targets, chances)
    if len(wrong):
        shown = [
            _("{true}, not {answer} ({share:.0%})", true=classes[targets[i]], answer=classes[chances[i].argmax()],
              share=float(chances[i].max()))
            for i in wrong
        ]  # fmt: skip
        yield Picture(
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


def per_class(counts: Int64[Tensor, "classes classes"], classes: Sequence[str]) -> Table:
    """Make the table of precision, recall and their harmonic mean (F1) for each class."""
    right = counts.diagonal().double()
    precision = right / counts.sum(0).clamp_min(1)
    recall = right / counts.sum(1).clamp_min(1)
    f1 = 2 * precision * recall / (precision + recall).clamp_min(1e-12)
    rows = [
        [name, round(float(p), 4), round(float(r), 4), round(float(f), 4), int(count)]
        for name, p, r, f, count in zip(classes, precision, recall, f1, counts.sum(1), strict=True)
    ]
    columns = [_("class"), _("precision"), _("recall"), "F1", _("images")]
    return Table("classes", _("Precision and recall of each class"), columns, rows)


def worst_mistakes(
    targets: Int64[Tensor, " samples"], chances: Float[Tensor, "samples classes"], count: int = WORST
) -> Int64[Tensor, " mistakes"]:
    """Return the positions of the wrong answers that gave the true class the least probability, worst first."""
    of_truth = chances.gather(1, targets[:, None]).squeeze(1)
    wrong = (chances.argmax(1) != targets).nonzero().squeeze(1)
    return wrong[of_truth[wrong].argsort(stable=True)][:count]
