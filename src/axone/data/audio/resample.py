"""Change the sampling rate of samples: a windowed sinc as a polyphase filter, for any ratio of whole rates.

With L / M the ratio of the rates in lowest terms, output n is at the position n M / L of the input. The L fractional
parts repeat, so that L filters are computed once and applied as one matrix product over overlapping windows with a
stride of M samples. When the rates go down, the filter is widened to remove what the lower rate cannot represent.

Source: Smith 2020, "Digital Audio Resampling Home Page", https://ccrma.stanford.edu/~jos/resample/ (windowed sinc);
Crochiere and Rabiner 1983, "Multirate Digital Signal Processing" (polyphase). Checked against the library soxr.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jaxtyping import Float
from torch import Tensor


def resample(
    samples: Float[Tensor, "*batch frames"], from_rate: int, to_rate: int
) -> Float[Tensor, "*batch new_frames"]:
    """Return samples at another rate; ceil(frames x to_rate / from_rate) of them. Equal rates return the argument.

    Raises ValueError for a rate below 1.
    """
    raise NotImplementedError


def resample_blocks(
    blocks: Iterable[Float[Tensor, " frames"]], from_rate: int, to_rate: int
) -> Iterator[Float[Tensor, " new_frames"]]:
    """Yield the blocks of a long recording at another rate: together the same samples as `resample` of all of it.

    The memory is that of a few blocks, whatever the length of the recording.
    """
    raise NotImplementedError
