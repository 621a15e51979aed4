"""The state of a recurrent network between the batches of an epoch: truncated back-propagation through time.

    class Writer(Learner):
        def __init__(self, network, settings):
            self.network, self.optimizer = network, Optimizer(network, settings)
            self.carried = CarriedState((1, 512), (1, 512))  # the shapes of h and c for one sequence

        def train_step(self, batch):
            logits, *state = self.network(batch.inputs, *self.carried.read(len(batch.inputs), batch.inputs.device))
            self.carried.keep(state)
            ...

Row k of each batch continues row k of the batch before it: the gradient ends at the border of a batch, and the state
does not (Williams and Peng, 1990). The engine finds these objects among a learner's attributes. It resets them at the
start of an epoch, keeps them in checkpoints, so that a training resumes exactly in the middle of a document, and sets
them aside during an evaluation, which begins with zeros of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

StateParts = tuple[Float[Tensor, "batch ..."], ...]


class CarriedState:
    """The parts of a state, each with the batch first; zeros at the start of an epoch.

    Args:
        shapes: The shape of each part for one sequence, without the batch.
    """

    def __init__(self, *shapes: Sequence[int]) -> None:
        self.shapes = tuple(tuple(shape) for shape in shapes)
        self.parts: StateParts | None = None

    def read(self, batch_size: int, device: torch.device | str = "cpu") -> StateParts:
        """Return the state before the next batch: what was kept, or zeros at the start.

        Raises ValueError where the batch before had another size, so that rows cannot continue each other.
        """
        if self.parts is None:
            return tuple(torch.zeros(batch_size, *shape, device=device) for shape in self.shapes)
        rows = len(self.parts[0]) if self.parts else batch_size
        if rows != batch_size:
            raise ValueError(f"the batch has {batch_size} sequences, and the state of the batch before has {rows}")
        return tuple(part.to(device) for part in self.parts)

    def keep(self, parts: Sequence[Float[Tensor, "batch ..."]]) -> None:
        """Keep the state after a batch, without its gradient. Raises ValueError for other shapes.

        A sequence whose state is not finite begins again with zeros: it would damage every later batch of the epoch.
        """
        shapes = tuple(tuple(part.shape[1:]) for part in parts)
        if shapes != self.shapes:
            raise ValueError(f"expected a state with parts of shape {self.shapes}, not {shapes}")
        self.parts = tuple(part.detach() for part in parts)
        finite = [part.isfinite().flatten(1).all(1) for part in self.parts]
        self.reset(~torch.stack(finite).all(0))

    def reset(self, rows: Bool[Tensor, " batch"] | None = None) -> None:
        """Return to zeros: all sequences, or those where `rows` is True, in which a new document begins."""
        if rows is None:
            self.parts = None
        elif self.parts is not None:
            self.parts = tuple(part.masked_fill(rows.view(-1, *[1] * (part.dim() - 1)), 0.0) for part in self.parts)

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs."""
        return {} if self.parts is None else {str(number): part for number, part in enumerate(self.parts)}

    def load_state_dict(self, state: dict[str, Any], device: torch.device | str = "cpu") -> None:
        """Restore what `state_dict` returned."""
        self.parts = tuple(state[str(number)].to(device) for number in range(len(state))) if state else None
