"""Batches of sequences of similar length, so that little of a padded batch is padding.

The samples of an epoch are shuffled, cut into groups of many batches, sorted by length within each group, and cut into
batches, whose order is then shuffled. Batches differ from epoch to epoch, and short and long ones are mixed. Like every
order here it is a pure function of (seed, epoch).
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.random import make_generator
from axone.data.stream import BatchType, IndexedStream

BATCHES_IN_GROUP = 50


def group_by_length(
    order: Int64[Tensor, " samples"],
    lengths: Int64[Tensor, " all_samples"],
    batch_size: int,
    generator: torch.Generator | None = None,
    batches_in_group: int = BATCHES_IN_GROUP,
) -> Int64[Tensor, " samples"]:
    """Return the samples of an epoch so that consecutive ones, `batch_size` at a time, are of similar length.

    Args:
        order: The indices of the samples, already shuffled.
        lengths: The length of each sample of the data set.
        batch_size: The number of samples in a batch; the last batch may be smaller.
        generator: Draws the order of the batches; a smaller batch stays the last one. None: by increasing length.
        batches_in_group: How many batches are sorted together: more give less padding, and less variety.
    """
    if generator is None:
        return order[lengths[order].argsort(stable=True)]
    full = len(order) // batch_size * batch_size
    rest, groups = order[full:], order[:full].split(batches_in_group * batch_size)
    ordered = [group[lengths[group].argsort(stable=True)] for group in groups]
    batches = torch.cat([*ordered, order[:0]]).view(-1, batch_size)
    drawn = torch.randperm(len(batches), generator=generator)
    return torch.cat([batches[drawn].flatten(), rest[lengths[rest].argsort(stable=True)]])


class BucketedStream(IndexedStream[BatchType]):
    """Batches of sequences of similar length. A subclass has `lengths` and says what a batch is.

    Without shuffling, the sequences come by increasing length: batches then have their indices, by which answers find
    their places again.
    """

    @property
    @abstractmethod
    def lengths(self) -> Int64[Tensor, " all_samples"]:
        """The length of each sample of the data set, by which batches are grouped."""

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the indices of an epoch's samples, batches of similar length in a random order."""
        generator = make_generator("batches", self.seed, epoch) if self.shuffle else None
        return group_by_length(super().order(epoch), self.lengths, self.batch_size, generator)
