"""The figures and tables of an autoencoder's report.

At each evaluation: originals and their reconstructions. At the end also the latent space, the distribution of the
anomaly scores, and principal component analysis as a baseline.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

from axone.engine.experiment import Experiment
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.tasks.answers import to_uint8
from axone.tasks.reconstruction.charts import histogram, image_grid, latent_map
from axone.tasks.reconstruction.evaluated_examples import EvaluatedExamples, Reconstructor
from axone.tasks.reconstruction.tables import compare_with_pca, measure_classes, measure_columns

IMAGES_PER_ROW = 12  # of originals; their reconstructions are in the row below
GRID_SIZE = 16  # points along each side of the latent plane
GRID_SHARE = 0.96  # share of the latents between the left and the right edge of the grid
PAIRS, STEPS = 6, 9  # pairs of images, and latents on the line between them
QUANTILE_POINTS = 100_000
MAX_KINDS = 5  # of anomalies, whose scores are drawn each with its own line
MOST_ANOMALOUS = 24
SAMPLES, SAMPLES_PER_ROW = 96, 16


def make_figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
    """Return the figures of an evaluation; those of the end also measure every example and compare with PCA."""
    model = Reconstructor(experiment)
    if model.is_image:
        yield draw_reconstructions(model)
    if not final:
        return
    examples = model.evaluate()
    yield draw_latent_map(model, examples)
    if model.is_image:
        yield draw_latent_grid(model, examples)
        yield draw_interpolations(model)
        yield draw_most_anomalous(model, examples)
        if model.network.variational:
            yield draw_samples(model)
    else:
        yield measure_columns(model)
    yield draw_scores(model, examples)
    yield compare_with_pca(model, examples)
    if model.classes:
        yield measure_classes(model, examples)


def draw_reconstructions(model: Reconstructor) -> Figure:
    """Draw some images, and their reconstructions in the row below."""
    inputs = model.some_inputs
    pair = to_uint8(inputs).numpy(), to_uint8(model.reconstruct(inputs).outputs).numpy()
    columns = min(IMAGES_PER_ROW, len(inputs))
    rows = len(inputs) // columns
    image_shape = pair[0].shape[1:]
    stacked = np.stack([images[: rows * columns].reshape(rows, columns, *image_shape) for images in pair], 1)
    return Figure(
        "reconstructions",
        _("Originals and reconstructions"),
        image_grid(stacked.reshape(2 * rows, columns, *image_shape)),
        _("Below each image its reconstruction from {count} latents.", count=model.network.latent),
    )


def draw_latent_map(model: Reconstructor, examples: EvaluatedExamples) -> Figure:
    """Draw the latents of all examples in a plane."""
    points, size = examples.plane.transform(examples.latents), model.network.latent
    if size <= 2:
        axes = _("first latent"), _("second latent")
        caption = _("Each point is an example, at its latents.")
    else:
        variance = examples.latents.var(0, correction=0).sum().clamp_min(1e-12)
        first, second = (format_percent(float(share), 0) for share in points.var(0, correction=0) / variance)
        axes = (_("first principal component ({share} of the variance)", share=first),
                _("second principal component ({share} of the variance)", share=second))  # fmt: skip
        caption = _("The {count} latents of each example, projected onto their first two principal components.",
                    count=size)  # fmt: skip
    if model.classes:
        caption += " " + _("Colors are the classes, which were not used in training.")
    drawing = latent_map(points.numpy(), examples.labels, model.classes, axes)
    return Figure("latent-map", _("Latent space"), drawing, caption)


def draw_latent_grid(model: Reconstructor, examples: EvaluatedExamples) -> Figure:
    """Decode a regular grid of points of the plane of the map."""
    points = examples.plane.transform(examples.latents)
    limits = torch.tensor([(1 - GRID_SHARE) / 2, (1 + GRID_SHARE) / 2], dtype=points.dtype)
    (left, low), (right, high) = torch.quantile(points[:QUANTILE_POINTS], limits, dim=0).tolist()
    across = torch.linspace(left, right, GRID_SIZE, dtype=points.dtype)
    up = torch.linspace(high, low, GRID_SIZE if high > low else 1, dtype=points.dtype)  # the top row is the highest
    y, x = torch.meshgrid(up, across, indexing="ij")
    images = model.decode(examples.plane.inverse_transform(torch.stack([x.flatten(), y.flatten()], 1)))
    return Figure(
        "latent-grid",
        _("Images decoded from a grid of latents"),
        image_grid(images.reshape(len(up), GRID_SIZE, *images.shape[1:]), gap=0),
        _("Points of the map of the latent space, decoded, from its left to its right and from its lower to its upper "
          "edge."),
    )  # fmt: skip


def draw_interpolations(model: Reconstructor) -> Figure:
    """Decode the latents on the line between those of two images."""
    count = max(1, min(PAIRS, len(model.some_inputs) // 2))
    first, last = model.some_inputs[:count], model.some_inputs[-count:]
    starts, ends = model.network.encode(first), model.network.encode(last)  # [P, L]
    shares = torch.linspace(0, 1, STEPS, device=starts.device)
    between = torch.lerp(starts.float()[:, None], ends.float()[:, None], shares[None, :, None])  # [P, S, L]
    first_images, last_images = to_uint8(first).numpy()[:, None], to_uint8(last).numpy()[:, None]
    images = model.decode(between.flatten(0, 1)).reshape(count, STEPS, *first_images.shape[2:])
    return Figure(
        "interpolation",
        _("Interpolations"),
        image_grid(np.concatenate([first_images, images, last_images], axis=1)),
        _("The first and the last image of a row are originals; between them, latents on the line between theirs, "
          "decoded."),
    )  # fmt: skip


def draw_most_anomalous(model: Reconstructor, examples: EvaluatedExamples) -> Figure:
    """Draw the images with the highest anomaly scores."""
    order = np.argsort(-examples.scores, kind="stable")[:MOST_ANOMALOUS]
    ranks = torch.from_numpy(np.argsort(np.argsort(order)))  # `inputs_at` takes places in ascending order
    inputs = model.inputs_at(np.sort(order))[ranks]
    captions = [format_number(float(examples.scores[k])) for k in order]
    if model.classes:
        captions = [f"{model.classes[examples.labels[k]]}\n{score}" for k, score in zip(order, captions)]
    return Figure(
        "anomalies",
        _("Highest anomaly scores"),
        draw_contact_sheet(to_uint8(inputs).numpy(), captions, columns=8),
        _("The images with the largest reconstruction errors, and their anomaly scores."),
    )


def draw_samples(model: Reconstructor) -> Figure:
    """Decode latents from the standard normal distribution."""
    latents = torch.randn(SAMPLES, model.network.latent, generator=torch.Generator().manual_seed(0))
    images = model.decode(latents)
    return Figure(
        "samples",
        _("Generated images"),
        image_grid(images.reshape(-1, SAMPLES_PER_ROW, *images.shape[1:])),
        _("Latents sampled from the standard normal distribution, decoded. For more: axone generate."),
    )


def draw_scores(model: Reconstructor, examples: EvaluatedExamples) -> Figure:
    """Draw the distribution of the anomaly scores, separately for each class that training does not see."""
    groups = [(_("examples"), examples.scores)]
    if model.anomalies:
        numbers = [model.classes.index(name) for name in model.anomalies]
        kinds = [(name, examples.scores[examples.labels == number]) for name, number in zip(model.anomalies, numbers)]
        if len(kinds) > MAX_KINDS:
            kinds = [(_("all anomalies"), np.concatenate([scores for _name, scores in kinds]))]
        groups = [(_("classes in training"), examples.scores[~np.isin(examples.labels, numbers)]), *kinds]
        groups = [(name, scores) for name, scores in groups if len(scores)]
    return Figure(
        "anomaly-scores",
        _("Distribution of the anomaly scores"),
        histogram(groups, float(model.network.threshold)),
        _("Examples to the right of the dashed line are above the threshold."),
    )


__all__ = ["make_figures"]
