"""Figures of a generator of shapes: samples, interpolations, nearest training shapes, and a table of metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from PIL import Image
from torch import Tensor, nn

from axone.data.voxels.voxels import Solids
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.generation.latents import cycle_classes, interpolate
from axone.tasks.images.splits import Splits
from axone.tasks.shapes.data import solids_of
from axone.tasks.shapes.drawings import draw_solid
from axone.tasks.shapes.generate import generate_solids, sample_noise
from axone.tasks.shapes.metrics import (
    check_validity,
    compute_overlaps,
    coverage,
    flatten_solids,
    matching_distance,
)

SAMPLES, COLUMNS = 32, 8
PAIRS = 8  # generated shapes that are drawn with their nearest training shape
STEPS = 8  # shapes of an interpolation
MOST_INTERPOLATIONS = 6
MEASURED = 500  # shapes that are generated for the table

Labels = Int64[Tensor, " solids"]
OtherSolids = Bool[np.ndarray, "others height depth width"]
Overlaps = Float[Tensor, "solids others"]


def make_figures(network: nn.Module, splits: Splits, latent: int, final: bool) -> Iterable[Figure | Table]:
    """Make the samples; if `final`, also training shapes, nearest neighbors, interpolations and metrics."""
    classes, seed = splits.facts["classes"], splits.settings.seed
    labels = cycle_classes(SAMPLES, len(classes))
    samples = generate_solids(network, sample_noise(SAMPLES, latent, seed), labels, len(classes))
    caption = _("The noise is the same in each epoch.")
    if len(classes) > 1:
        caption += " " + _("The classes alternate: {classes}.", classes=", ".join(classes))
    yield Figure("samples", _("Generated shapes"), draw_sheet(samples, labels), caption)
    if not final:
        return
    order = splits.train.labels.argsort(stable=True)[:: max(1, len(splits.train) // SAMPLES)][:SAMPLES]
    training = solids_of(splits.train)
    yield Figure(
        "training", _("Training shapes"), draw_sheet(training[order.numpy()], splits.train.labels[order]),
        _("Some of the training shapes."),
    )  # fmt: skip
    labels = cycle_classes(MEASURED, len(classes))
    samples = generate_solids(network, sample_noise(MEASURED, latent, seed, "measured"), labels, len(classes))
    overlaps = compute_overlaps(flatten_solids(samples), flatten_solids(training))
    yield draw_neighbors(samples, labels, training, overlaps)
    yield draw_interpolations(network, len(classes), latent, seed)
    yield compare_metrics(samples, labels, overlaps, splits)


def draw_sheet(solids: Solids, labels: Labels, captions: Sequence[str] = (), columns: int = COLUMNS) -> Image.Image:
    """Draw solids in a grid, in the colors of their classes."""
    drawings = [draw_solid(solid, color=int(label)) for solid, label in zip(solids, labels.tolist(), strict=True)]
    return draw_contact_sheet(np.stack(drawings), captions, columns)


def draw_neighbors(samples: Solids, labels: Labels, training: OtherSolids, overlaps: Overlaps) -> Figure:
    """Draw generated shapes, and below each one its nearest training shape."""
    overlap, nearest = overlaps[:PAIRS].max(1)
    solids = np.concatenate([samples[:PAIRS], training[nearest.numpy()]])
    captions = [_("generated")] * PAIRS + [_("overlap {share}", share=format_percent(float(one), 0)) for one in overlap]
    return Figure(
        "neighbors",
        _("Generated shapes and their nearest training shapes"),
        draw_sheet(solids, torch.cat([labels[:PAIRS], labels[:PAIRS]]), captions[: len(solids)], PAIRS),
        _("Above: generated shapes. Below each: the training shape that overlaps it most."),
    )


def draw_interpolations(network: nn.Module, classes: int, latent: int, seed: int) -> Figure:
    """Draw an interpolation between two noise vectors for each class, one per row."""
    solids, labels = [], []
    for number in range(min(classes, MOST_INTERPOLATIONS)):
        start, end = sample_noise(2, latent, seed, "way", number)
        row = torch.full((STEPS,), number)
        solids.append(generate_solids(network, interpolate(start, end, STEPS), row, classes))
        labels.append(row)
    return Figure(
        "interpolations", _("Interpolations"), draw_sheet(np.concatenate(solids), torch.cat(labels), columns=STEPS),
        _("Each row interpolates between two noise vectors, for one class."),
    )  # fmt: skip


def compare_metrics(samples: Solids, labels: Labels, training_overlaps: Overlaps, splits: Splits) -> Table:
    """Compute the metrics of generated shapes, together and for each class, and those of held-out shapes."""
    classes, supported = splits.facts["classes"], splits.facts["supported_classes"]
    held_out = splits.test if len(splits.test) else splits.validation
    real = solids_of(held_out) if len(held_out) else None
    columns = [
        _("shapes"), _("number"), _("valid"), _("connected"), _("with four supports"),
        _("overlap with the nearest training shape"), _("distance to held-out shapes"), _("held-out shapes covered"),
    ]  # fmt: skip
    validity = check_validity(samples, labels.numpy(), supported)
    distances: list[float | None] = [None, None]
    if real is not None:
        overlaps = compute_overlaps(flatten_solids(samples), flatten_solids(real))
        distances = [round(float(metric(overlaps)), 3) for metric in (matching_distance, coverage)]
    groups = [(_("generated"), torch.ones(len(labels), dtype=torch.bool))]
    if len(classes) > 1:
        groups += [(_("generated: {name}", name=name), labels == number) for number, name in enumerate(classes)]
    rows: list[list[Any]] = []
    for name, members in groups:
        own = members.numpy()
        shares = [_share(part[own]) for part in (validity.valid, validity.connected, validity.supported)]
        overlap = round(float(training_overlaps[members].amax(1).mean()), 3)
        rows.append([name, int(own.sum()), *shares, overlap, *(distances if own.all() else [None, None])])
    if real is not None:
        real_validity = check_validity(real, held_out.labels.numpy(), supported)
        shares = [_share(part) for part in (real_validity.valid, real_validity.connected, real_validity.supported)]
        overlaps = compute_overlaps(flatten_solids(real), flatten_solids(solids_of(splits.train)))
        rows.append([_("held out"), len(real), *shares, round(float(overlaps.amax(1).mean()), 3), None, None])
    return Table("metrics", _("Metrics of the shapes"), columns, rows)


def _share(members: np.ndarray) -> float:
    return round(float(members.mean()), 3)
