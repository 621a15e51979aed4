"""Figures of a generator: samples, interpolations, and whether it memorized training images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from torch import nn

from axone.data.images.dataset import Subset
from axone.data.random import make_generator
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.metrics import label as metric_label
from axone.tasks.generation.evaluation import RealImages, take_evenly
from axone.tasks.generation.evaluator import Evaluator
from axone.tasks.generation.generate import generate_images, is_conditional, latent_size
from axone.tasks.generation.latents import cycle_classes, interpolate, sample_latents
from axone.tasks.generation.metrics import count_shares, find_nearest
from axone.tasks.images.splits import Splits

SAMPLES = 100  # images, about
MOST_COLUMNS = 20
STEPS, INTERPOLATIONS = 10, 8  # images of an interpolation; interpolations
COMPARED_CLASSES, COMPARED_IMAGES = 10, 5  # rows; real and generated images in a row
MEMORIZATION_IMAGES = 500  # generated images whose nearest training images are searched
SHOWN_IMAGES, NEAREST_IMAGES = 8, 5  # of them that are shown; nearest training images of each
TOO_NEAR = 0.01  # the share of real held-out images whose distance to a training image counts as too small
CLASS_IMAGES = 1000  # generated images whose classes are counted


def make_figures(
    network: nn.Module, splits: Splits, evaluator: Evaluator, real: RealImages | None, final: bool
) -> Iterator[Figure | Table]:
    """Make the samples and interpolations; if `final`, also the comparisons with real images.

    `real` are the test images that the metrics of the last table compare with.
    """
    classes, seed = splits.facts["classes"], splits.settings.seed
    yield draw_samples(network, classes, seed)
    yield draw_interpolations(network, classes, seed)
    if not final:
        return
    yield compare_with_real(network, splits.train, classes, seed)
    held_out = next((part for part in (splits.test, splits.validation) if len(part) > 1), None)
    yield from check_memorization(network, splits.train, held_out, evaluator, classes, seed)
    if evaluator.knows_classes:
        yield count_classes(network, splits.test if len(splits.test) else splits.train, evaluator, classes, seed)
    if real is not None:
        yield compare_metrics(network, splits.train, real)


def draw_samples(network: nn.Module, classes: Sequence[str], seed: int) -> Figure:
    """Draw images from noise that is the same at each call, a column per class, so that their progress is visible."""
    has_columns = is_conditional(network) and len(classes) <= MOST_COLUMNS
    columns = len(classes) if has_columns else 10
    count = max(2, SAMPLES // columns) * columns
    labels = cycle_classes(count, len(classes))
    images = generate_images(network, sample_latents(count, latent_size(network), seed, "samples"), labels)
    caption = _("Columns: {names}.", names=", ".join(classes)) if has_columns else ""
    return Figure("samples", _("Generated images"), draw_contact_sheet(images.numpy(), columns=columns), caption)


def draw_interpolations(network: nn.Module, classes: Sequence[str], seed: int) -> Figure:
    """Draw interpolations between two latent vectors, one per row."""
    ends = sample_latents(2 * INTERPOLATIONS, latent_size(network), seed, "interpolations")
    latents = torch.cat([interpolate(ends[2 * row], ends[2 * row + 1], STEPS) for row in range(INTERPOLATIONS)])
    labels = cycle_classes(INTERPOLATIONS, len(classes)).repeat_interleave(STEPS)
    images = generate_images(network, latents, labels)
    return Figure(
        "interpolations", _("Interpolations"), draw_contact_sheet(images.numpy(), columns=STEPS),
        _("Each row interpolates between two latent vectors. Gradual changes are a sign of a well-learned latent "
          "space; sudden ones are not."),
    )  # fmt: skip


def compare_with_real(network: nn.Module, real: Subset, classes: Sequence[str], seed: int) -> Figure:
    """Draw real images on the left and generated ones on the right, one row per class."""
    rows = min(len(classes), COMPARED_CLASSES)
    order = torch.randperm(len(real), generator=make_generator("comparison", seed))
    labels = torch.arange(rows).repeat_interleave(COMPARED_IMAGES)
    latents = sample_latents(len(labels), latent_size(network), seed, "comparison")
    generated = generate_images(network, latents, labels).numpy()
    empty = np.full_like(generated[:1], 255)
    tiles: list[np.ndarray] = []
    for number in range(rows):
        of_class = order[real.labels[order] == number][:COMPARED_IMAGES]
        left = real.dataset.pixels[real.indices[of_class]].numpy()
        left = np.concatenate([left, *[empty] * (COMPARED_IMAGES - len(left))])
        tiles += [left, empty, generated[number * COMPARED_IMAGES : (number + 1) * COMPARED_IMAGES]]
    caption = _("Left: training images. Right: generated images.")
    if is_conditional(network):
        caption += " " + _("Rows: {names}.", names=", ".join(classes[:rows]))
    sheet = draw_contact_sheet(np.concatenate(tiles), columns=2 * COMPARED_IMAGES + 1)
    return Figure("comparison", _("Real and generated images"), sheet, caption)


def check_memorization(
    network: nn.Module, train: Subset, held_out: Subset | None, evaluator: Evaluator, classes: Sequence[str], seed: int
) -> Iterator[Figure | Table]:
    """Find the training images nearest to generated ones, in the evaluator's features.

    Images of a generator that memorized are nearer to training images than other real images are. A distance is too
    small if only one in a hundred real held-out images has a smaller one.
    """
    indices = take_evenly(train.indices, evaluator.counts.searched)
    known = evaluator.extract(train.dataset.pixels[indices]).values
    labels = cycle_classes(MEMORIZATION_IMAGES, len(classes))
    latents = sample_latents(MEMORIZATION_IMAGES, latent_size(network), seed, "memorization")
    images = generate_images(network, latents, labels)
    count = min(NEAREST_IMAGES, len(indices))
    distances, neighbors = find_nearest(evaluator.extract(images).values, known, count)
    order = distances[:, 0].argsort(stable=True)
    examples = torch.cat([order[: SHOWN_IMAGES // 2], order[len(order) // 2 :][: SHOWN_IMAGES - SHOWN_IMAGES // 2]])
    tiles: list[UInt8[np.ndarray, "height width channels"]] = []
    captions = []
    for row in examples.tolist():
        tiles.append(images[row].numpy())
        captions.append(_("generated") + (f"\n{classes[int(labels[row])]}" if is_conditional(network) else ""))
        for distance, index in zip(distances[row].tolist(), indices[neighbors[row]].tolist(), strict=True):
            tiles.append(train.dataset.pixels[index].numpy())
            captions.append(f"{distance:.2f}\n{classes[int(train.dataset.labels[index])] if len(classes) > 1 else ''}")
    yield Figure(
        "neighbors", _("Generated images and their nearest training images"),
        draw_contact_sheet(np.stack(tiles), captions, columns=count + 1),
        _("The upper rows have the generated images nearest to a training image, the lower rows average ones. "
          "Numbers: distance between the features."),
    )  # fmt: skip
    if held_out is None:
        return
    real = evaluator.extract(held_out.dataset.pixels[take_evenly(held_out.indices, 2 * MEMORIZATION_IMAGES)]).values
    usual = find_nearest(real, known)[0][:, 0]
    limit = usual.quantile(TOO_NEAR)
    rows = [
        [name, round(float(values.median()), 3), round(float((values < limit).double().mean()), 4)]
        for name, values in ((_("held-out images"), usual), (_("generated images"), distances[:, 0]))
    ]
    columns = [_("images"), _("median distance to the nearest training image"), _("share that is too near")]
    yield Table("memorization", _("Memorization of training images"), columns, rows)


def count_classes(network: nn.Module, real: Subset, evaluator: Evaluator, classes: Sequence[str], seed: int) -> Table:
    """Count the classes of generated images as the evaluator recognizes them, and how often they are as requested."""
    labels = take_evenly(real.labels, CLASS_IMAGES)
    images = generate_images(network, sample_latents(len(labels), latent_size(network), seed, "classes"), labels)
    predictions = evaluator.extract(images).predictions
    real_shares, generated_shares = count_shares(labels, len(classes)), count_shares(predictions, len(classes))
    rows: list[list[Any]] = []
    for number, name in enumerate(classes):
        row = [name, round(float(real_shares[number]), 4), round(float(generated_shares[number]), 4)]
        if is_conditional(network):
            recognized = (predictions == number)[labels == number].double()
            row.append(round(float(recognized.mean()), 4) if len(recognized) else None)
        rows.append(row)
    columns = [_("class"), _("share of the real images"), _("share of the generated images")]
    columns += [_("recognized as requested")] if is_conditional(network) else []
    title = _("Classes of the generated images, as recognized by {name}", name=evaluator.name)
    return Table("classes", title, columns, rows)


def compare_metrics(network: nn.Module, train: Subset, real: RealImages) -> Table:
    """Compute the metrics of generated images and, as the best values to expect, of as many training images."""
    labels = real.images.labels
    images = generate_images(network, sample_latents(len(labels), latent_size(network), "check"), labels)
    indices = take_evenly(train.indices, len(labels))
    generated = real.compare(images, labels)
    training = real.compare(train.dataset.pixels[indices], train.dataset.labels[indices])
    facts = {"evaluator": real.evaluator.name}
    rows = [
        [metric_label(name, facts), round(float(value), 4), round(float(training[name]), 4)]
        for name, value in generated.items()
    ]
    columns = [_("metric"), _("generated images"), _("training images instead")]
    title = _("Metrics, compared with {count} held-out images", count=len(labels))
    return Table("metrics", title, columns, rows)
