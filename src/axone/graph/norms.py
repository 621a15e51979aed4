"""Norms: numbers brought to mean 0 and deviation 1, then scaled and moved by what is learnt."""

from __future__ import annotations

from torch import nn

from axone.graph.arguments import Share, Switch
from axone.graph.layer import Layer
from axone.messages import _


class BatchNorm2d(Layer):
    """Per channel, over the batch and all positions (Ioffe and Szegedy, 2015).

    `momentum` is torch's: the weight of the new batch in the running mean.
    """

    eps: Share = 1e-5
    momentum: Share = 0.1
    affine: Switch = True

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the norm for this many channels."""
        self.expect(shape, _("(channels, height, width)"), 3, hint=_("Use BatchNorm1d here."))
        return nn.BatchNorm2d(shape[0], self.eps, self.momentum, self.affine)


class BatchNorm1d(Layer):
    """Per feature, over the batch: (features,) or (channels, steps). Arguments as in BatchNorm2d."""

    eps: Share = 1e-5
    momentum: Share = 0.1
    affine: Switch = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the norm for this many features."""
        if len(shape) != 2:
            self.expect(shape, _("(features,) or (channels, steps)"), 1, hint=_("Use BatchNorm2d here."))
        return nn.BatchNorm1d(shape[0], self.eps, self.momentum, self.affine)
