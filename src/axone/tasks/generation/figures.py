"""What is to be seen of a generator: its wall, its way between two pictures, and whether it knows pictures by heart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from axone.data.images.dataset import Subset
from axone.data.random import make_generator
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.graph import Model
from axone.messages import _
from axone.tasks.generation.evaluator import Examiner
from axone.tasks.generation.generation import Real, evenly, make
from axone.tasks.generation.latents import cycle_classes, sample_latents
from axone.tasks.generation.metrics import nearest, shares
from axone.tasks.images.splits import Splits

WALL = 100  # pictures, about
MOST_COLUMNS = 20
STEPS, WAYS = 10, 8  # of an interpolation; interpolations shown
SIDE_BY_SIDE = 5  # real pictures, and made ones, in a row
SEARCHED = 20_000  # training pictures among which the nearest are looked for
LOOKED_UP, SHOWN, NEAREST = 500, 8, 5  # pictures whose nearest are looked for; shown; of each
RARE = 0.01  # share of real pictures that lie as near to a training picture as what counts as known by heart


def make_figures(
    network: nn.Module, parts: Splits, examiner: Examiner, real: Real | None, seed: int, final: bool
) -> Iterator[Figure | Table]:
    """Show the wall and some ways at each check; at the end all the rest, beside the `real` pictures of the test."""
    classes = parts.facts["classes"]
    yield wall(network, classes, seed)
    yield interpolation(network, classes, seed)
    if not final:
        return
    yield beside(network, parts.train, classes, seed)
    held_out = next((part for part in (parts.test, parts.validation) if len(part) > 1), None)
    yield from by_heart(network, parts.train, held_out, examiner, classes, seed)
    if examiner.names_classes:
        yield per_class(network, parts.test if len(parts.test) else parts.train, examiner, classes, seed)
    if real is not None:
        yield measures(network, parts.train, real)


def wall(network: nn.Module, classes: Sequence[str], seed: int) -> Figure:
    """Lay out pictures of fixed chance, a column a class: the same at each check, so that their growth is seen."""
    columns = len(classes) if taught(network) and len(classes) <= MOST_COLUMNS else 10
    count = max(2, WALL // columns) * columns
    labels = cycle_classes(count, len(classes))
    pixels = make(network, sample_latents(count, depth(network), seed, "wall"), labels)
    names = ", ".join(classes[:columns])
    caption = _("Columns: {names}.", names=names) if taught(network) and columns == len(classes) else ""
    return Figure("wall", _("Made pictures"), draw_contact_sheet(pixels.numpy(), columns=columns), caption)


def interpolation(network: nn.Module, classes: Sequence[str], seed: int) -> Figure:
    """Lay out ways from one latent to another, a row each."""
    ends = sample_latents(2 * WAYS, depth(network), seed, "ways")
    ways = torch.cat([arc(ends[2 * row], ends[2 * row + 1], STEPS) for row in range(WAYS)])
    labels = cycle_classes(WAYS, len(classes)).repeat_interleave(STEPS)
    pixels = make(network, ways, labels)
    return Figure(
        "interpolations", _("From one picture to another"), draw_contact_sheet(pixels.numpy(), columns=STEPS),
        _("Each row goes from one point of the latent space to another. Where it jumps, little was understood."),
    )  # fmt: skip


def arc(one: Float[Tensor, " latent"], other: Float[Tensor, " latent"], steps: int) -> Float[Tensor, "steps latent"]:
    """Go along the sphere, where Gaussian numbers in many dimensions lie, instead of through its empty middle."""
    angle = torch.acos(torch.nn.functional.cosine_similarity(one, other, dim=0).clamp(-1, 1)).clamp_min(1e-4)
    share = torch.linspace(0, 1, steps)[:, None]
    return (torch.sin((1 - share) * angle) * one + torch.sin(share * angle) * other) / torch.sin(angle)


def beside(network: nn.Module, real: Subset, classes: Sequence[str], seed: int) -> Figure:
    """Lay real pictures (left) beside made ones (right), a row a class."""
    shown = min(len(classes), 10)
    rows: list[np.ndarray] = []
    drawn = torch.randperm(len(real), generator=make_generator("beside", seed))
    labels = torch.arange(shown).repeat_interleave(SIDE_BY_SIDE)
    made = make(network, sample_latents(len(labels), depth(network), seed, "beside"), labels).numpy()
    empty = np.full_like(made[:1], 255)
    for number in range(shown):
        of_class = drawn[real.labels[drawn] == number][:SIDE_BY_SIDE]
        left = real.dataset.pixels[real.indices[of_class]].numpy()
        left = np.concatenate([left, *[empty] * (SIDE_BY_SIDE - len(left))])
        rows += [left, empty, made[number * SIDE_BY_SIDE : (number + 1) * SIDE_BY_SIDE]]
    caption = _("Left: training pictures. Right: made ones.")
    if taught(network):
        caption += " " + _("Rows: {names}.", names=", ".join(classes[:shown]))
    sheet = draw_contact_sheet(np.concatenate(rows), columns=2 * SIDE_BY_SIDE + 1)
    return Figure("beside", _("Real beside made"), sheet, caption)


def by_heart(
    network: nn.Module, train: Subset, held_out: Subset | None, examiner: Examiner, classes: Sequence[str], seed: int
) -> Iterator[Figure | Table]:
    """Look for the training pictures that lie nearest to made ones, in the examiner's features.

    A generator that learns by heart comes nearer to training pictures than other real pictures do: what counts as
    too near is the distance that one real held-out picture in a hundred falls below.
    """
    members = evenly(train.indices, SEARCHED)
    known = examiner.look(train.dataset.pixels[members])
    labels = cycle_classes(LOOKED_UP, len(classes))
    pixels = make(network, sample_latents(LOOKED_UP, depth(network), seed, "by heart"), labels)
    count = min(NEAREST, len(members))
    distances, places = nearest(examiner.look(pixels).features, known.features, count)
    closest = distances[:, 0].argsort(stable=True)
    shown = torch.cat([closest[: SHOWN // 2], closest[len(closest) // 2 :][: SHOWN - SHOWN // 2]])
    tiles: list[UInt8[np.ndarray, "height width channels"]] = []
    captions = []
    for row in shown.tolist():
        tiles.append(pixels[row].numpy())
        captions.append(_("made") + (f"\n{classes[int(labels[row])]}" if taught(network) else ""))
        for distance, place in zip(distances[row].tolist(), members[places[row]].tolist(), strict=True):
            tiles.append(train.dataset.pixels[place].numpy())
            captions.append(f"{distance:.2f}\n{classes[int(train.dataset.labels[place])] if len(classes) > 1 else ''}")
    yield Figure(
        "neighbors", _("Made pictures and the training pictures nearest to them"),
        draw_contact_sheet(np.stack(tiles), captions, columns=count + 1),
        _("Above, the made pictures that come nearest; below, ordinary ones. Numbers: the distance of the features."),
    )  # fmt: skip
    if held_out is None:
        return
    real = examiner.look(held_out.dataset.pixels[evenly(held_out.indices, 2 * LOOKED_UP)])
    usual = nearest(real.features, known.features)[0][:, 0]
    limit = usual.quantile(RARE)
    rows = [
        [_("held-out pictures"), round(float(usual.median()), 3), round(float((usual < limit).double().mean()), 4)],
        [_("made pictures"), round(float(distances[:, 0].median()), 3),
         round(float((distances[:, 0] < limit).double().mean()), 4)],
    ]  # fmt: skip
    columns = [_("pictures"), _("median distance to the nearest training picture"), _("share that is too near")]
    yield Table("by_heart", _("Known by heart?"), columns, rows)


def per_class(network: nn.Module, real: Subset, examiner: Examiner, classes: Sequence[str], seed: int) -> Table:
    """Count, among a thousand made pictures, what the examiner takes them for, and how often it is what was asked."""
    asked: Int64[Tensor, " pictures"] = evenly(real.labels, 1000)
    found = examiner.look(make(network, sample_latents(len(asked), depth(network), seed, "classes"), asked)).answers
    in_truth, among = shares(asked, len(classes)), shares(found, len(classes))
    rows: list[list[Any]] = []
    for number, name in enumerate(classes):
        row = [name, round(float(in_truth[number]), 4), round(float(among[number]), 4)]
        if taught(network):
            right = (found == number)[asked == number].double()
            row.append(round(float(right.mean()), 4) if len(right) else None)
        rows.append(row)
    columns = [_("class"), _("share of the real pictures"), _("share of the made pictures")]
    columns += [_("recognized as what was asked for")] if taught(network) else []
    return Table("classes", _("Classes of the made pictures, as {name} sees them", name=examiner.name), columns, rows)


def measures(network: nn.Module, train: Subset, real: Real) -> Table:
    """Measure made pictures and, in their place, training pictures: no generator can be asked for more than these."""
    labels = real.images.labels
    made = make(network, sample_latents(len(labels), depth(network), "check"), labels)
    members = evenly(train.indices, len(labels))
    of_made = real.compare(made, labels)
    of_real = real.compare(train.dataset.pixels[members], train.dataset.labels[members])
    rows = [
        [_(name), round(float(value), 4), round(float(of_real[name]), 4)]
        for name, value in of_made.items()
    ]  # fmt: skip
    columns = [_("measure"), _("made pictures"), _("training pictures in their place")]
    title = _("Beside {count} pictures that were held out", count=len(labels))
    return Table("measures", title, columns, rows)


def taught(network: nn.Module) -> bool:
    """Say whether a generator makes pictures of a class on request."""
    assert isinstance(network, Model)
    return len(network.input_names) == 2


def depth(network: nn.Module) -> int:
    """Return how many numbers a generator begins with."""
    assert isinstance(network, Model)
    return network.input_shapes[0][0]
