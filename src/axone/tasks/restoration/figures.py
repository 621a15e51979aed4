"""The figures of a denoiser's report: images before and after, and PSNR and SSIM by kind and level of noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from axone.data.images.restoration.collection import ImageCollection
from axone.data.images.restoration.noise import Noise
from axone.data.images.restoration.patches import NoisyBatch, PatchStream
from axone.data.random import make_generator
from axone.engine.experiment import Experiment
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.tasks.answers import to_uint8
from axone.tasks.restoration.metrics import psnr, ssim
from axone.tasks.restoration.settings import RestorationSettings

EXAMPLES = 12  # patches in the figure
COLUMNS = 6  # of the figure: two examples in a row
MAX_MEASURED = 500  # patches on which the table is measured

Images = Float[Tensor, "batch channels height width"]


def make_figures(experiment: Experiment, final: bool, *, settings: RestorationSettings) -> Iterable[Figure | Table]:
    """Draw noisy, restored and clean patches at each evaluation; at the end also measure each kind of noise."""
    streams = (experiment.test if final else None, experiment.validation, experiment.train)
    stream = next(each for each in streams if each is not None)
    assert isinstance(stream, PatchStream)
    stream = stream.to(experiment.learner.context.device)
    yield compare_images(experiment, stream, settings)
    if final:
        yield measure_quality(experiment, stream, settings)


def restore(experiment: Experiment, noisy: Images) -> Images:
    """Return the images that the network restores, computed in the precision of the training."""
    with experiment.learner.casting():
        return experiment.learner.networks["network"](noisy).float().clamp(0, 1)


def compare_images(experiment: Experiment, stream: PatchStream, settings: RestorationSettings) -> Figure:
    """Draw some patches three times: noisy, restored, clean."""
    batch = next(iter(stream.batches(1)))
    count = len(batch.inputs)
    chosen = torch.linspace(0, count - 1, min(EXAMPLES, count)).round().long()
    noisy, clean = batch.inputs[chosen], batch.targets[chosen]
    restored = restore(experiment, noisy)
    before, after = psnr(noisy, clean).tolist(), psnr(restored, clean).tolist()
    names = [_("noisy")] * len(chosen)
    if batch.kinds is not None and batch.levels is not None:
        kinds, levels = batch.kinds[chosen].tolist(), batch.levels[chosen].tolist()
        names = [f"{_(settings.noise[kind])} {level:.2f}" for kind, level in zip(kinds, levels)]
    captions = [
        caption
        for name, noisy_psnr, restored_psnr in zip(names, before, after)
        for caption in (f"{name}\n{noisy_psnr:.1f} dB", _("restored") + f"\n{restored_psnr:.1f} dB", _("clean"))
    ]
    tiles = to_uint8(torch.stack([noisy, restored, clean], 1).flatten(0, 1)).numpy()
    return Figure(
        "restored",
        _("Noisy, restored and clean images"),
        draw_contact_sheet(tiles, captions, COLUMNS),
        _("Images that were not used in training, with their PSNR."),
    )


def measure_quality(experiment: Experiment, stream: PatchStream, settings: RestorationSettings) -> Table:
    """Measure PSNR and SSIM of noisy patches, of the results of a median filter, and of restored patches."""
    rows = []
    if isinstance(stream.noise, ImageCollection):
        rows.append([_("noise of the pairs"), "", *measure_patches(experiment, _limit(stream))])
    else:
        low, high = settings.noise_level[0], settings.noise_level[-1]
        for kind in settings.noise:
            for level in dict.fromkeys((low, (low + high) / 2, high)):
                patches = _add_noise(stream, kind, level, settings.seed)
                rows.append([_(kind), round(level, 4), *measure_patches(experiment, patches)])
    columns = [
        _("noise"),
        _("level"),
        *(f"{images}, {metric}" for metric in ("PSNR", "SSIM") for images in (_("noisy"), _("median 3 x 3"),
                                                                             _("restored"))),
    ]  # fmt: skip
    return Table("quality", _("PSNR (in dB) and SSIM by kind and level of noise"), columns, rows)


def measure_patches(experiment: Experiment, batches: Iterable[NoisyBatch]) -> list[float]:
    """Return the mean PSNR of noisy, median-filtered and restored patches, then their mean SSIM."""
    sums, count = torch.zeros(6, dtype=torch.float64), 0
    for batch in batches:
        candidates = (batch.inputs, median_filter(batch.inputs), restore(experiment, batch.inputs))
        values = [metric(images, batch.targets).sum() for metric in (psnr, ssim) for images in candidates]
        sums += torch.stack(values).double().cpu()
        count += len(batch.inputs)
    psnrs, ssims = (sums / count).tolist()[:3], (sums / count).tolist()[3:]
    return [*(round(value, 2) for value in psnrs), *(round(value, 4) for value in ssims)]


def median_filter(images: Images, side: int = 3) -> Images:
    """Return the median of the square around each pixel, with reflected borders: the baseline for salt and pepper."""
    margin = side // 2
    padded = functional.pad(images, (margin,) * 4, mode="reflect")
    return padded.unfold(2, side, 1).unfold(3, side, 1).flatten(4).median(4).values


def _limit(stream: PatchStream) -> Iterator[NoisyBatch]:
    """Yield the first patches of the stream, as many as are measured."""
    remaining = MAX_MEASURED
    for batch in stream.batches(1):
        if remaining <= 0:
            return
        yield NoisyBatch(batch.inputs[:remaining], batch.targets[:remaining])
        remaining -= len(batch.inputs)


def _add_noise(stream: PatchStream, kind: str, level: float, seed: int) -> Iterator[NoisyBatch]:
    """Yield the first clean patches of the stream with one kind of noise at one level."""
    noise = Noise((kind,), level, level)
    for number, batch in enumerate(_limit(stream)):
        generator = make_generator("quality", seed, kind, f"{level:.4f}", number, device=batch.targets.device)
        noisy = noise(batch.targets, generator)
        yield NoisyBatch(noisy.pixels, batch.targets)
