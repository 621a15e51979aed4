"""Normalization layers: numbers are shifted and scaled to mean 0 and variance 1, then by learned parameters."""

from __future__ import annotations

import math

from torch import nn

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import Boolean, Fraction, Size
from axone.graph.nodes.layer import Layer
from axone.graph.padding import name_axes
from axone.messages import _


class _BatchNorm(Layer):
    eps: Fraction = 1e-5
    momentum: Fraction = 0.1
    affine: Boolean = True

    channels_dim = 1
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the normalization for this number of channels."""
        other = f"BatchNorm{min(max(len(shape) - 1, 1), 3)}d"
        hint = _("Use {layer} here.", layer=other)
        self.expect_rank(shape, name_axes(self.dimensions), self.dimensions + 1, hint=hint)
        module_class = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[self.dimensions - 1]
        return module_class(shape[0], self.eps, self.momentum, self.affine)


class BatchNorm1d(_BatchNorm):
    """Normalize each feature over the batch: (features,) or (channels, steps). Arguments as in BatchNorm2d."""

    dimensions = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the normalization for this number of features."""
        # Features without steps are normalized like channels with one step.
        return super().build((*shape, 1) if len(shape) == 1 else shape)


class BatchNorm2d(_BatchNorm):
    """Normalize each channel over the batch and all positions (Ioffe and Szegedy, 2015).

    `momentum` is torch's: the weight of the new batch in the running mean.
    """


class BatchNorm3d(_BatchNorm):
    """Normalize each channel of a volume over the batch and all positions. Arguments as in BatchNorm2d."""

    dimensions = 3


class LayerNorm(Layer):
    """Normalize each example over its `last` last dimensions (Ba, Kiros and Hinton, 2016).

    (steps, features) is normalized step by step; (channels, height, width) with last=3 as a whole.
    """

    last: Size = 1
    eps: Fraction = 1e-5
    elementwise_affine: Boolean = True
    bias: Boolean = True

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the normalization over the last dimensions of this shape."""
        if self.last > len(shape):
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected at least {count} dimensions", count=self.last),
                hint=_("Write LayerNorm(last={count}) or less.", count=len(shape)),
            )
        return nn.LayerNorm(shape[-self.last :], self.eps, self.elementwise_affine, self.bias)


class GroupNorm(Layer):
    """Normalize each group of channels of each example over all positions (Wu and He, 2018): (channels, ...).

    With one group, all channels are normalized together; with as many groups as channels, each one separately.
    """

    num_groups: Size
    eps: Fraction = 1e-5
    affine: Boolean = True

    channels_dim = 1
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the normalization for this number of channels."""
        if shape[0] % self.num_groups:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected channels ({channels}) that num_groups divides", channels=shape[0]),
                hint=_("Write GroupNorm({groups}).", groups=math.gcd(self.num_groups, shape[0])),
            )
        return nn.GroupNorm(self.num_groups, shape[0], self.eps, self.affine)


class InstanceNorm2d(Layer):
    """Normalize each channel of each image over all positions (Ulyanov et al., 2016), independently of the batch.

    Without `track_running_stats` it computes the same in training and in evaluation.
    """

    eps: Fraction = 1e-5
    momentum: Fraction = 0.1
    affine: Boolean = False
    track_running_stats: Boolean = False

    channels_dim = 1
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the normalization for this number of channels."""
        self.expect_positions(shape)
        return nn.InstanceNorm2d(shape[0], self.eps, self.momentum, self.affine, self.track_running_stats)
