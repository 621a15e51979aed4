"""The published architectures on the meta device: no weights are allocated."""

from __future__ import annotations

import axone
from axone.graph import Model


def build_published(system: str, variant: str, **settings: object) -> Model:
    """The network for photographs of 224 x 224 (inception: 299 x 299) in three channels, with 1000 classes."""
    side = 299 if system == "inception" else 224
    return axone.network(system, variant=variant, input=(3, side, side), classes=1000, device="meta", **settings)


def build_small(system: str) -> Model:
    """The network for gray images of 28 x 28."""
    return axone.network(system, input=(1, 28, 28), device="meta")


def shapes_of(network: Model, *names: str) -> list[tuple[int, ...]]:
    """The output shapes of the named nodes."""
    shapes = {node.name: node.shape for node in network.nodes}
    return [shapes[name] for name in names]


def last_maps(network: Model) -> tuple[int, ...]:
    """The shape of the last feature maps."""
    return [node.shape for node in network.nodes if len(node.shape) == 3][-1]
