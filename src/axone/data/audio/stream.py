"""Batches of recordings: samples of similar length, augmented, as log-mel features, with their targets."""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Float, Int64
from torch import Tensor


class AudioBatch(NamedTuple):
    """A batch of recordings as features, with classes or with symbols."""

    inputs: Float[Tensor, "batch frames bands"]
    lengths: Int64[Tensor, " batch"]  # frames of each recording
    targets: Int64[Tensor, batch * symbols]  # the class of each; or its symbols, right-padded with 0
    target_lengths: Int64[Tensor, " batch"]  # the number of symbols of each; 1 for classes
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the indices of the recordings in their data set
