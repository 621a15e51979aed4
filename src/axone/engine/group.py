"""The processes that train one network together: a small protocol, trivial for one process.

Everything that processes must do alike goes through it: the sum of gradients, and decisions such as stopping. Sums
are binary trees over the shards in a fixed order, so that the bits do not depend on how many processes share them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, distributed


@runtime_checkable
class Group(Protocol):
    """What the engine asks of the processes that train together."""

    rank: int
    size: int

    @property
    def first(self) -> bool:
        """Whether this is the process that writes the run."""

    def sum(self, values: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """Add the tensors of all shards; `values[k]` are those of this process's k-th shard.

        Every process gets the same bits, and they are those that one process would get with all shards.
        """

    def agree(self, flag: bool) -> bool:
        """Return whether any process has raised the flag."""


class SingleProcess:
    """The group of a training in one process."""

    rank, size, first = 0, 1, True

    def sum(self, values: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """Add the tensors of all shards, as a binary tree."""
        return [tree_sum([shard[place] for shard in values]) for place in range(len(values[0]))]

    def agree(self, flag: bool) -> bool:
        """Return the flag."""
        return flag


class ProcessGroup:
    """The default process group of torch.distributed, which must be initialized.

    Each process has the same number of consecutive shards. With more than one shard per process, the number of
    processes must be a power of two: otherwise a process's shards are not a subtree of the binary tree.

    Raises:
        ValueError: The shards cannot be distributed over the processes.
    """

    def __init__(self, shards: int) -> None:
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()
        is_power_of_two = self.size & (self.size - 1) == 0
        if shards % self.size or (shards != self.size and not is_power_of_two):
            raise ValueError(
                f"{shards} shards cannot be distributed over {self.size} processes: expected as many shards as "
                "processes, or a multiple of a number of processes that is a power of two"
            )

    @property
    def first(self) -> bool:
        """Whether this is the process that writes the run."""
        return self.rank == 0

    def sum(self, values: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """Add the tensors of this process's shards, exchange the results, and add those."""
        own = SingleProcess().sum(values)
        flat = torch.cat([value.flatten() for value in own])
        parts = [torch.empty_like(flat) for _ in range(self.size)]
        distributed.all_gather(parts, flat)
        pieces = tree_sum(parts).split([value.numel() for value in own])
        # `empty_like` keeps the strides of the gradient, which fused optimizers need.
        return [torch.empty_like(value).copy_(piece.view(value.shape)) for value, piece in zip(own, pieces)]

    def agree(self, flag: bool) -> bool:
        """Return whether any process has raised the flag."""
        votes = torch.tensor([int(flag)])
        distributed.all_reduce(votes, op=distributed.ReduceOp.MAX)
        return bool(votes.item())


def tree_sum(values: Sequence[Tensor]) -> Tensor:
    """Add tensors as a binary tree: the sum of the first half plus the sum of the second half."""
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2
    return tree_sum(values[:middle]) + tree_sum(values[middle:])
