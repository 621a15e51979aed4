"""What the report shows of a network that gives back what it is given: at each check what comes back, at the end the
space of its latents, how large its errors are, and whether principal components would have done as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.engine.experiment import Experiment, Stream
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import number, percent
from axone.tasks.answers import to_uint8
from axone.tasks.reconstruction.charts import histogram, latent_map, tiles
from axone.tasks.reconstruction.latent_network import LatentNetwork, error_of, through
from axone.tasks.reconstruction.pca import plane, principal
from axone.tasks.tables import metrics as table_metrics
from axone.tasks.tables.row_vectors import sum_by_column

SHOWN = 24  # examples that are shown with what came back
ACROSS = 12  # of them in a row
GRID = 16  # places along each side of the latent plane
WAYS, STEPS = 6, 9  # pairs of examples, and places on the way from one to the other
MOST_LEARNED = 10_000  # training examples from which principal components are found
MOST_NUMBERS = 50_000_000  # that are held in memory for it
MOST_UNUSUAL = 24
SAMPLES = 96
AVERAGE = 0.96  # share of the latents that the grid spans along each side


def make_figures(made: Experiment, final: bool) -> Iterable[Figure | Table]:
    """Show originals with their reconstructions; at the end also map, grid, ways, errors, and the comparison."""
    look = _Look(made)
    if look.pictures:
        yield _reconstructions(look)
    if not final:
        return
    look.read_all()
    yield _map(look)
    if look.pictures:
        yield _grid(look)
        yield _ways(look)
        yield _most_unusual(look)
        if look.network.variational:
            yield _samples(look)
    else:
        yield _columns(look)
    yield _histogram(look)
    yield _against_components(look)
    if look.classes:
        yield _by_class(look)


class _Look:
    """A network with examples that it did not learn from: test, else validation, else training after all."""

    def __init__(self, made: Experiment) -> None:
        network = made.learner.networks["network"]
        assert isinstance(network, LatentNetwork)
        self.network, self.facts, self.train = network, made.facts, made.train
        self.stream: Stream = made.test or made.validation or made.train
        self.pictures = len(self.facts["input"]) == 3
        self.classes: list[str] = self.facts["labels"]
        self.some = self._at(np.linspace(0, self.stream.samples - 1, min(SHOWN, self.stream.samples)).astype(int))

    def batches(self, stream: Stream) -> Iterator[Any]:
        """Yield the batches of a stream on the network's device."""
        yield from stream.to(self.network.threshold.device).batches(1)

    def _at(self, places: np.ndarray) -> Tensor:
        """Return the inputs at some places of the stream."""
        found, start = [], 0
        for batch in self.batches(self.stream):
            here = places[(places >= start) & (places < start + len(batch.inputs))] - start
            found.append(batch.inputs[torch.from_numpy(here).to(batch.inputs.device)])
            start += len(batch.inputs)
        return torch.cat(found)

    def read_all(self) -> None:
        """Put every example through the network."""
        latents, errors, labels = [], [], []
        for batch in self.batches(self.stream):
            found, _made, error = through(self.network, batch.inputs)
            latents.append(found.cpu())
            errors.append(error.cpu())
            labels.append(batch.targets.cpu())
        self.latents, self.labels = torch.cat(latents).double(), torch.cat(labels).numpy()
        self.errors: np.ndarray = torch.cat(errors).double().numpy()
        self.plane = plane(self.latents)

    def decode(self, latents: Float[Tensor, "batch latent"]) -> np.ndarray:
        """Return the pictures that latents stand for."""
        inputs = latents.float().to(self.network.threshold.device)
        return torch.cat([to_uint8(self.network.decode(some)) for some in inputs.split(500)]).numpy()


def _reconstructions(look: _Look) -> Figure:
    back = through(look.network, look.some)[1]
    before, after = to_uint8(look.some).numpy(), to_uint8(back).numpy()
    across = min(ACROSS, len(before))
    rows = len(before) // across
    pairs = [part[: rows * across].reshape(rows, across, *part.shape[1:]) for part in (before, after)]
    sheet = np.stack(pairs, 1).reshape(2 * rows, across, *before.shape[1:])
    return Figure(
        "reconstructions",
        _("Originals and what comes back"),
        tiles(sheet),
        _("Below each picture what the decoder makes of its {count} numbers.", count=look.network.latent),
    )


def _map(look: _Look) -> Figure:
    points, size = look.plane.project(look.latents), look.network.latent
    if size <= 2:
        axes = _("first latent"), _("second latent")
        caption = _("Each point is an example, where its two latents put it.")
    else:
        spread = look.latents.var(0, correction=0).sum().clamp_min(1e-12)
        first, second = (percent(float(share), 0) for share in points.var(0, correction=0) / spread)
        axes = (_("first principal direction ({share})", share=first),
                _("second principal direction ({share})", share=second))  # fmt: skip
        caption = _("The {count} latents of each example, seen in the plane in which they differ most.", count=size)
    if look.classes:
        caption += " " + _("Colors are the classes, which the network was never told.")
    drawn = latent_map(points.numpy(), look.labels, look.classes, axes)
    return Figure("latent-map", _("Map of the latents"), drawn, caption)


def _grid(look: _Look) -> Figure:
    points = look.plane.project(look.latents)
    ends = torch.tensor([(1 - AVERAGE) / 2, (1 + AVERAGE) / 2], dtype=points.dtype)
    (left, low), (right, high) = torch.quantile(points[:100_000], ends, dim=0).tolist()
    across = torch.linspace(left, right, GRID, dtype=points.dtype)
    up = torch.linspace(high, low, GRID if high > low else 1, dtype=points.dtype)  # the top row is the highest
    y, x = torch.meshgrid(up, across, indexing="ij")
    decoded = look.decode(look.plane.place(torch.stack([x.flatten(), y.flatten()], 1)))
    return Figure(
        "latent-grid",
        _("What stands where in the latents"),
        tiles(decoded.reshape(len(up), GRID, *decoded.shape[1:]), gap=0),
        _("Places of the map, decoded: from its left to its right, from its lower to its upper edge."),
    )


def _ways(look: _Look) -> Figure:
    """Decode what lies between the latents of two examples."""
    count = max(1, min(WAYS, len(look.some) // 2))
    begin, end = look.some[:count], look.some[-count:]
    starts, ends = look.network.encode(begin), look.network.encode(end)
    shares = torch.linspace(0, 1, STEPS, device=starts.device)
    between = torch.lerp(starts.float()[:, None], ends.float()[:, None], shares[None, :, None])
    decoded = look.decode(between.flatten(0, 1)).reshape(count, STEPS, *to_uint8(begin).shape[1:])
    sheet = np.concatenate([to_uint8(begin).numpy()[:, None], decoded, to_uint8(end).numpy()[:, None]], axis=1)
    return Figure(
        "interpolation",
        _("From one picture to another"),
        tiles(sheet),
        _("First and last are originals; between them, points on the straight line between their latents, decoded."),
    )


def _most_unusual(look: _Look) -> Figure:
    order = np.argsort(-look.errors, kind="stable")[:MOST_UNUSUAL]
    inputs = look._at(np.sort(order))[torch.from_numpy(np.argsort(np.argsort(order)))]
    captions = [number(float(look.errors[place])) for place in order]
    if look.classes:
        captions = [f"{look.classes[look.labels[k]]}\n{text}" for k, text in zip(order, captions)]
    return Figure(
        "unusual",
        _("The least usual pictures"),
        draw_contact_sheet(to_uint8(inputs).numpy(), captions, columns=8),
        _("With their errors: they came back the least like themselves."),
    )


def _samples(look: _Look) -> Figure:
    latents = torch.randn(SAMPLES, look.network.latent, generator=torch.Generator().manual_seed(0))
    decoded = look.decode(latents)
    return Figure(
        "samples",
        _("New pictures"),
        tiles(decoded.reshape(-1, 16, *decoded.shape[1:])),
        _("Latents drawn from the standard normal distribution, decoded. For more: axone generate."),
    )


def _histogram(look: _Look) -> Figure:
    groups = [(_("examples"), look.errors)]
    if apart := look.facts.get("without"):
        strange = look.labels == look.classes.index(apart)
        groups = [(_("known classes"), look.errors[~strange]), (apart, look.errors[strange])]
        groups = [(name, errors) for name, errors in groups if len(errors)]
    return Figure(
        "errors",
        _("How large the errors are"),
        histogram(groups, float(look.network.threshold)),
        _("Right of the dashed line an example counts as unusual."),
    )


def _against_components(look: _Look) -> Table:
    """Compare with principal components, of the same number, found in the training examples."""
    inputs, held = [], 0
    width = int(np.prod(look.facts["input"]))
    for batch in look.batches(look.train):
        inputs.append(batch.inputs.flatten(1).cpu())
        held += len(batch.inputs)
        if held >= MOST_LEARNED or held * width > MOST_NUMBERS:
            break
    found = principal(torch.cat(inputs), look.network.latent)
    linear, mean, count = 0.0, 0.0, 0
    for batch in look.batches(look.stream):
        flat = batch.inputs.flatten(1).cpu()
        linear += float(error_of(flat, found.place(found.project(flat))).double().sum())
        mean += float(error_of(flat, found.mean.expand_as(flat)).double().sum())
        count += len(flat)
    rows = [
        [_("this network"), look.network.latent, number(float(look.errors.mean()))],
        [_("principal components, found in {count} training examples", count=number(held)), len(found.directions),
         number(linear / count)],
        [_("the mean of all, whatever is asked"), 0, number(mean / count)],
    ]  # fmt: skip
    columns = [_("way"), _("numbers for each example"), _("mean squared error")]
    return Table("components", _("Beside principal components"), columns, rows)


def _by_class(look: _Look) -> Table:
    rows, above = [], look.errors > float(look.network.threshold)
    apart = look.facts.get("without")
    known = look.labels != look.classes.index(apart) if apart else np.ones(len(look.labels), dtype=bool)
    for place, name in enumerate(look.classes):
        here = look.labels == place
        if not here.any():
            continue
        row = [name, int(here.sum()), number(float(look.errors[here].mean())), percent(float(above[here].mean()), 1)]
        if apart:
            chosen = here | (known & (place != look.classes.index(apart)))
            told = (
                number(round(table_metrics.roc_curve(here[chosen], look.errors[chosen]).area, 4))
                if name == apart
                else ""
            )
            row.append(told)
        rows.append(row)
    columns = [_("class"), _("examples"), _("mean error"), _("unusual")]
    columns += [_("area under the curve, against the known classes")] if apart else []
    return Table("classes", _("Errors of each class"), columns, rows)


def _columns(look: _Look) -> Table:
    """Say how well each column comes back: the share of its variance that is lost."""
    parts = []
    for batch in look.batches(look.stream):
        parts.append((batch.inputs.cpu(), through(look.network, batch.inputs)[1].cpu()))
    inputs, back = (torch.cat(part).double() for part in zip(*parts))
    lost = sum_by_column((back - inputs).square(), look.facts["columns"])
    spread = sum_by_column((inputs - inputs.mean(0)).square(), look.facts["columns"])
    shares = {name: float(lost[name].sum() / spread[name].sum().clamp_min(1e-12)) for name in lost}
    rows = [[name, percent(share, 1)] for name, share in sorted(shares.items(), key=lambda item: -item[1])]
    return Table("columns", _("What of each column is lost"), [_("column"), _("share of its variance")], rows)
