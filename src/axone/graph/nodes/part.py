"""A further result of a layer that has several: the state of a recurrent layer, the weights of an attention.

The node of such a layer is its first result. Its call also writes a `Part` node for each further one, which reads the
layer's node; those that nothing uses do not belong to the model.
"""

from __future__ import annotations

from typing import Annotated

from torch import Tensor, nn

from axone.graph.nodes.arguments import OneOf
from axone.graph.nodes.layer import Layer

# The place of each part among the results of its layer, of which 0 is the layer's own node.
PLACES = {"hidden": 1, "cell": 2, "weights": 1}


class _PartModule(nn.Module):
    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def forward(self, results: tuple[Tensor, ...]) -> Tensor:
        return results[self.place]

    def source(self, module: str, results: str) -> str:
        return f"{results}[{self.place}]"

    def extra_repr(self) -> str:
        return f"place={self.place}"


class Part(Layer):
    """A further result of the layer that it reads: the final "hidden" state, the memory "cell", the "weights"."""

    part: Annotated[str, OneOf(tuple(PLACES))]

    reads_results = True

    @property
    def stem(self) -> str:
        """The name of the part: hidden_1, cell_1."""
        return self.part

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the module that selects this part among the results of a layer."""
        return _PartModule(PLACES[self.part])
