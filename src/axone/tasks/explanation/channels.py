"""The channels of a layer that matter most to boosted trees, each with the images that activate it most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.stream import ImageStream
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure
from axone.graph import Model
from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.explanation.collection import collect_features
from axone.tasks.explanation.features import Layers, compute_features
from axone.tasks.explanation.figures import normalize_heat_map, overlay_heat_map, resize_heat_map

MAX_CHANNELS, MAX_IMAGES = 6, 8


def compute_channel_shares(gains: Float[Tensor, " features"], channels: int) -> Float[Tensor, " channels"]:
    """Return the share of each channel in the total gain. Features are in the order of `flatten_features`."""
    return gains.reshape(channels, -1).sum(1) / gains.sum().clamp_min(1e-12)


@torch.inference_mode()
def draw_important_channels(
    network: Model, layer: str, gains: Float[Tensor, " features"], stream: ImageStream, facts: Mapping[str, Any]
) -> Figure:
    """Draw the channels with the largest gains, and the images of a stream with the largest activation of each.

    Where the features are feature maps, or were pooled and flattened from some, red marks where the map is positive.

    Args:
        network: The network that computes the features.
        layer: The layer whose output is the features.
        gains: How much splits on each feature reduced the training loss, as in `BoostedTrees.gains`.
        stream: The images to choose from.
        facts: The facts of the run: its input shape and its classes.
    """
    features, targets, indices = collect_features(lambda images: compute_features(network, images, layer), stream)
    layers = Layers(network, facts["input"])
    maps = layers.find_maps(layer)
    channels = (maps or layers.find(layer)).shape[0]
    shares = compute_channel_shares(gains, channels)
    strength = features.reshape(len(features), channels, -1).amax(2)  # [samples, channels]
    tiles, captions = [], []
    for channel in shares.argsort(descending=True, stable=True)[:MAX_CHANNELS].tolist():
        strongest = strength[:, channel].argsort(descending=True, stable=True)[:MAX_IMAGES]
        batch = next(iter(stream.without_augmentation(MAX_IMAGES, indices[strongest]).batches(1)))
        images = stream.pixels[batch.index.to(stream.pixels.device)].cpu().numpy()
        if maps is None:
            row = list(images.repeat(3, axis=3) if images.shape[3] == 1 else images)
        else:
            activations = network.activations(batch.inputs, maps.name)
            assert isinstance(activations, Tensor)
            heats = normalize_heat_map(activations[:, channel].float().cpu().numpy())
            row = [
                overlay_heat_map(image, resize_heat_map(heat, image.shape[:2]))
                for image, heat in zip(images, heats, strict=True)
            ]
        names = [facts["classes"][int(targets[position])] for position in strongest]
        title = _("channel {number}: {share}", number=channel, share=format_percent(float(shares[channel]), 0))
        tiles += row
        captions += [f"{title}\n{names[0]}", *names[1:]]
    return Figure(
        "channels",
        _("The channels that the trees use most"),
        draw_contact_sheet(np.stack(tiles), captions, columns=min(MAX_IMAGES, len(features))),
        _("Each channel with its share of the total gain and the images that activate it most; red: where."),
    )
