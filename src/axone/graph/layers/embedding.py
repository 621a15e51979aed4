"""Embedding: a learned vector for each symbol, looked up by its index."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.nn import functional as F

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import OptionalIndex, Size
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node
from axone.messages import _


class _EmbeddingModule(nn.Embedding):
    """torch's embedding, which multiplies vectors by its table instead of looking them up."""

    def forward(self, input: Shaped[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
        """Return the vectors of indices, or the products of vectors with all vectors of the table."""
        return F.linear(input, self.weight) if input.is_floating_point() else super().forward(input)

    def source(self, module: str, input: str) -> str:
        """Return the look-up as a PyTorch expression, where `module` is torch's own."""
        return f"{module}({input})"

    def source_of_same_rank(self, module: str, input: str) -> str:
        """Return the projection, whose result has as many dimensions as its input, as a PyTorch expression."""
        return f"F.linear({input}, {module}.weight)"


class Embedding(Layer):
    """Map each index below `num_embeddings` to its vector: (steps,) becomes (steps, embedding_dim).

    Its input is Input(steps, dtype="int64"). The vector of `padding_idx` is zero and is not trained.

    `embedding.project(h)` is the output layer with tied weights of a language model: the product of each vector of `h`
    with all vectors of the table, (..., embedding_dim) to (..., num_embeddings) (Press and Wolf, 2017, "Using the
    output embedding to improve language models").
    """

    num_embeddings: Size
    embedding_dim: Size
    padding_idx: OptionalIndex = None

    takes_indices = True
    pointwise = True

    def project(self, vectors: Node) -> Node:
        """Write the product of vectors with all vectors of the table: one number per symbol."""
        if vectors.dtype == torch.int64:
            raise GraphError(
                _("{layer} projects vectors, got indices.", layer=self.label()),
                hint=_("Call the layer itself to look up vectors: embedding(words)."),
            )
        return self(vectors)

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the embedding table."""
        if self.padding_idx is not None and self.padding_idx >= self.num_embeddings:
            raise GraphError(
                _("{layer}: padding_idx {row} is out of range.", layer=self.label(), row=self.padding_idx),
                expected=_("expected padding_idx from 0 to {last}", last=self.num_embeddings - 1),
            )
        return _EmbeddingModule(self.num_embeddings, self.embedding_dim, self.padding_idx)

    def accepts(self, shape: tuple[int, ...], dtype: torch.dtype) -> bool:
        """Whether these are vectors of the table's size."""
        return dtype == torch.float32 and shape[-1:] == (self.embedding_dim,)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Count the products of a projection; a look-up needs none."""
        is_projection = len(output) == len(shape)
        return 2 * math.prod(shape) * self.num_embeddings if is_projection else 0
