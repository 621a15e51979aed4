"""The state of a music network before the first note."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.graph import Model

STATE = ("hidden", "cell")  # the names of the inputs for the state
State = tuple[Float[Tensor, "batch layers units"], ...]


def initial_state(network: nn.Module, batch: int | torch.SymInt) -> State:
    """Return the state before the first step: zeros for each input of the network that is a state."""
    assert isinstance(network, Model)
    device = next(network.parameters()).device
    return tuple(
        torch.zeros(batch, *shape, device=device)
        for name, shape in zip(network.input_names, network.input_shapes, strict=True)
        if name in STATE
    )


def is_note_by_note(network: nn.Module) -> bool:
    """Return whether a network has the objective "notes": it then reads the rank of each token."""
    assert isinstance(network, Model)
    return "ranks" in network.input_names
