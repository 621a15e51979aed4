"""Change the sampling rate of samples: a windowed sinc as a polyphase filter, for any ratio of whole rates.

With L / M the ratio of the rates in lowest terms, output n is at the position n M / L of the input. The L fractional
parts repeat, so that L filters are computed once and applied as one matrix product over overlapping windows with a
stride of M samples. When the rates go down, the filter is widened to remove what the lower rate cannot represent.

Source: Smith 2020, "Digital Audio Resampling Home Page", https://ccrma.stanford.edu/~jos/resample/ (windowed sinc);
Crochiere and Rabiner 1983, "Multirate Digital Signal Processing" (polyphase). Checked against the library soxr.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

ZEROS = 48  # zero crossings of the sinc on each side: a transition band of 0.13 of the Nyquist frequency
CUTOFF = 0.93  # of the filter, as a fraction of the lower Nyquist frequency
BETA = 10.06  # of the Kaiser window: 100 dB in the stop band
MAX_MATRIX = 1 << 22  # weights; ratios such as 44,101 / 8,000 need more, and compute theirs part by part
_RESOLUTION = 1024  # points of the filter for each input sample; values between them are interpolated
_PART = 512  # outputs whose weights are computed together then


class _Plan(NamedTuple):
    """How blocks of `stride` input samples become `outputs` samples, each from a window of `width` samples."""

    stride: int
    outputs: int
    reach: int  # samples of a window before its block
    width: int
    table: Float[Tensor, " points"]  # the filter, as a function of the distance
    matrix: Float[Tensor, "width outputs"] | None  # None: too large


def resample(
    samples: Float[Tensor, "*batch frames"], from_rate: int, to_rate: int
) -> Float[Tensor, "*batch new_frames"]:
    """Return samples at another rate; ceil(frames x to_rate / from_rate) of them. Equal rates return the argument.

    Raises ValueError for a rate below 1.
    """
    plan = _make_plan(from_rate, to_rate)
    if from_rate == to_rate or samples.shape[-1] == 0:
        return samples
    frames = samples.shape[-1]
    blocks = -(-frames // plan.stride)
    padded = pad(samples, (plan.reach, blocks * plan.stride - frames + plan.width - plan.stride - plan.reach))
    return _filter(padded, plan)[..., : -(-frames * to_rate // from_rate)]


def resample_blocks(
    blocks: Iterable[Float[Tensor, " _"]], from_rate: int, to_rate: int
) -> Iterator[Float[Tensor, " _"]]:
    """Yield the blocks of a long recording at another rate: together the same samples as `resample` of all of it.

    The memory is that of a few blocks, whatever the length of the recording.
    """
    plan = _make_plan(from_rate, to_rate)
    if from_rate == to_rate:
        yield from blocks
        return
    waiting = torch.zeros(plan.reach)
    frames = written = 0
    for block in blocks:
        frames += len(block)
        waiting = torch.cat([waiting, block])
        if len(waiting) >= plan.width:
            yield (output := _filter(waiting, plan))
            written += len(output)
            waiting = waiting[len(output) // plan.outputs * plan.stride :]
    left = -(-frames * to_rate // from_rate) - written
    missing = -(-left // plan.outputs)
    if missing:
        end = (missing - 1) * plan.stride + plan.width
        yield _filter(pad(waiting, (0, max(0, end - len(waiting)))), plan)[:left]


def _filter(padded: Float[Tensor, "*batch padded"], plan: _Plan) -> Float[Tensor, "*batch outputs"]:
    """Return the outputs of all windows that are complete."""
    windows = padded.unfold(-1, plan.width, plan.stride)
    if plan.matrix is not None:
        return (windows @ plan.matrix).flatten(-2)
    parts = []
    for first in range(0, plan.outputs, _PART):
        matrix, start = _compute_weights(plan, first, min(first + _PART, plan.outputs))
        parts.append(windows[..., start : start + len(matrix)] @ matrix)
    return torch.cat(parts, -1).flatten(-2)


@lru_cache(maxsize=16)
def _make_plan(from_rate: int, to_rate: int) -> _Plan:
    if min(from_rate, to_rate) < 1:
        raise ValueError(f"rates must be at least 1 Hz, not {from_rate} and {to_rate}")
    divisor = math.gcd(from_rate, to_rate)
    stride, outputs = from_rate // divisor, to_rate // divisor
    cutoff = CUTOFF * min(1.0, to_rate / from_rate)
    reach = math.ceil(ZEROS / cutoff)
    # Windows overlap by twice their reach: a stride of that length copies each sample two or three times only.
    repeats = max(1, 2 * reach // stride)
    while repeats > 1 and repeats * outputs * (repeats * stride + 2 * reach) > MAX_MATRIX:
        repeats //= 2
    stride, outputs = repeats * stride, repeats * outputs
    plan = _Plan(stride, outputs, reach, stride + 2 * reach, _tabulate(reach, cutoff), None)
    if outputs * plan.width > MAX_MATRIX:
        return plan
    return plan._replace(matrix=_compute_weights(plan, 0, outputs)[0])


def _tabulate(reach: int, cutoff: float) -> Float[Tensor, " points"]:
    """Return the windowed sinc at distances of 0 to `reach` + 1 input samples, `_RESOLUTION` points for each."""
    distance = torch.arange((reach + 1) * _RESOLUTION + 1, dtype=torch.float64) / _RESOLUTION
    window = torch.special.i0(BETA * (1 - (distance / reach).clamp(max=1).square()).sqrt())
    return torch.where(distance < reach, torch.sinc(cutoff * distance) * window, 0.0)


def _compute_weights(plan: _Plan, first: int, last: int) -> tuple[Float[Tensor, "part outputs"], int]:
    """Return the weights of some outputs, and the first sample of a window that they use."""
    start = first * plan.stride // plan.outputs
    end = plan.width if last == plan.outputs else (last - 1) * plan.stride // plan.outputs + 2 * plan.reach + 2
    position = torch.arange(first, last, dtype=torch.float64) * plan.stride / plan.outputs
    distance = (torch.arange(start, end, dtype=torch.float64)[:, None] - plan.reach - position).abs()
    place = distance.clamp(max=plan.reach) * _RESOLUTION
    below = place.long()
    weights = torch.lerp(plan.table[below], plan.table[below + 1], place - below)
    return (weights / weights.sum(0)).float(), start
