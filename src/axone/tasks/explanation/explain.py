"""Why a network chose a class for an image: heat maps over its pixels, feature maps, and similar training images.

An `Explainer` explains the answers of one trained image classifier; an `Explanation` holds the arrays and draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor, nn

from axone.data.images.in_memory.item import ImageInput
from axone.data.images.stream import ImageStream
from axone.engine.experiment import Experiment
from axone.errors import DataError, ResourceError, RunError, UsageError, closest
from axone.graph import Model
from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.classification.predict import answering
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.explanation import attribution
from axone.tasks.explanation.features import Layers, compute_activations, compute_features
from axone.tasks.explanation.figures import arrange_units, draw_explanation, draw_feature_maps, draw_neighbors
from axone.tasks.explanation.neighbors import FeatureIndex, Neighbor
from axone.tasks.images.inputs import load_image

PATCHES = 7  # occluding squares along the shorter side of an image


@dataclass(frozen=True)
class Explanation:
    """Why a class: arrays over the pixels (positive: for the class), and figures of them.

    An attribute is None where the network does not allow it: no feature maps, or no gradients.
    """

    pixels: UInt8[np.ndarray, "height width channels"]  # as the network reads them
    label: str  # the class that is explained
    probability: float  # of that class
    predicted: str  # the likeliest class
    grad_cam: Float[np.ndarray, "height width"] | None  # where the feature maps raise the logit
    occlusion: Float[np.ndarray, "height width"]  # probability lost where a gray square hides the image
    integrated_gradients: Float[np.ndarray, "height width channels"] | None  # share of the logit, relative to black
    residual: float | None  # by which the integrated gradients miss the difference of the logits
    layer: str | None  # the layer of `maps`
    maps: Float[np.ndarray, "maps map_height map_width"] | None
    nearest: tuple[Neighbor, ...]
    notes: tuple[str, ...]  # what was not possible, and why

    def figure(self) -> Image.Image:
        """Draw the image and, next to it, the heat map of each method."""
        heat_maps = {_("Grad-CAM"): self.grad_cam, _("occlusion"): self.occlusion}
        if self.integrated_gradients is not None:
            heat_maps[_("integrated gradients")] = self.integrated_gradients.sum(axis=2)
        caption = f"{self.label}\n{format_percent(self.probability, 1)}"
        available = {name: heat for name, heat in heat_maps.items() if heat is not None}
        return draw_explanation(self.pixels, available, caption)

    def figures(self) -> dict[str, Image.Image]:
        """Draw all figures by name: "pixels", "maps" and "nearest"."""
        figures = {"pixels": self.figure()}
        if self.maps is not None:
            figures["maps"] = draw_feature_maps(self.maps)
        if self.nearest:
            figures["nearest"] = draw_neighbors(list(self.nearest))
        return figures


class Explainer:
    """Explains the answers of one trained image classifier.

    Where the network has no gradients but contains a graph that does (boosted trees on a network's features), the
    gradients and feature maps are those of the graph, and a note says so. Occlusion always uses the whole network.

    Args:
        network: The trained network.
        settings: The settings of the run.
        facts: The facts of the run.
        build: Builds the run's experiment again. It is called once, when training images are first searched.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: ImageClassificationSettings,
        facts: Mapping[str, Any],
        build: Callable[[], Experiment],
    ) -> None:
        self.network, self.facts, self.build = network, facts, build
        self.model = answering(network, settings, facts)
        self.device = next(network.parameters()).device

    def explain(
        self,
        image: ImageInput,
        *,
        label: str | None = None,
        layer: str | None = None,
        nearest: int = 8,
    ) -> Explanation:
        """Explain one class of one image.

        Args:
            image: A path, an array or an image of Pillow, as `predict` takes it.
            label: The class to explain; None: the likeliest.
            layer: The layer whose feature maps are returned; None: the last one that has some.
            nearest: The number of similar training images.

        Raises UsageError for an unknown class or layer, DataError for a file or an array that is not an image.
        """
        chosen = self.layers.find(layer) if layer else None
        target = None if label is None else self._class_index(label)
        pixels, note = load_image(image, self.facts)
        classes = self.facts["classes"]
        images = torch.from_numpy(pixels[None]).to(self.device)  # [1, height, width, channels]
        with torch.inference_mode():
            probabilities = self.model(images)[0].cpu()  # [classes]
        likeliest = int(probabilities.argmax())
        target = likeliest if target is None else target
        inputs = self.model.normalize(images)  # [1, channels, height, width]
        notes = [note] if note else []
        grad_cam, contributions, residual = self._compute_gradients(inputs, target, layer, notes)
        patch = max(1, round(min(pixels.shape[:2]) / PATCHES))
        occlusion = attribution.occlusion(self._probabilities, inputs, target, patch=patch, stride=max(1, patch // 2))
        maps_layer = chosen.name if chosen else self.layers.last_maps
        return Explanation(
            pixels,
            classes[target],
            float(probabilities[target]),
            classes[likeliest],
            grad_cam=None if grad_cam is None else _to_array(grad_cam),
            occlusion=_to_array(occlusion),
            integrated_gradients=None if contributions is None else _to_array(contributions.permute(1, 2, 0)),
            residual=residual,
            layer=maps_layer,
            maps=self._compute_maps(inputs, maps_layer) if maps_layer else None,
            nearest=tuple(self._find_nearest(inputs, nearest, notes)),
            notes=tuple(notes),
        )

    @cached_property
    def inner_network(self) -> nn.Module:
        """The network, or the graph inside a network that has no gradients."""
        with torch.enable_grad():
            has_gradients = self.network(self._black_image().requires_grad_()).requires_grad
        graph = next((module for module in self.network.modules() if isinstance(module, Model)), None)
        return self.network if has_gradients or graph is None else graph

    @cached_property
    def layers(self) -> Layers:
        """The layers of the inner network."""
        return Layers(self.inner_network, self.facts["input"])

    @cached_property
    def index(self) -> FeatureIndex | str:
        """The training images by the features of the penultimate layer, or why they are not available."""
        try:
            experiment = self.build()
        except (DataError, ResourceError, RunError) as error:
            return _("No nearest training images: {reason}", reason=error.what)
        if experiment.facts.get("fingerprint") != self.facts.get("fingerprint"):
            return _("No nearest training images: the data are not those on which this run was trained.")
        assert isinstance(experiment.train, ImageStream)
        stream = experiment.train.to(self.device)
        return FeatureIndex.build(self.inner_network, self.layers.penultimate, stream, self.facts["classes"])

    @cached_property
    def has_gradients(self) -> bool:
        """Whether the inner network has a logit for each class of the run, with gradients."""
        with torch.enable_grad():
            logits = self._logits(self._black_image().requires_grad_())
        return logits.requires_grad and logits.shape[1] == len(self.facts["classes"])

    def _compute_gradients(
        self, inputs: Tensor, target: int, layer: str | None, notes: list[str]
    ) -> tuple[Tensor | None, Tensor | None, float | None]:
        """Return Grad-CAM, integrated gradients and their residual; add notes on what is missing."""
        if not self.has_gradients:
            notes.append(_("The network has no gradients: Grad-CAM and integrated gradients are left out."))
            return None, None, None
        heat = None
        cam_layer = layer if layer and self.layers.find(layer).has_maps else self.layers.last_maps
        if cam_layer is not None:
            heat = attribution.grad_cam(self.inner_network, inputs, target, cam_layer)
        contributions, residual = attribution.integrated_gradients(self._logits, inputs, target, self._black_image())
        if self.inner_network is not self.network:
            notes.append(_("Gradients are those of the network below the trees; trees have none."))
        return heat, contributions, residual

    def _class_index(self, label: str) -> int:
        classes: list[str] = self.facts["classes"]
        if label not in classes:
            names = {name.lower(): name for name in classes}
            near = closest(label, names)
            raise UsageError(
                _("There is no class '{name}'.", name=label)
                + (" " + _("Did you mean '{near}'?", near=names[near]) if near else ""),
                expected=_("expected one of: {choices}", choices=", ".join(classes[:100])),
            )
        return classes.index(label)

    def _black_image(self) -> Float[Tensor, "1 channels height width"]:
        channels, height, width = self.facts["input"]
        return self.model.normalize(torch.zeros(1, height, width, channels, dtype=torch.uint8, device=self.device))

    def _logits(self, inputs: Tensor) -> Float[Tensor, "batch classes"]:
        return compute_activations(self.inner_network, inputs, [])[0]

    def _probabilities(self, inputs: Tensor) -> Float[Tensor, "batch classes"]:
        return self.network(inputs).float().softmax(1)

    @torch.no_grad()
    def _compute_maps(self, inputs: Tensor, layer: str) -> Float[np.ndarray, "maps map_height map_width"]:
        output = compute_activations(self.inner_network, inputs, [layer])[1][layer][0]
        return _to_array(output) if output.ndim == 3 else arrange_units(_to_array(output.flatten()))

    def _find_nearest(self, inputs: Tensor, count: int, notes: list[str]) -> list[Neighbor]:
        if count < 1:
            return []
        if isinstance(self.index, str):
            notes.append(self.index)
            return []
        with torch.inference_mode():
            features = compute_features(self.inner_network, inputs, self.layers.penultimate)[0]
        return self.index.find_nearest(features, count)


def _to_array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()
