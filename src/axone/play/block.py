"""The state of all copies in two arrays that kernels change in place: how a batch of a compiled world steps fast.

Functions that return a new state allocate as many tensors as a state has, which costs more than a step of a thousand
copies. Here a `Block` belongs to the batch alone: everything that leaves the batch is a copy.

A world takes part by a class that inherits from `BlockWorld` and from the world, and names one kernel:

    class CartPoleKernels(BlockWorld, CartPole):
        parts = PARTS

        @cached_property
        def play_kernel(self) -> Kernel:
            from axone.play.worlds.kernels import cart_pole

            return cart_pole.play

Its first states and observations, outside of that kernel, are those of the tensor functions.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, TypeVar

import torch
from jaxtyping import Bool, Float32, Float64, Int64
from torch import Tensor

from axone.play.simulation import Outcome, State, World
from axone.play.spaces import Discrete

# Rows of `Block.integers`. The first three are part of a world's state, two number its episodes, and the last ones are
# the first three as they were where the last step ended an episode.
INTEGER_PARTS = ("key", "counter", "steps")
KEY, COUNTER, STEPS, EPISODE, STREAM, FINAL = range(6)
INTEGER_ROWS = FINAL + len(INTEGER_PARTS)

Kernel = Callable[..., None]
Kind = TypeVar("Kind", bound=World)


class Block(NamedTuple):
    """The state of all copies.

    Args:
        integers: Key, counter, steps, number of the episode and stream of each copy; then key, counter and steps before
            the new episode began, for the copies whose episode the last step ended.
        values: The other parts of the state, one row each; then the same before the new episode began, as above.
    """

    integers: Int64[Tensor, "8 copies"]
    values: Float64[Tensor, "rows copies"]


class Results(NamedTuple):
    """The results of several steps: the fields of `Step`, with the step as the first dimension."""

    observations: Float32[Tensor, "steps copies ..."]
    rewards: Float32[Tensor, "steps copies"]
    terminated: Bool[Tensor, "steps copies"]
    truncated: Bool[Tensor, "steps copies"]
    final_observations: Float32[Tensor, "steps copies ..."]


class BlockWorld(World):
    """A world whose steps run as a kernel on a block.

    Attributes:
        parts: The names of the float64 parts of the state, in the order of the rows of `Block.values`.
    """

    parts: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def play_kernel(self) -> Kernel:
        """The compiled function.

        `play(integers, values, actions, max_steps, begins_anew, first, observations, rewards, terminated, truncated,
        final_observations)` plays a step of each copy for each row of `actions`, changes the block in place, writes
        the results from row `first` on, and begins new episodes where it is asked to.
        """

    def step(self, state: State, actions: Tensor) -> tuple[State, Outcome]:
        """Return the state after an action of each copy, and what it led to."""
        block = self.to_block(state)
        results = self.new_results(1, len(actions))
        self.play(as_arrays(block), self.action_array(actions)[None], 0, as_arrays(results), begins_anew=False)
        return self.to_state(block), Outcome(results.rewards[0], results.terminated[0], results.truncated[0])

    def play(self, block: list[Any], actions: Any, first: int, results: list[Any], *, begins_anew: bool = True) -> None:
        """Play a step for each row of actions, and write the results from row `first` on; all are arrays."""
        self.play_kernel(*block, actions, self.max_steps, begins_anew, first, *results)

    def new_block(self, keys: Int64[Tensor, " copies"]) -> Block:
        """Return a block with keys, whose other numbers are 0."""
        integers = torch.zeros(INTEGER_ROWS, len(keys), dtype=torch.int64)
        integers[KEY] = keys
        return Block(integers, torch.zeros(2 * len(self.parts), len(keys), dtype=torch.float64))

    def to_block(self, state: State) -> Block:
        """Return a block with a copy of the state."""
        block = self.new_block(state["key"])
        torch.stack([state[name] for name in INTEGER_PARTS], out=block.integers[: len(INTEGER_PARTS)])
        torch.stack([state[name] for name in self.parts], out=block.values[: len(self.parts)])
        return block

    def to_state(self, block: Block) -> State:
        """Return the state whose tensors share the memory of a block."""
        rows = (*block.integers[: len(INTEGER_PARTS)], *block.values[: len(self.parts)])
        return dict(zip((*INTEGER_PARTS, *self.parts), rows))

    def to_final_state(self, block: Block) -> State:
        """Return the state with which the last step ended an episode; it shares the memory of a block.

        Other copies have numbers without a meaning.
        """
        rows = (*block.integers[FINAL:], *block.values[len(self.parts) :])
        return dict(zip((*INTEGER_PARTS, *self.parts), rows))

    def new_results(self, steps: int, copies: int) -> Results:
        """Return memory for the results of several steps."""
        shape = (steps, copies, *self.observations.shape)
        terminated, truncated = torch.empty(2, steps, copies, dtype=torch.bool)
        return Results(torch.empty(shape), torch.empty(steps, copies), terminated, truncated, torch.empty(shape))

    def action_array(self, actions: Tensor) -> Any:
        """Return actions as an array of the type that the kernels were compiled for."""
        dtype = torch.int64 if isinstance(self.actions, Discrete) else torch.float32
        if actions.dtype != dtype or actions.requires_grad or not actions.is_contiguous():
            actions = actions.detach().to(dtype).contiguous()
        return actions.numpy()


def as_arrays(tensors: tuple[Tensor, ...]) -> list[Any]:
    """Return tensors as arrays that share their memory."""
    return [tensor.numpy() for tensor in tensors]


def with_kernels(world: Kind, exact: type[Kind], kernels: type[Kind]) -> Kind | None:
    """Return a world with the attributes of another one whose steps run as kernels.

    Args:
        world: The world.
        exact: The class whose functions the kernels compute. A subclass may compute others: the answer is None.
        kernels: The class with the kernels.
    """
    if type(world) not in (exact, kernels):
        return None
    result = kernels()
    result.__dict__.update(world.__dict__)
    return result
