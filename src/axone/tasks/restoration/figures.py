"""What the report of a system that restores pictures shows: pictures in threes, PSNR and SSIM by kind of noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from axone.data.images.collection import ImageCollection
from axone.data.images.noise import Noise
from axone.data.images.patches import NoisyBatch, PatchStream
from axone.data.random import make_generator
from axone.engine.experiment import Experiment
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.tasks.answers import to_uint8
from axone.tasks.restoration.metrics import psnr, ssim
from axone.tasks.restoration.settings import RestorationSettings

SHOWN = 12  # pictures side by side
COLUMNS = 6  # of a contact sheet
COMPARED = 500  # pieces that the table is measured on, at most

Pictures = Float[Tensor, "batch channels height width"]


def make_figures(made: Experiment, settings: RestorationSettings, final: bool) -> Iterable[Figure | Table]:
    """Show noisy, cleaned and true pictures at each check; at the end also figures for each kind and level of noise."""
    stream = (made.test if final else None) or made.validation or made.train
    assert isinstance(stream, PatchStream)
    stream = stream.to(made.learner.context.device)
    yield side_by_side(made, stream, settings)
    if final:
        yield quality(made, stream, settings)


def clean(made: Experiment, noisy: Pictures) -> Pictures:
    """Return what the network makes of noisy pictures, in the precision of the training."""
    with made.learner.casting():
        return made.learner.networks["network"](noisy).float().clamp(0, 1)


def side_by_side(made: Experiment, stream: PatchStream, settings: RestorationSettings) -> Figure:
    """Lay some pieces out in threes: noisy, cleaned, true."""
    batch = next(iter(stream.batches(1)))
    chosen = torch.linspace(0, len(batch.inputs) - 1, min(SHOWN, len(batch.inputs))).round().long()
    noisy, true = batch.inputs[chosen], batch.targets[chosen]
    cleaned = clean(made, noisy)
    before, after = psnr(noisy, true).tolist(), psnr(cleaned, true).tolist()
    names = [_("noisy")] * len(chosen)
    if batch.kinds is not None and batch.levels is not None:
        kinds, levels = batch.kinds[chosen].tolist(), batch.levels[chosen].tolist()
        names = [f"{_(settings.noise[kind])} {level:.2f}" for kind, level in zip(kinds, levels)]
    captions = [
        caption
        for name, worse, better in zip(names, before, after)
        for caption in (f"{name}\n{worse:.1f} dB", _("cleaned") + f"\n{better:.1f} dB", _("true"))
    ]
    tiles = to_uint8(torch.stack([noisy, cleaned, true], 1).flatten(0, 1)).numpy()
    return Figure(
        "restored",
        _("Noisy, cleaned, true"),
        draw_contact_sheet(tiles, captions, COLUMNS),
        _("Pictures that were not trained on, in threes, with their PSNR."),
    )


def quality(made: Experiment, stream: PatchStream, settings: RestorationSettings) -> Table:
    """Measure PSNR and SSIM of noisy pieces, of what a median filter makes of them, and of what the network makes."""
    rows = []
    if isinstance(stream.noise, ImageCollection):
        rows.append([_("that of the pairs"), "", *figures(made, _some(stream))])
    else:
        low, high = settings.noise_level[0], settings.noise_level[-1]
        for kind in settings.noise:
            for level in dict.fromkeys((low, (low + high) / 2, high)):
                rows.append([_(kind), round(level, 4), *figures(made, _at(stream, kind, level, settings.seed))])
    columns = [
        _("noise"),
        _("level"),
        *(f"{who}, {unit}" for unit in ("PSNR", "SSIM") for who in (_("noisy"), _("median 3 x 3"), _("cleaned"))),
    ]
    return Table("quality", _("PSNR (decibels) and SSIM by kind and level of noise"), columns, rows)


def figures(made: Experiment, pieces: Iterable[NoisyBatch]) -> list[float]:
    """Return mean PSNR of noisy, filtered and cleaned pieces, then their mean SSIM."""
    sums, count = torch.zeros(6, dtype=torch.float64), 0
    for batch in pieces:
        answers = (batch.inputs, median(batch.inputs), clean(made, batch.inputs))
        found = [measure(answer, batch.targets).sum() for measure in (psnr, ssim) for answer in answers]
        sums += torch.stack(found).double().cpu()
        count += len(batch.inputs)
    psnrs, ssims = (sums / count).tolist()[:3], (sums / count).tolist()[3:]
    return [*(round(value, 2) for value in psnrs), *(round(value, 4) for value in ssims)]


def median(pictures: Pictures, side: int = 3) -> Pictures:
    """Return each pixel's median over a square around it, border mirrored: the classic against salt and pepper."""
    around = side // 2
    padded = functional.pad(pictures, (around,) * 4, mode="reflect")
    return padded.unfold(2, side, 1).unfold(3, side, 1).flatten(4).median(4).values


def _some(stream: PatchStream) -> Iterator[NoisyBatch]:
    """Yield the stream's first pieces, as many as are compared."""
    left = COMPARED
    for batch in stream.batches(1):
        if left <= 0:
            return
        yield NoisyBatch(batch.inputs[:left], batch.targets[:left])
        left -= len(batch.inputs)


def _at(stream: PatchStream, kind: str, level: float, seed: int) -> Iterator[NoisyBatch]:
    """Yield the same pieces with one kind of noise at one level."""
    noise = Noise((kind,), level, level)
    for number, batch in enumerate(_some(stream)):
        noised = noise(batch.targets, make_generator("quality", seed, kind, f"{level:.4f}", number))
        yield NoisyBatch(noised.pixels, batch.targets)
