"""Norms: numbers brought to mean 0 and deviation 1, then scaled and moved by what is learned."""

from __future__ import annotations

import math

from torch import nn

from axone.graph.arguments import Share, Size, Switch
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.layers.padding import axes
from axone.messages import _


class _BatchNorm(Layer):
    eps: Share = 1e-5
    momentum: Share = 0.1
    affine: Switch = True

    channels_dim = 1
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the norm for so many channels."""
        other = f"BatchNorm{min(max(len(shape) - 1, 1), 3)}d"
        self.expect(shape, axes(self.dimensions), self.dimensions + 1, hint=_("Use {layer} here.", layer=other))
        make = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[self.dimensions - 1]
        return make(shape[0], self.eps, self.momentum, self.affine)


class BatchNorm1d(_BatchNorm):
    """Per feature, over the batch: (features,) or (channels, steps). Arguments as in BatchNorm2d."""

    dimensions = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the norm for so many features."""
        # To the norm, features without steps are as good as one step.
        return super().build((*shape, 1) if len(shape) == 1 else shape)


class BatchNorm2d(_BatchNorm):
    """Per channel, over the batch and all positions (Ioffe and Szegedy, 2015).

    `momentum` is torch's: the weight of the new batch in the running mean.
    """


class BatchNorm3d(_BatchNorm):
    """Per channel of a volume, over the batch and all positions. Arguments as in BatchNorm2d."""

    dimensions = 3


class LayerNorm(Layer):
    """Per example, over its last dimension or its `last` dimensions (Ba, Kiros and Hinton, 2016).

    (steps, features) is normalized step by step, (channels, height, width) with last=3 as a whole.
    """

    last: Size = 1
    eps: Share = 1e-5
    elementwise_affine: Switch = True
    bias: Switch = True

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the norm over the last dimensions of this shape."""
        if self.last > len(shape):
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected at least {count} dimensions", count=self.last),
                hint=_("Write LayerNorm(last={count}) or less.", count=len(shape)),
            )
        return nn.LayerNorm(shape[-self.last :], self.eps, self.elementwise_affine, self.bias)


class GroupNorm(Layer):
    """Per example and group of channels, over all positions (Wu and He, 2018): (channels, ...) in and out.

    One group normalizes all channels together, as many groups as channels each one alone.
    """

    num_groups: Size
    eps: Share = 1e-5
    affine: Switch = True

    channels_dim = 1
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the norm for so many channels."""
        if shape[0] % self.num_groups:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected channels ({channels}) that num_groups divides", channels=shape[0]),
                hint=_("Write GroupNorm({groups}).", groups=math.gcd(self.num_groups, shape[0])),
            )
        return nn.GroupNorm(self.num_groups, shape[0], self.eps, self.affine)


class InstanceNorm2d(Layer):
    """Per example and channel, over all positions (Ulyanov et al., 2016): no picture sees another.

    Without `track_running_stats` it works the same in training and afterwards.
    """

    eps: Share = 1e-5
    momentum: Share = 0.1
    affine: Switch = False
    track_running_stats: Switch = False

    channels_dim = 1
    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the norm for so many channels."""
        self.expect_positions(shape)
        return nn.InstanceNorm2d(shape[0], self.eps, self.momentum, self.affine, self.track_running_stats)
