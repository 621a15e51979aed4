"""What the report of `gan3d` shows: walls of made solids with time, their measures, what they were learned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor, nn

from axone.data.voxels.voxels import Solids
from axone.engine.experiment import Experiment
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import percent
from axone.tasks.generation.latents import cycle_classes
from axone.tasks.shapes.data import Splits, solids_of
from axone.tasks.shapes.drawings import rendered
from axone.tasks.shapes.generate import noise_for, one_hot, solids_from
from axone.tasks.shapes.metrics import coverage, flat, matching_distance, overlaps, validity

WALL, COLUMNS = 32, 8
Others = Bool[np.ndarray, "others height depth width"]
PAIRS = 8  # made solids that are shown beside their nearest training solid
STEPS = 8  # between two points of the latent space
MEASURED = 500  # solids that are made to be measured at the end


def make_figures(made: Experiment, final: bool, parts: Splits, latent: int) -> Iterable[Figure | Table]:
    """Show a wall from the same noise at each check; at the end also real solids, neighbors, ways, and figures."""
    network: nn.Module = made.learner.networks["network"]
    facts, seed = made.facts, parts.settings.seed
    wall = cycle_classes(WALL, len(facts["classes"]))
    yield Figure(
        "shapes",
        _("Made shapes"),
        _sheet(solids_from(network, noise_for(WALL, latent, seed), one_hot(wall, len(facts["classes"]))), wall),
        _captioned(facts["classes"]),
    )
    if not final:
        return
    real = parts.train.labels.argsort(stable=True)[:: max(1, len(parts.train) // WALL)][:WALL]
    trained = solids_of(parts.train)
    yield Figure(
        "training",
        _("What it was learned from"),
        _sheet(trained[real.numpy()], parts.train.labels[real]),
        _("Some of the training shapes."),
    )
    labels = cycle_classes(MEASURED, len(facts["classes"]))
    samples = solids_from(
        network, noise_for(MEASURED, latent, seed, "measured"), one_hot(labels, len(facts["classes"]))
    )
    near = overlaps(flat(samples), flat(trained))
    yield _neighbors(samples, labels, trained, near)
    yield _ways(network, facts, latent, seed)
    yield _table(samples, labels, near, parts, facts)


def _captioned(classes: Sequence[str]) -> str:
    """Say what the colors are, where there are several classes."""
    text = _("From the same noise at each check.")
    return f"{text} {_('In turn: {classes}.', classes=', '.join(classes))}" if len(classes) > 1 else text


def _sheet(
    solids: Solids, labels: Int64[Tensor, " solids"], captions: Sequence[str] = (), columns: int = COLUMNS
) -> Any:
    pictures = [rendered(solid, color=int(label)) for solid, label in zip(solids, labels.tolist(), strict=True)]
    return draw_contact_sheet(np.stack(pictures), captions, columns)


def _neighbors(samples: Solids, labels: Tensor, trained: Others, near: Tensor) -> Figure:
    """Show made solids, the nearest training solid under each."""
    overlap, place = near[:PAIRS].max(1)
    pairs = np.concatenate([samples[:PAIRS], trained[place.numpy()]])
    words = [_("made")] * PAIRS + [_("overlap {share}", share=percent(float(one), 0)) for one in overlap]
    return Figure(
        "nearest",
        _("Is it learned by heart?"),
        _sheet(pairs, torch.cat([labels[:PAIRS], labels[:PAIRS]]), words[: len(pairs)], PAIRS),
        _("Above, made shapes; below each, the training shape that overlaps it most."),
    )


def _ways(network: nn.Module, facts: dict[str, Any], latent: int, seed: int) -> Figure:
    """Show the way from one point of the latent space to another, a row for each class."""
    classes = range(min(len(facts["classes"]), 6))
    rows, labels = [], []
    for label in classes:
        start, end = noise_for(2, latent, seed, "way", label)
        share = torch.linspace(0, 1, STEPS)[:, None]
        # Along the sphere on which noise lies: in between a straight line passes where no noise ever was.
        angle = torch.acos(torch.nn.functional.cosine_similarity(start, end, 0).clamp(-1, 1))
        noise = (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
        asked = torch.full((STEPS,), label)
        rows.append(solids_from(network, noise, one_hot(asked, len(facts["classes"]))))
        labels.append(asked)
    return Figure(
        "ways", _("From one shape to another"), _sheet(np.concatenate(rows), torch.cat(labels), columns=STEPS),
        _("What is made on the way between two points of the noise."),
    )  # fmt: skip


def _table(samples: Solids, labels: Tensor, near: Tensor, parts: Splits, facts: dict[str, Any]) -> Table:
    """Measure made solids beside held-out real ones, class by class."""
    held = parts.test if len(parts.test) else parts.validation
    real = solids_of(held) if len(held) else None
    trained = flat(solids_of(parts.train))
    columns = [
        _("shapes"), _("number"), _("valid"), _("in one piece"), _("standing"),
        _("overlap with the nearest training shape"), _("distance to held-out shapes"), _("held-out shapes covered"),
    ]  # fmt: skip
    rows = []
    found = validity(samples, labels.numpy(), facts["stands"])
    between = overlaps(flat(samples), flat(real)) if real is not None else None
    groups = [(_("made"), torch.ones(len(labels), dtype=torch.bool))]
    if len(facts["classes"]) > 1:
        groups += [(_("made: {name}", name=name), labels == label) for label, name in enumerate(facts["classes"])]
    for name, which in groups:
        own = which.numpy()
        row: list[Any] = [name, int(own.sum())]
        row += [_share(part[own]) for part in (found.valid, found.whole, found.standing)]
        row.append(round(float(near[which].amax(1).mean()), 3))
        if between is not None and bool(which.all()):
            row += [round(float(ask(between)), 3) for ask in (matching_distance, coverage)]
        else:
            row += [None, None]
        rows.append(row)
    if real is not None:
        other = validity(real, held.labels.numpy(), facts["stands"])
        shares = [_share(part) for part in (other.valid, other.whole, other.standing)]
        distance = round(float(overlaps(flat(real), trained).amax(1).mean()), 3)
        rows.append([_("held out"), len(real), *shares, distance, None, None])
    return Table("measures", _("How good the shapes are"), columns, rows)


def _share(found: np.ndarray) -> float:
    return round(float(found.mean()), 3)
