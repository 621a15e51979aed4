"""The channels of a layer that matter most, each with the pictures that excite it most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.stream import ImageStream
from axone.figures.figure import Figure, contact_sheet
from axone.graph import Model
from axone.messages import _
from axone.numbers import percent
from axone.tasks.explanation.features import Layers, features, gather, in_order
from axone.tasks.explanation.figures import overlay, scaled, smooth

CHANNELS, PICTURES = 6, 8  # shown at most


def channel_shares(gains: Float[Tensor, " features"], channels: int) -> Float[Tensor, " channels"]:
    """Return the share of each channel in all gains. Features lie channel after channel (`features.vector`)."""
    return gains.reshape(channels, -1).sum(1) / gains.sum().clamp_min(1e-12)


@torch.inference_mode()
def exciting_channels(
    network: Model, layer: str, gains: Float[Tensor, " features"], stream: ImageStream, facts: Mapping[str, Any]
) -> Figure:
    """Show the channels whose features gained most, and the pictures of a stream that excite each of them most.

    Where the features were maps, or come from maps by pooling and laying flat, red shows where in the picture.
    """
    stream = in_order(stream)
    found, targets, index = gather(lambda images: features(network, images, layer), stream)
    layers = Layers(network, facts["input"])
    maps = layers.maps_behind(layer)
    channels = (maps or layers.require(layer)).shape[0]
    shares = channel_shares(gains, channels)
    strength = found.reshape(len(found), channels, -1).amax(2)
    tiles, captions = [], []
    for channel in shares.argsort(descending=True, stable=True)[:CHANNELS].tolist():
        best = strength[:, channel].argsort(descending=True, stable=True)[:PICTURES]
        stream.indices = index[best]
        batch = next(iter(stream.batches(1)))
        pictures = stream.pixels[batch.index.to(stream.pixels.device)].cpu().numpy()
        if maps is None:
            shown = list(pictures.repeat(3, axis=3) if pictures.shape[3] == 1 else pictures)
        else:
            answers = network.activations(batch.inputs, maps.name)
            assert isinstance(answers, Tensor)
            heats = scaled(answers[:, channel].float().cpu().numpy())
            shown = [overlay(one, smooth(heat, one.shape[:2])) for one, heat in zip(pictures, heats, strict=True)]
        names = [facts["classes"][int(targets[place])] for place in best]
        title = _("channel {number}: {share}", number=channel, share=percent(float(shares[channel]), 0))
        tiles += shown
        captions += [f"{title}\n{names[0]}", *names[1:]]
    return Figure(
        "channels",
        _("The channels that the trees ask most"),
        contact_sheet(np.stack(tiles), captions, columns=min(PICTURES, len(found))),
        _("Each with its share in lessening the error, and the pictures that excite it most; red: where."),
    )
