"""Minibatches of what units did in a rollout: single steps, or whole battles where units have a memory."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from axone.tasks.control.experience.minibatches import draw_minibatches
from axone.tasks.skirmish.rollouts import Rollout


def arrange_units(units: dict[str, Tensor], rollout: Rollout, *, only_living: bool) -> dict[str, Tensor]:
    """Return what minibatches are drawn from.

    Args:
        units: Tensors [steps, copies, agents, ...] by name, with "is_alive".
        rollout: The rollout that they are of.
        only_living: Leave out the dead, where single steps are drawn: they are needed only if they estimate values.

    Returns:
        [units, ...], or with a memory whole sequences of all units of a battle, [copies, steps, agents, ...], with
        "ended" and the parts of the memory.
    """
    if rollout.memory:
        return {**{name: values.transpose(0, 1) for name, values in units.items()}, "ended": rollout.ended.T,
                **rollout.memory}  # fmt: skip
    flat = {name: values.flatten(0, 2) for name, values in units.items()}
    return {name: values[flat["is_alive"]] for name, values in flat.items()} if only_living else flat


def draw_batches(items: dict[str, Tensor], count: int) -> Iterator[dict[str, Tensor]]:
    """Yield all items once in a random order, in a number of minibatches."""
    size = max(1, len(next(iter(items.values()))) // count)
    for minibatch in draw_minibatches({name: values[None] for name, values in items.items()}, size):
        yield {name: values[0] for name, values in minibatch.items()}
