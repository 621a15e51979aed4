"""The trees of a batch as flat arrays, in the form of mctx (Babuschkin et al. 2020, "The DeepMind JAX ecosystem").

All trees have the same number of rows. Row `b * nodes + i` is the node of tree b that was born as its i-th, so that a
parent comes before its children; row `b * nodes` is the root. Edge `row * actions + action` leads from a node to a
child. Each access is one index into a flat array. One more row, the last, is `end`: an edge that was not visited yet
leads to it, and it leads to itself, so that trees which have arrived wait there while others are still on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from math import inf
from typing import Any, NoReturn

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.errors import DataError
from axone.messages import _
from axone.play.simulation import State

LOWEST = torch.finfo(torch.float32).min


@dataclass
class Tree:
    """The nodes and edges of all trees. R = trees * nodes + 1 rows, R * A edges; rows from `sizes` on have no content.

    The estimate of an edge is value_sums / visits, in the view of the player at its parent. The value of a node is the
    mean of its raw value and of what came back over its edges. Visits are float32, exact to 2**24.

    Args:
        nodes: The rows of each tree.
        children: For each edge the row of the child, or that of `end`.
        visits: For each edge the number of visits.
        value_sums: For each edge the sum of what its visits returned.
        logits: For each row the logarithms of the prior policy, up to a constant; minus infinity: not legal.
        priors: For each row the prior policy. Noise at the root is in here and not in `logits`.
        raw_values: For each row the estimate of the evaluation, in the view of the player to move.
        rewards: For each row the reward of the edge that leads to it, for the player at the parent.
        discounts: For each row the factor of its value in the view of its parent: -1 changes sides, 0 is terminal.
        terminal: For each row whether nothing follows. `end` is terminal.
        parents: For each row the row of its parent; roots are their own parents.
        choices: For each row the edge which the next simulation follows from here; of terminal rows, that of `end`.
        roots: The row of each tree's root.
        sizes: The number of nodes of each tree.
        state: The state of the simulation at each row, or whatever `advance` needs to continue from there.
    """

    nodes: int
    children: Int64[Tensor, " edges"]
    visits: Float[Tensor, " edges"]
    value_sums: Float[Tensor, " edges"]
    logits: Float[Tensor, "rows actions"]
    priors: Float[Tensor, "rows actions"]
    raw_values: Float[Tensor, " rows"]
    rewards: Float[Tensor, " rows"]
    discounts: Float[Tensor, " rows"]
    terminal: Bool[Tensor, " rows"]
    parents: Int64[Tensor, " rows"]
    choices: Int64[Tensor, " rows"]
    roots: Int64[Tensor, " trees"]
    sizes: Int64[Tensor, " trees"]
    state: State

    @cached_property
    def trees(self) -> int:
        """The number of trees."""
        return len(self.sizes)

    @cached_property
    def actions(self) -> int:
        """The number of actions."""
        return self.logits.shape[1]

    @cached_property
    def end(self) -> int:
        """The row to which edges lead that were not visited."""
        return self.trees * self.nodes

    @cached_property
    def end_edge(self) -> int:
        """The first edge of `end`."""
        return self.end * self.actions

    def state_dict(self) -> dict[str, Any]:
        """Return everything, for `restore_tree`, in finite numbers: `LOWEST` is in the place of minus infinity."""
        state = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**state, "logits": self.logits.clamp(min=LOWEST)}

    def edge_visits(self, rows: Int64[Tensor, " chosen"]) -> Float[Tensor, "chosen actions"]:
        """Return the visits of the edges of some rows."""
        return self.visits.view(-1, self.actions).index_select(0, rows)

    def edge_sums(self, rows: Int64[Tensor, " chosen"]) -> Float[Tensor, "chosen actions"]:
        """Return the sums of what the visits of the edges of some rows have returned."""
        return self.value_sums.view(-1, self.actions).index_select(0, rows)

    def edge_values(self, rows: Int64[Tensor, " chosen"]) -> Float[Tensor, "chosen actions"]:
        """Return the estimates of the edges of some rows, in the view of the player to move; 0 where not visited."""
        return self.edge_sums(rows) / self.edge_visits(rows).clamp(min=1)

    def node_values(self, rows: Int64[Tensor, " chosen"]) -> Float[Tensor, " chosen"]:
        """Return the values of some rows, in the view of the player to move."""
        return (self.raw_values[rows] + self.edge_sums(rows).sum(1)) / (1 + self.edge_visits(rows).sum(1))

    def write(
        self,
        rows: Int64[Tensor, " chosen"],
        logits: Float[Tensor, "chosen actions"],
        legal: Bool[Tensor, "chosen actions"],
        values: Float[Tensor, " chosen"],
        state: State,
    ) -> None:
        """Store the evaluation and the state of some rows. Raises DataError for numbers that are not finite."""
        check_numbers(logits, values)
        masked = logits.to(self.logits.dtype).masked_fill(~legal, -inf)
        self.logits.index_copy_(0, rows, masked)
        # A row without legal actions is terminal.
        self.priors.index_copy_(0, rows, softmax(masked).nan_to_num())
        self.raw_values.index_copy_(0, rows, values.to(self.raw_values.dtype))
        self.write_state(rows, state)

    def write_state(self, rows: Int64[Tensor, " chosen"], state: State) -> None:
        """Store the state of some rows."""
        for name, stored in self.state.items():
            stored.index_copy_(0, rows, state[name])


def check_numbers(logits: Float[Tensor, "chosen actions"], values: Float[Tensor, " chosen"]) -> None:
    """Raise DataError where a logit or a value is not a number. A logit may be minus infinity."""
    if len(values) and not (logits.amax() < inf and values.abs().amax() < inf):  # a comparison with NaN is False
        raise_not_finite()


def raise_not_finite() -> NoReturn:
    """Raise the error of an evaluation that is not a number."""
    raise DataError(_("The search has met a value that is not a finite number."))


def softmax(logits: Float[Tensor, "chosen actions"]) -> Float[Tensor, "chosen actions"]:
    """Return the probabilities of each row: for short rows, several times as fast as torch's own function."""
    shares = (logits - logits.amax(1, keepdim=True)).exp_()
    return shares.div_(shares.sum(1, keepdim=True))


def restore_tree(state: Mapping[str, Any], device: torch.device | str = "cpu") -> Tree:
    """Restore the trees from what their `state_dict` has returned."""
    moved = {name: value.to(device) for name, value in state.items() if isinstance(value, Tensor)}
    inner = {name: value.to(device) for name, value in state["state"].items()}
    moved["logits"] = moved["logits"].masked_fill(moved["logits"] == LOWEST, -inf)
    return Tree(**{**state, **moved, "state": inner})


def make_tree(trees: int, nodes: int, actions: int, state: State) -> Tree:
    """Return trees without content, of which each has one node, the root.

    Args:
        trees: The number of trees.
        nodes: The rows of each tree.
        actions: The number of actions.
        state: A state, for the names, shapes, types and the device of its tensors.
    """
    device = next(iter(state.values())).device
    rows = trees * nodes + 1
    end = rows - 1

    def floats(*shape: int, value: float = 0.0) -> Float[Tensor, ...]:
        return torch.full(shape, value, device=device)

    tree = Tree(
        nodes=nodes,
        children=torch.full((rows * actions,), end, device=device),
        visits=floats(rows * actions),
        value_sums=floats(rows * actions),
        logits=floats(rows, actions),
        priors=floats(rows, actions),
        raw_values=floats(rows),
        rewards=floats(rows),
        discounts=floats(rows, value=1.0),  # what is returned passes `end` without a change
        terminal=torch.zeros(rows, dtype=torch.bool, device=device),
        parents=torch.arange(rows, device=device),
        choices=torch.full((rows,), end * actions, device=device),
        roots=torch.arange(trees, device=device) * nodes,
        sizes=torch.ones(trees, dtype=torch.int64, device=device),
        state={name: values.new_zeros(rows, *values.shape[1:]) for name, values in state.items()},
    )
    tree.terminal[end] = True
    return tree
