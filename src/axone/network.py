"""The network of a system without its training: to print, to count its parameters, or to use in other code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from axone import catalogue
from axone.errors import UsageError
from axone.messages import _
from axone.settings import resolve


def network(
    system: str,
    *,
    input: tuple[int, ...] | None = None,
    classes: int | None = None,
    weights: str | Path | None = None,
    device: str | None = None,
    **options: Any,
) -> nn.Module:
    """Return the network of a system, untrained or with the weights of a .safetensors or .pth file.

    `input` is the shape without the batch, (channels, height, width) for images; `classes` is the number of classes;
    `options` are the system's settings. `weights="imagenet"` loads the weights that torchvision publishes for an
    architecture. `device="meta"` builds the network without allocating or reading weights.

    Raises UsageError for an unknown system, SettingsError for invalid settings and shapes that do not fit, RunError for
    a file that cannot be read or that contains the weights of another network.
    """
    loaded = catalogue.load(catalogue.find(system))
    facts = dict(loaded.EXAMPLE_FACTS or {})
    if not facts and (input is None or classes is None):
        raise UsageError(_("The system '{name}' needs data to build its network: train it.", name=loaded.name))
    if input is not None:
        facts["input"] = list(input)
    if classes is not None:
        facts["classes"] = [str(number) for number in range(classes)]
    if weights and "weights" in loaded.Settings.model_fields:
        options = {**options, "weights": str(weights)}
    settings = resolve(loaded.Settings, options)
    side = getattr(settings, "image_size", 0)
    if side and input is None and len(facts["input"]) == 3:  # a training would resize its images to this side
        facts["input"] = [facts["input"][0], side, side]
    with torch.device(device or "cpu"):
        result = loaded.model(settings, facts)
    if weights and device != "meta":
        from axone.tasks.classification.backbones import pretrained

        pretrained.load_weights(result, str(weights))
    return result
