"""The base class of layers: an operation that is written into a network by calling it on nodes.

Adding a layer takes one short class. Its fields are torch.nn's arguments without the input sizes, its `build` returns
the module for given input shapes, and the registry, the checks, the file format, the summary and the drawing follow
from the declaration:

    class Dropout(Layer):
        \"\"\"Set a fraction p of the numbers to zero during training.\"\"\"

        p: Fraction = 0.5

        def build(self, shape):
            return nn.Dropout(self.p)
"""

from __future__ import annotations

from collections.abc import Sequence

from axone.graph.errors import GraphError
from axone.graph.nodes.node import Node, apply
from axone.graph.nodes.operation import KINDS, Operation
from axone.graph.padding import name_axes, per_dimension
from axone.messages import _


class Layer(Operation, abstract=True):
    """One operation of a network, with or without weights. Call it on nodes to write it into the network.

    Calling the same layer twice shares its weights: one module, several nodes. All Models over these nodes share them.
    """

    def __call__(self, *inputs: Node | Sequence[Node]) -> Node:
        """Apply this layer to the nodes (or to one list of nodes) and infer the shape of its result."""
        first = inputs[0] if len(inputs) == 1 else None
        return apply(self, first if isinstance(first, list | tuple) else inputs)

    def expect_rank(self, shape: tuple[int, ...], what: str, rank: int, hint: str | None = None) -> None:
        """Raise GraphError unless the input has `rank` dimensions (without the batch), described as `what`."""
        if len(shape) != rank:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected {what}", what=what),
                hint=hint,
            )

    def expect_positions(self, shape: tuple[int, ...]) -> None:
        """Raise GraphError unless the input has channels and as many spatial dimensions as this layer."""
        if len(shape) == self.dimensions + 1:
            return
        other = f"{self.kind.rstrip('123d')}{len(shape) - 1}d"
        hints = [_("Use {layer} here.", layer=other)] if other in KINDS else []
        if len(shape) == self.dimensions:
            hints.append(_("Put Reshape({shape}) before it where the channels are missing.", shape=(1, *shape)))
        elif len(shape) == 1:
            hints.append(_("Put Reshape({shape}) before it.", shape=name_axes(self.dimensions)))
        self.expect_rank(shape, name_axes(self.dimensions), self.dimensions + 1, hint=" ".join(hints) or None)

    def expand(self, *values: int | tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """Return each argument as a tuple with one number per spatial dimension: 3 becomes (3, 3) in an image."""
        return tuple(per_dimension(value, self.dimensions) for value in values)
