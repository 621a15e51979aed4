"""The figures and tables of an image classifier: kernels, augmentation, confusion matrix, classes, mistakes."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.images.stream import ImageStream
from axone.engine.experiment import Experiment, Stream
from axone.figures.confusion import draw_confusion
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.figures.kernels import draw_kernel_sheet
from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.classification.augmentation import draw_augmentation
from axone.tasks.classification.backbones.frozen_features import FeatureStream
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.metrics import confusion_counts, find_worst_mistakes, tabulate_classes

MAX_MISTAKES = 36


def make_figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
    """Draw the first layer's kernels at each check; at the end also augmentation, confusion, classes and mistakes."""
    learner = experiment.learner
    assert isinstance(learner, Classifier)
    yield from draw_kernels(learner.network)
    if not final:
        return
    yield from draw_augmentation(images_of(experiment.train), experiment.facts["classes"])
    stream = experiment.validation if experiment.test is None else experiment.test
    if stream is not None:
        images = images_of(stream).to(learner.context.device)
        yield from draw_answers(learner, images, experiment.facts["classes"])


def images_of(stream: Stream) -> ImageStream:
    """Return the images of a stream of an image classifier."""
    images = stream.images if isinstance(stream, FeatureStream) else stream
    assert isinstance(images, ImageStream)
    return images


def draw_kernels(network: nn.Module) -> Iterable[Figure]:
    """Draw the kernels of the first convolution, where a network has one."""
    first = next((layer for layer in network.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is not None:
        yield Figure(
            "kernels",
            _("Kernels of the first layer"),
            draw_kernel_sheet(first.weight.detach().float().cpu().numpy()),
            _("The pattern to which each of the {count} filters responds.", count=first.out_channels),
        )


def draw_answers(learner: Classifier, stream: ImageStream, classes: list[str]) -> Iterable[Figure | Table]:
    """Draw the confusion matrix, tabulate the classes and draw the worst mistakes on the images of a stream."""
    targets, probabilities, indices = compute_probabilities(learner, stream)
    counts = confusion_counts(targets, probabilities.argmax(1), len(classes))
    yield Figure(
        "confusion",
        _("Confusion matrix"),
        draw_confusion(counts.numpy(), classes),
        _("Rows: the true class; columns: the predicted class."),
    )
    yield tabulate_classes(counts, classes)
    mistakes = find_worst_mistakes(targets, probabilities, MAX_MISTAKES)
    if len(mistakes):
        captions = [
            _("{true}, not {answer} ({share})", true=classes[targets[i]], answer=classes[probabilities[i].argmax()],
              share=format_percent(float(probabilities[i].max()), 0))
            for i in mistakes
        ]  # fmt: skip
        pixels = stream.pixels[indices[mistakes].to(stream.pixels.device)].cpu().numpy()
        yield Figure(
            "mistakes",
            _("Worst mistakes"),
            draw_contact_sheet(pixels, captions, columns=6),
            _("The test images whose true class got the smallest probability."),
        )


def compute_probabilities(
    learner: Classifier, stream: ImageStream
) -> tuple[Int64[Tensor, " samples"], Float[Tensor, "samples classes"], Int64[Tensor, " samples"]]:
    """Return the targets, the probabilities and the indices of all images of a stream, as evaluation sees them."""
    evaluated = learner.collect_logits(stream)
    probabilities = torch.cat([logits.float().softmax(1).cpu() for logits in evaluated.logits])
    return torch.cat(evaluated.targets).cpu(), probabilities, stream.indices.cpu()
