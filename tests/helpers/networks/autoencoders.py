"""Small untrained autoencoders of images and of rows, with a fitted threshold, and the facts of their data."""

from __future__ import annotations

from typing import Any

import torch

from axone.settings import resolve
from axone.systems import autoencoder
from axone.tasks.reconstruction.latent_network import LatentNetwork

COLUMNS = [
    {"name": "age", "kind": "number", "center": 40.0, "scale": 0.05, "missing": True},
    {"name": "town", "kind": "category", "levels": ["north", "south"]},
    {"name": "fare", "kind": "number", "center": 100.0, "scale": 0.01, "missing": False},
]
IMAGE_FACTS: dict[str, Any] = {"input": [1, 28, 28], "mean": [0.0], "std": [1.0], "labels": [], "anomalies": []}
NO_CLASSES: dict[str, Any] = {"labels": [], "anomalies": []}
ROW_FACTS: dict[str, Any] = {"input": [7], "columns": COLUMNS, "not_used": [], "targets": [], **NO_CLASSES}


def build_autoencoder(preset: str, **settings: Any) -> tuple[LatentNetwork, autoencoder.Settings, dict[str, Any]]:
    """Return a network, its settings and the facts of its data, for one preset of the system."""
    facts = ROW_FACTS if preset == "table" else IMAGE_FACTS
    chosen = resolve(autoencoder.Settings, {"preset": preset, **settings})
    assert isinstance(chosen, autoencoder.Settings)
    torch.manual_seed(0)
    network = autoencoder.model(chosen, facts)
    network.fit_threshold(torch.linspace(0, 0.2, 101), 0.9)
    return network.eval(), chosen, facts


def random_inputs(facts: dict[str, Any], count: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Return raw values of `count` inputs, as the module that `answering` returns takes them."""
    generator = torch.Generator().manual_seed(seed)
    if "columns" not in facts:
        channels, height, width = facts["input"]
        size = (count, height, width, channels)
        return (torch.randint(0, 256, size, dtype=torch.uint8, generator=generator),)
    numbers = torch.tensor([40.0, 100.0]) + 30 * torch.randn(count, 2, dtype=torch.float64, generator=generator)
    numbers[0, 0] = torch.nan
    return numbers, torch.randint(0, 4, (count, 1), generator=generator)
