"""Layers over the steps of sequences of different lengths: dropout, pooling, attention, padding.

A batch of such sequences is padded at the end, and `lengths` says how many steps of each sequence are its
own: a node of dtype int64 with one number per example, `Input(dtype="int64")`. With `lengths`, the padding has no
influence: a sequence has the same result alone and in any batch.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import Dimension, Fraction, OptionalSize
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node
from axone.graph.nodes.part import Part
from axone.messages import _

Steps = Float[Tensor, "batch steps features"]
Lengths = Int64[Tensor, " batch"]


def find_own_steps(steps: int | torch.SymInt, lengths: Lengths) -> Bool[Tensor, "batch steps"]:
    """Return True at the steps that belong to each sequence, and False at its padding."""
    # A dynamic size of torch.export is a SymInt, which the stubs of torch.arange do not list.
    return torch.arange(steps, device=lengths.device) < lengths[:, None]  # type: ignore[arg-type]


def drop_features(input: Steps, p: float, training: bool) -> Steps:
    """Set features to zero with probability p, the same ones at all steps of a sequence, and scale the others."""
    return input * torch.nn.functional.dropout(torch.ones_like(input[:, :1]), p, training)


class _DropFeatures(nn.Module):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, input: Steps) -> Steps:
        return drop_features(input, self.p, self.training) if self.training and self.p else input

    def source(self, module: str, input: str) -> str:
        return f"drop_features({input}, {self.p}, self.training)"

    def extra_repr(self) -> str:
        return f"p={self.p}"


class VariationalDropout(Layer):
    """Dropout with one mask for all steps of a sequence: the input is (steps, features).

    A feature that is dropped is dropped at every step, so that noise does not accumulate in the state of a recurrent
    layer (Gal and Ghahramani, 2016, "A theoretically grounded application of dropout in recurrent neural networks").
    """

    p: Fraction = 0.5

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the dropout module."""
        self.expect_rank(shape, _("(steps, features)"), 2)
        return _DropFeatures(self.p)


class _LengthsLayer(Layer):
    minimum_inputs = 1
    maximum_inputs: ClassVar[int | None] = 2

    def accepts(self, shape: tuple[int, ...], dtype: torch.dtype) -> bool:
        """Whether these are lengths: one integer per example."""
        return shape == () and dtype == torch.int64

    def expect_lengths(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        """Raise GraphError unless the second input, if there is one, is one number per example."""
        if len(shapes) > 1 and shapes[1] != ():
            raise GraphError(
                _("{layer} got {shapes}.", layer=self.label(), shapes=", ".join(map(str, shapes))),
                expected=_("expected lengths with one number per example"),
                hint=_('Write lengths = Input(dtype="int64").'),
            )


def pool_mean(input: Steps, lengths: Lengths) -> Float[Tensor, "batch features"]:
    """Return the mean of each sequence's own steps; zeros for a sequence without steps."""
    own = find_own_steps(input.shape[1], lengths)[..., None]
    return input.masked_fill(~own, 0.0).sum(1) / lengths.clamp(min=1)[:, None]


def pool_maximum(input: Steps, lengths: Lengths) -> Float[Tensor, "batch features"]:
    """Return the maximum of each sequence's own steps; zeros for a sequence without steps."""
    own = find_own_steps(input.shape[1], lengths)[..., None]
    largest = input.masked_fill(~own, -torch.inf).amax(1)
    return largest.masked_fill(lengths[:, None] < 1, 0.0)


class _PoolSteps(nn.Module):
    def __init__(self, maximum: bool) -> None:
        super().__init__()
        self.maximum = maximum

    def forward(self, input: Steps, lengths: Lengths | None = None) -> Float[Tensor, "batch features"]:
        if lengths is None:
            return input.amax(1) if self.maximum else input.mean(1)
        return (pool_maximum if self.maximum else pool_mean)(input, lengths)

    def source(self, module: str, input: str, lengths: str = "") -> str:
        if not lengths:
            return f"{input}.{'amax' if self.maximum else 'mean'}(1)"
        return f"pool_{'maximum' if self.maximum else 'mean'}({input}, {lengths})"

    def extra_repr(self) -> str:
        return "max" if self.maximum else "mean"


class _StepPooling(_LengthsLayer):
    maximum: ClassVar[bool] = False

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the pooling module."""
        self.expect_rank(shapes[0], _("(steps, features)"), 2)
        self.expect_lengths(shapes)
        return _PoolSteps(self.maximum)


class MeanPooling(_StepPooling):
    """The mean over the steps: (steps, features), and optionally lengths, become (features,)."""


class MaxPooling(_StepPooling):
    """The maximum over the steps: (steps, features), and optionally lengths, become (features,)."""

    maximum = True


def pool_by_attention(
    input: Steps, scores: Float[Tensor, "batch steps"], lengths: Lengths | None = None
) -> tuple[Float[Tensor, "batch features"], Float[Tensor, "batch steps"]]:
    """Return the mean of the steps, weighted by the softmax of their scores, and the weights: zero at the padding."""
    if lengths is None:
        weights = scores.softmax(1)
    else:
        own = find_own_steps(input.shape[1], lengths)
        # The smallest number instead of minus infinity: a sequence without steps would have weights that are NaN.
        weights = scores.masked_fill(~own, torch.finfo(scores.dtype).min).softmax(1).masked_fill(~own, 0.0)
        input = input.masked_fill(~own[..., None], 0.0)
    return (weights[:, None] @ input)[:, 0], weights


class _AttentionPoolModule(nn.Sequential):
    """Two linear layers compute the score of each step."""

    def __init__(self, features: int, hidden_size: int) -> None:
        super().__init__(nn.Linear(features, hidden_size), nn.Tanh(), nn.Linear(hidden_size, 1, bias=False))

    def forward(self, input: Steps, lengths: Lengths | None = None) -> Any:
        return pool_by_attention(input, super().forward(input)[..., 0], lengths)

    def source(self, module: str, input: str, lengths: str = "None") -> str:
        return f"pool_by_attention({input}, {module}({input})[..., 0], {lengths})"

    def source_of_first(self, module: str, *inputs: str) -> str:
        """Return the expression of the mean alone."""
        return self.source(module, *inputs) + "[0]"

    def constructor(self) -> str:
        """Return the call that constructs the linear layers in plain PyTorch."""
        first, last = self[0], self[2]
        return (
            f"nn.Sequential(nn.Linear({first.in_features}, {first.out_features}), nn.Tanh(), "
            f"nn.Linear({last.in_features}, 1, bias=False))"
        )


class AttentionPooling(_LengthsLayer):
    """The mean over the steps with learned weights: (steps, features), and optionally lengths, become (features,).

    The score of a step is v . tanh(W h + b), with `hidden_size` hidden units (None: as many as features); a softmax
    over the steps turns scores into weights (Yang et al., 2016, "Hierarchical attention networks for document
    classification"). `pooled, weights = AttentionPooling().with_weights(x, lengths)` also returns the weights,
    (steps,), which are zero at the padding.
    """

    hidden_size: OptionalSize = None

    def with_weights(self, *inputs: Node) -> tuple[Node, Node]:
        """Apply this layer and return the nodes of the mean and of the weights."""
        pooled = self(*inputs)
        return pooled, Part("weights")(pooled)

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the attention module for this number of features."""
        self.expect_rank(shapes[0], _("(steps, features)"), 2)
        self.expect_lengths(shapes)
        return _AttentionPoolModule(shapes[0][1], self.hidden_size or shapes[0][1])

    def part_shapes(self, *shapes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return the shape of the weights."""
        return {"weights": shapes[0][:1]}

    def flops(self, *shapes: tuple[int, ...], output: tuple[int, ...]) -> int:
        """Count the products of the scores and of the mean."""
        steps, features = shapes[0]
        hidden = self.hidden_size or features
        return 2 * steps * (hidden * (features + 1) + features)


def zero_padding(input: Float[Tensor, "batch ..."], lengths: Lengths, dim: int) -> Float[Tensor, "batch ..."]:
    """Return the input with zeros at the padding; `dim` is the dimension of the steps, counted with the batch."""
    own = find_own_steps(input.shape[dim], lengths)
    sizes = [1] * input.dim()
    sizes[0], sizes[dim] = own.shape
    return input.masked_fill(~own.view(sizes), 0.0)


class _ZeroPaddingModule(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Float[Tensor, "batch ..."], lengths: Lengths) -> Float[Tensor, "batch ..."]:
        return zero_padding(input, lengths, self.dim)

    def source(self, module: str, input: str, lengths: str) -> str:
        return f"zero_padding({input}, {lengths}, {self.dim})"

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class ZeroPadding(_LengthsLayer):
    """Set the padding to zero: ZeroPadding()(x, lengths).

    Put it before each convolution over the steps, so that the last steps of a sequence read zeros after its end
    in any batch, as they do alone. `dim` is the dimension of the steps, counted with the batch: 1 for
    (steps, features), 2 or -1 for (channels, steps).
    """

    dim: Dimension = 1

    minimum_inputs = 2
    pointwise = True

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the module that sets the padding to zero."""
        self.expect_lengths(shapes)
        rank = len(shapes[0]) + 1
        if not -rank < self.dim < rank or self.dim == 0:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shapes[0]),
                expected=_("expected dim from 1 to {last}, or negative from the end", last=rank - 1),
            )
        return _ZeroPaddingModule(self.dim % rank)
