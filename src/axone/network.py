"""A system's network without its training: to look at, to count, to put into one's own code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    **given: Any,
) -> nn.Module:
    """Return the network of a system, untrained, or with the weights of a .safetensors or .pth file.

    `input` is the shape without the batch, (channels, height, width) for pictures; `classes` the number of
    answers; further keywords are the system's settings. `weights="imagenet"` gives a famous architecture the weights
    that torchvision publishes. `device="meta"` makes the network without allocating weights, or reading any.
    Raises UsageError, SettingsError (also for shapes that do not fit), RunError for a file that is unusable or
    holds the weights of another network.
    """
    import torch

    found = catalogue.find(system)
    module = catalogue.load(found)
    facts = dict(getattr(module, "EXAMPLE_FACTS", {}))
    if not facts and (input is None or classes is None):
        raise UsageError(_("The system '{name}' draws its network only with data at hand: train it.", name=found.name))
    if input is not None:
        facts["input"] = list(input)
    if classes is not None:
        facts["classes"] = [str(number) for number in range(classes)]
    wanted = {"weights": str(weights)} if weights and "weights" in module.Settings.model_fields else {}
    settings = resolve(module.Settings, {**given, **wanted})
    side = getattr(settings, "image_size", 0)
    if side and input is None and len(facts["input"]) == 3:  # to which a training would bring its pictures
        facts["input"] = [facts["input"][0], side, side]
    with torch.device(device or "cpu"):
        made: nn.Module = module.model(settings, facts)
    if weights and device != "meta":
        from axone.tasks.classification import pretrained

        pretrained.load(made, str(weights))
    return made
