"""Embedding: a learned row of numbers for each symbol, looked up by its index."""

from __future__ import annotations

from torch import nn

from axone.graph.arguments import IndexOrNothing, Size
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.messages import _


class Embedding(Layer):
    """Look up a row for each index below `num_embeddings`: (steps,) becomes (steps, embedding_dim).

    It stands behind Input(steps, dtype="int64"). The row of `padding_idx` is zero and never learns.
    """

    num_embeddings: Size
    embedding_dim: Size
    padding_idx: IndexOrNothing = None

    takes_indices = True
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the table."""
        if self.padding_idx is not None and self.padding_idx >= self.num_embeddings:
            raise GraphError(
                _("{layer}: there is no row {row}.", layer=self.label(), row=self.padding_idx),
                expected=_("expected padding_idx from 0 to {last}", last=self.num_embeddings - 1),
            )
        return nn.Embedding(self.num_embeddings, self.embedding_dim, self.padding_idx)
