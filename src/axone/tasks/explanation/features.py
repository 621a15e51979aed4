"""Activations of the layers of an image classifier, by name, and as feature vectors.

The layers of an `axone.graph.Model` are its nodes, and their inputs are known. The layers of any other module are its
innermost submodules in the order in which they run, and each is assumed to read the output of the one before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from axone.errors import UsageError, closest
from axone.graph import Model
from axone.messages import _

MAX_FEATURES = 1024  # per image; larger feature maps are averaged over a coarse grid
MAX_NAMES = 30  # in an error message
_CHANNELWISE = ("Pool", "Flatten", "Dropout", "Activation")  # kinds of layers that do not mix channels


@dataclass(frozen=True)
class Layer:
    """One layer: its name, its kind, the shape of its output (without the batch), and the layers that it reads."""

    name: str
    kind: str
    shape: tuple[int, ...]
    has_weights: bool
    sources: tuple[str, ...]

    @property
    def has_maps(self) -> bool:
        """Whether the output is a feature map per channel: [channels, height, width] with more than one position."""
        return len(self.shape) == 3 and self.shape[1] * self.shape[2] > 1


class Layers:
    """The layers of an image classifier by name, from its input to its head.

    Args:
        network: The classifier. Where it is not a graph, it is run once on a black image.
        input_shape: Channels, height and width of its input.

    Raises UsageError where the network has no submodules.
    """

    def __init__(self, network: nn.Module, input_shape: Sequence[int]) -> None:
        layers = _graph_layers(network) if isinstance(network, Model) else _trace_layers(network, input_shape)
        self.by_name: dict[str, Layer] = {layer.name: layer for layer in layers}
        self.head = output_name(network) if isinstance(network, Model) else layers[-1].name

    def find(self, name: str) -> Layer:
        """Return a layer by its name. Raises UsageError with the most similar name."""
        if name not in self.by_name:
            near, more = closest(name, self.by_name), ", ..." if len(self.by_name) > MAX_NAMES else ""
            raise UsageError(
                _("The network has no layer '{name}'.", name=name)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("layers: {names}", names=", ".join(list(self.by_name)[:MAX_NAMES])) + more,
                hint=_("type: axone graph RUN, to list all layers"),
            )
        return self.by_name[name]

    @cached_property
    def penultimate(self) -> str:
        """The layer that the last layer with weights reads: the features from which classes are computed."""
        layer = self.by_name[self.head]
        while not layer.has_weights and layer.sources:
            layer = self.by_name[layer.sources[0]]
        while layer.sources:
            layer = self.by_name[layer.sources[0]]
            if "Dropout" not in layer.kind:  # which is the identity at inference
                break
        return layer.name

    @cached_property
    def last_maps(self) -> str | None:
        """The last layer on a path to the head with feature maps, before pooling if possible: for Grad-CAM."""
        ancestors, pending = {self.head}, [self.head]
        while pending:
            for source in self.by_name[pending.pop()].sources:
                if source not in ancestors:
                    ancestors.add(source)
                    pending.append(source)
        maps = [
            layer for layer in self.by_name.values() if layer.has_maps and layer.name in ancestors and layer.sources
        ]
        unpooled = [layer for layer in maps if not any(word in layer.kind for word in ("Pool", "Dropout"))]
        return (unpooled or maps)[-1].name if unpooled or maps else None

    def find_maps(self, name: str) -> Layer | None:
        """Return the layer whose feature maps a layer outputs, or pools and flattens; None where there is none."""
        layer = self.by_name[name]
        while not layer.has_maps:
            if len(layer.sources) != 1 or not any(word in layer.kind for word in _CHANNELWISE):
                return None
            layer = self.by_name[layer.sources[0]]
        return layer


def output_name(network: Model) -> str:
    """Return the name of the node with the network's (first) output."""
    return network.output_names[0]


def compute_activations(
    network: nn.Module, images: Float[Tensor, "batch channels height width"], names: Sequence[str]
) -> tuple[Float[Tensor, "batch classes"], dict[str, Shaped[Tensor, "batch ..."]]]:
    """Return the logits and the outputs of the named layers of one forward pass, with gradients where enabled."""
    if isinstance(network, Model):
        head = output_name(network)
        outputs = network.activations(images, [*names, head])
        assert isinstance(outputs, dict)
        return outputs[head], {name: outputs[name] for name in names}
    activations: dict[str, Tensor] = {}

    def store(name: str) -> Callable[..., None]:
        return lambda _module, _inputs, output: activations.__setitem__(name, output)

    handles = [network.get_submodule(name).register_forward_hook(store(name)) for name in names]
    try:
        logits = network(images)
    finally:
        for handle in handles:
            handle.remove()
    return logits[0] if isinstance(logits, tuple) else logits, activations


def compute_features(
    network: nn.Module, images: Float[Tensor, "batch channels height width"], layer: str
) -> Float[Tensor, "batch features"]:
    """Return the output of a layer as one vector per image (see `flatten_features`).

    It is computed in float32, whatever the precision of the surrounding code: thresholds of trees on features, and
    distances between features, must be applied to the numbers with which they were chosen.
    """
    with torch.autocast(images.device.type, enabled=False):
        if isinstance(network, Model):
            output = network.activations(images, layer)
            assert isinstance(output, Tensor)
            return flatten_features(output)
        return flatten_features(compute_activations(network, images, [layer])[1][layer])


def flatten_features(output: Shaped[Tensor, "batch ..."]) -> Float[Tensor, "batch features"]:
    """Flatten outputs channel by channel; large feature maps are first averaged over a grid to `MAX_FEATURES`."""
    if output.ndim == 4 and output[0].numel() > MAX_FEATURES:
        output = functional.adaptive_avg_pool2d(output, max(1, math.isqrt(MAX_FEATURES // output.shape[1])))
    return output.flatten(1).float()


def list_innermost(network: nn.Module) -> Iterable[tuple[str, nn.Module]]:
    """Return the submodules without submodules of their own, by name."""
    return ((name, module) for name, module in network.named_modules() if name and not list(module.children()))


def _graph_layers(network: Model) -> list[Layer]:
    return [Layer(node.name, node.kind, node.shape, node.weights > 0, node.inputs) for node in network.nodes]


def _trace_layers(network: nn.Module, input_shape: Sequence[int]) -> list[Layer]:
    """Run a network on one black image, and return its innermost modules in the order in which they first ran."""
    layers: list[Layer] = []

    def record(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and all(layer.name != name for layer in layers):  # a module may run twice
                has_weights = next(module.parameters(), None) is not None
                previous = (layers[-1].name,) if layers else ()
                layers.append(Layer(name, type(module).__name__, tuple(output.shape[1:]), has_weights, previous))

        return hook

    handles = [module.register_forward_hook(record(name)) for name, module in list_innermost(network)]
    weight = next(network.parameters())
    try:
        with torch.no_grad():
            network(torch.zeros(1, *input_shape, device=weight.device, dtype=weight.dtype))
    finally:
        for handle in handles:
            handle.remove()
    if not layers:
        raise UsageError(_("The network has no layers to inspect: it is a single module."))
    return layers
