"""Minibatches of what was played, single steps or whole sequences: each member has its own random order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from jaxtyping import Shaped
from torch import Tensor

Items = Mapping[str, Shaped[Tensor, "members items ..."]]


def flatten_steps(values: Shaped[Tensor, "steps members copies ..."]) -> Shaped[Tensor, "members items ..."]:
    """Return the steps of all copies of a rollout as the items of each member."""
    return values.transpose(0, 1).flatten(1, 2)


def to_sequences(values: Shaped[Tensor, "steps members copies ..."]) -> Shaped[Tensor, "members copies steps ..."]:
    """Return a rollout as sequences, which are the items of each member."""
    return values.permute(1, 2, 0, *range(3, values.ndim))


def draw_minibatches(items: Items, size: int) -> Iterator[dict[str, Tensor]]:
    """Yield all items once, in a random order of each member, in minibatches.

    Args:
        items: Tensors by name.
        size: The items of each member in a minibatch. Items that are left over are not in any minibatch of this pass.
    """
    first = next(iter(items.values()))
    members, count = first.shape[:2]
    size = min(size, count)
    batches = count // size
    order = torch.rand(members, count, device=first.device).argsort(1)[:, : batches * size]
    rows = order + count * torch.arange(members, device=first.device)[:, None]
    rows = rows.view(members, batches, size).transpose(0, 1).flatten()  # a minibatch is contiguous in memory
    shuffled = {
        name: values.flatten(0, 1).index_select(0, rows).unflatten(0, (batches, members, size))
        for name, values in items.items()
    }
    for number in range(batches):
        yield {name: values[number] for name, values in shuffled.items()}
