"""Embedding: a learned vector for each symbol, looked up by its index."""

from __future__ import annotations

from torch import nn

from axone.graph.arguments import OptionalIndex, Size
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.messages import _


class Embedding(Layer):
    """Map each index below `num_embeddings` to its vector: (steps,) becomes (steps, embedding_dim).

    Its input is Input(steps, dtype="int64"). The vector of `padding_idx` is zero and is not trained.
    """

    num_embeddings: Size
    embedding_dim: Size
    padding_idx: OptionalIndex = None

    takes_indices = True
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the embedding table."""
        if self.padding_idx is not None and self.padding_idx >= self.num_embeddings:
            raise GraphError(
                _("{layer}: padding_idx {row} is out of range.", layer=self.label(), row=self.padding_idx),
                expected=_("expected padding_idx from 0 to {last}", last=self.num_embeddings - 1),
            )
        return nn.Embedding(self.num_embeddings, self.embedding_dim, self.padding_idx)
