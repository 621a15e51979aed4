"""Attention: each step of a sequence takes a weighted mean of the steps of a sequence (Vaswani et al., 2017).

Without weights it is `torch.nn.functional.scaled_dot_product_attention(query, key, value)`, which can be called on
nodes.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import Boolean, Fraction, Size
from axone.graph.nodes.layer import Layer
from axone.messages import _

Steps = Float[Tensor, "batch _ _"]
Mask = Bool[Tensor, "batch _"]


class AttentionModule(nn.MultiheadAttention):
    """torch's attention with the batch first and one tensor as output."""

    def __init__(self, embed_dim: int, num_heads: int, *, bias: bool, is_causal: bool, **options: Any) -> None:
        super().__init__(embed_dim, num_heads, bias=bias, batch_first=True, **options)
        # torch does not keep these two arguments, which `to_source` reads.
        self.bias, self.add_bias_kv = bias, False
        self.is_causal = is_causal

    def forward(  # type: ignore[override]
        self, query: Steps, key: Steps | None = None, value: Steps | None = None, mask: Mask | None = None
    ) -> Steps:
        """Return one vector for each step of `query`. `mask` is True at the keys to ignore."""
        key = query if key is None else key
        value = key if value is None else value
        later = None
        if self.is_causal:
            later = torch.ones(query.shape[1], key.shape[1], dtype=torch.bool, device=query.device).triu(1)
        output, _weights = super().forward(query, key, value, mask, need_weights=False, attn_mask=later)
        return output

    def source(self, module: str, query: str, key: str = "", value: str = "", mask: str = "") -> str:
        """Return this computation as a PyTorch expression, where `module` is torch's own."""
        key = key or query
        options = [f"key_padding_mask={mask}"] if mask else []
        if self.is_causal:
            sizes = f"{query}.shape[1], {key}.shape[1]"
            options.append(f"attn_mask=torch.ones({sizes}, dtype=torch.bool, device={query}.device).triu(1)")
        return f"{module}({', '.join([query, key, value or key, *options, 'need_weights=False'])})[0]"


class MultiheadAttention(Layer):
    """Attention with `num_heads` heads, each with projections of its own.

    Its inputs are torch's: query, key, value, each (steps, features), and the padding mask, (steps,) of dtype bool,
    which is True at the keys to ignore. On one input it is self-attention, on two the second one is key and value.
    With `is_causal`, a step reads itself and earlier steps only. `dropout` applies to the weights of the mean.
    """

    num_heads: Size
    dropout: Fraction = 0.0
    bias: Boolean = True
    is_causal: Boolean = False

    maximum_inputs = 4
    takes_masks = True

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the attention module for these numbers of features."""
        for shape in shapes[:3]:
            self.expect_rank(shape, _("(steps, features)"), 2)
        query, key, value = self._complete(shapes)
        if query[1] % self.num_heads:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=query),
                expected=_("expected features ({features}) that num_heads divides", features=query[1]),
            )
        if key[0] != value[0] or shapes[3:] not in ((), ((key[0],),)):
            raise GraphError(
                _("{layer} got {shapes}.", layer=self.label(), shapes=", ".join(map(str, shapes))),
                expected=_("expected keys, values and mask with one number of steps"),
            )
        sizes = () if query[1] == key[1] == value[1] else (key[1], value[1])
        return AttentionModule(
            query[1],
            self.num_heads,
            dropout=self.dropout,
            bias=self.bias,
            is_causal=self.is_causal,
            **dict(zip(("kdim", "vdim"), sizes)),
        )

    @staticmethod
    def _complete(shapes: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        query = shapes[0]
        key = shapes[1] if len(shapes) > 1 else query
        return query, key, shapes[2] if len(shapes) > 2 else key

    def flops(self, *shapes: tuple[int, ...], output: tuple[int, ...]) -> int:
        """Count the four projections, the products of queries and keys, and the means of the values."""
        (steps, features), (keys, key_features), (_keys, value_features) = self._complete(shapes)
        projections = features * (2 * steps * features + keys * (key_features + value_features))
        return 2 * (projections + 2 * steps * keys * features)
