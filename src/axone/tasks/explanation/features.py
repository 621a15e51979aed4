"""What a network answers inside: its layers by name, their answers to a picture, and these as vectors of features.

An `axone.graph.Model` tells its nodes and their wires. Of any other module the layers are its innermost submodules,
in the order in which they work; the wires are then taken to be a plain chain.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64, Shaped
from torch import Tensor, nn

from axone.data.images.stream import ImageStream
from axone.errors import UsageError, closest
from axone.graph import Model
from axone.messages import _
from axone.tasks.classification.learner import Views

MOST_FEATURES = 1024  # of a picture; larger maps are averaged over a coarser grid
BATCH = 500  # pictures looked at in one go
MOST_NAMES = 30  # in an error
_SAME_CHANNELS = ("Pool", "Flatten", "Dropout", "Activation")  # kinds that keep channels apart


@dataclass(frozen=True)
class Layer:
    """One layer: its name, its kind, the shape of its answer (without the batch), and what it reads."""

    name: str
    kind: str
    shape: tuple[int, ...]
    has_weights: bool
    sources: tuple[str, ...]

    @property
    def has_maps(self) -> bool:
        """Whether it answers with a map for each channel: (channels, height, width) of more than one place."""
        return len(self.shape) == 3 and self.shape[1] * self.shape[2] > 1


class Layers:
    """The layers of an image classifier, from its input to its head."""

    def __init__(self, network: nn.Module, input_shape: Sequence[int]) -> None:
        found = _nodes(network) if isinstance(network, Model) else _submodules(network, input_shape)
        self.all: dict[str, Layer] = {layer.name: layer for layer in found}
        self.head = output_name(network) if isinstance(network, Model) else found[-1].name

    def require(self, name: str) -> Layer:
        """Return a layer by its name. Raises UsageError, with the nearest name."""
        if name not in self.all:
            near, more = closest(name, self.all), ", ..." if len(self.all) > MOST_NAMES else ""
            raise UsageError(
                _("The network has no layer '{name}'.", name=name)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("layers: {names}", names=", ".join(list(self.all)[:MOST_NAMES])) + more,
                hint=_("type: axone graph RUN, which shows them all"),
            )
        return self.all[name]

    @cached_property
    def before_the_head(self) -> str:
        """The layer whose answers the last layer with weights turns into classes: the network's own features."""
        layer = self.all[self.head]
        while not layer.has_weights and layer.sources:
            layer = self.all[layer.sources[0]]
        while layer.sources:
            layer = self.all[layer.sources[0]]
            if "Dropout" not in layer.kind:  # which does nothing to a picture that is not trained on
                break
        return layer.name

    @cached_property
    def last_maps(self) -> str | None:
        """The last layer that answers with maps and does not pool them, or None: where Grad-CAM looks."""
        leading, waiting = {self.head}, [self.head]
        while waiting:
            for source in self.all[waiting.pop()].sources:
                if source not in leading:
                    leading.add(source)
                    waiting.append(source)
        maps = [layer for layer in self.all.values() if layer.has_maps and layer.name in leading and layer.sources]
        sharp = [layer for layer in maps if not any(word in layer.kind for word in ("Pool", "Dropout"))]
        return (sharp or maps)[-1].name if sharp or maps else None

    def maps_behind(self, name: str) -> Layer | None:
        """The layer whose maps a layer's answers are, or were before they were pooled and laid flat; None: no maps."""
        layer = self.all[name]
        while not layer.has_maps:
            if len(layer.sources) != 1 or not any(word in layer.kind for word in _SAME_CHANNELS):
                return None
            layer = self.all[layer.sources[0]]
        return layer


def output_name(network: Model) -> str:
    """Return the name of the node that is the network's (first) answer."""
    ends = network.to_json()["outputs"]
    return ends if isinstance(ends, str) else ends[0]


def answers(
    network: nn.Module, images: Float[Tensor, "batch channels height width"], names: Sequence[str]
) -> tuple[Float[Tensor, "batch classes"], dict[str, Shaped[Tensor, "batch ..."]]]:
    """Return the logits, and what the named layers answered on the way, in one pass that gradients can go back."""
    if isinstance(network, Model):
        head = output_name(network)
        found = network.activations(images, [*names, head])
        assert isinstance(found, dict)
        return found[head], {name: found[name] for name in names}
    kept: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        return lambda _module, _inputs, output: kept.__setitem__(name, output)

    handles = [network.get_submodule(name).register_forward_hook(keep(name)) for name in names]
    try:
        logits = network(images)
    finally:
        for handle in handles:
            handle.remove()
    return logits[0] if isinstance(logits, tuple) else logits, kept


def features(
    network: nn.Module, images: Float[Tensor, "batch channels height width"], name: str
) -> Float[Tensor, "batch features"]:
    """Return a layer's answers as one vector a picture (see `vector`), in float32 whatever the precision around.

    Thresholds on features, and distances between them, must find the same numbers whoever asks.
    """
    with torch.autocast(images.device.type, enabled=False):
        if isinstance(network, Model):
            answer = network.activations(images, name)
            assert isinstance(answer, Tensor)
            return vector(answer)
        return vector(answers(network, images, [name])[1][name])


def vector(answer: Shaped[Tensor, "batch ..."]) -> Float[Tensor, "batch features"]:
    """Lay answers flat, channel after channel; maps are first averaged over a grid so coarse that 1,024 numbers do."""
    if answer.ndim == 4 and answer[0].numel() > MOST_FEATURES:
        answer = functional.adaptive_avg_pool2d(answer, grid_side(answer.shape[1]))
    return answer.flatten(1).float()


def grid_side(channels: int) -> int:
    """Return the side of the grid over which maps of so many channels are averaged when they are too large."""
    return max(1, math.isqrt(MOST_FEATURES // channels))


def in_order(stream: ImageStream) -> ImageStream:
    """Return the pictures of a stream, each once, as they are: nothing shuffled, changed or left out."""
    plain = copy.copy(stream)
    plain.batch_size, plain.shuffle, plain.drop_last = BATCH, False, False
    plain.augment = plain.mix = plain.sample_weights = None
    return plain


def gather(
    compute: Callable[[Tensor], Tensor],
    stream: ImageStream,
    after: Callable[[int, int], Any] = lambda done, total: None,
    views: Views | None = None,
) -> tuple[Float[Tensor, "samples features"], Int64[Tensor, " samples"], Int64[Tensor, " samples"]]:
    """Compute vectors of all pictures of a stream; return them (on the processor), their targets, their indices.

    `after(done, total)` is called behind each batch. Of several `views` of a picture, each is an example of its own.
    """
    found: Tensor | None = None
    count = 0
    targets, index = [], []
    for number, batch in enumerate(stream.batches(1), 1):
        sides = (batch.inputs,) if views is None else views(batch.inputs)
        for side in sides:
            made = compute(side).cpu()
            if found is None:  # laid out once: joining at the end would hold everything twice
                found = torch.empty(len(sides) * stream.samples, made.shape[1])
            found[count : count + len(made)] = made
            count += len(made)
            targets.append(batch.targets.cpu())
            index.append(batch.index.cpu())
        after(number, len(stream))
    assert found is not None, "a stream of no pictures has no features"
    return found, torch.cat(targets), torch.cat(index)


def _nodes(network: Model) -> list[Layer]:
    return [Layer(node.name, node.kind, node.shape, node.weights > 0, node.inputs) for node in network.nodes]


def _submodules(network: nn.Module, input_shape: Sequence[int]) -> list[Layer]:
    """Run one gray picture through a network, and list its innermost modules as they answer."""
    found: list[Layer] = []

    def note(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and all(layer.name != name for layer in found):  # some work twice
                has_weights = next(module.parameters(), None) is not None
                before = (found[-1].name,) if found else ()
                found.append(Layer(name, type(module).__name__, tuple(output.shape[1:]), has_weights, before))

        return hook

    handles = [module.register_forward_hook(note(name)) for name, module in innermost(network)]
    weight = next(network.parameters())
    try:
        with torch.no_grad():
            network(torch.zeros(1, *input_shape, device=weight.device, dtype=weight.dtype))
    finally:
        for handle in handles:
            handle.remove()
    if not found:
        raise UsageError(_("The network has no layers that could be looked into: it is one module."))
    return found


def innermost(network: nn.Module) -> Iterable[tuple[str, nn.Module]]:
    """List the submodules that hold no others, by name."""
    return ((name, module) for name, module in network.named_modules() if name and not list(module.children()))
