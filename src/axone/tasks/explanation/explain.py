"""Why a network named a picture as it did: three views of its pixels, its maps, and the training pictures like it.

`Explainer` asks one trained image classifier; an `Explanation` is its answer, as arrays and as pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor, nn

from axone.data.images.stream import ImageStream, normalize
from axone.engine.experiment import Experiment
from axone.errors import DataError, ResourceError, RunError, UsageError, closest
from axone.graph import Model
from axone.messages import _
from axone.numbers import percent
from axone.tasks.classification.image_classification import predict
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.explanation import attribution
from axone.tasks.explanation.features import Layers, answers, features
from axone.tasks.explanation.figures import as_map, maps_sheet, neighbors_sheet, side_by_side
from axone.tasks.explanation.neighbors import Album, Neighbor
from axone.tasks.images.splits import pixels_of

PATCHES = 7  # squares of occlusion that stand side by side across a picture


@dataclass(frozen=True)
class Explanation:
    """Why a class: arrays over the pixels (red in the pictures: above zero), and what a person looks at.

    `grad_cam` is the gain of the logit by place, `occlusion` the probability lost when a place is hidden,
    `integrated_gradients` the share of each number of the picture in the logit above that of a black picture, and
    `missing` what these shares lack of it. None: the network has no such thing (no maps, no gradients).
    """

    pixels: UInt8[np.ndarray, "height width channels"]  # as the network got them
    label: str  # the class that is explained
    probability: float  # of that class
    predicted: str  # the likeliest class
    grad_cam: Float[np.ndarray, "height width"] | None
    occlusion: Float[np.ndarray, "height width"]
    integrated_gradients: Float[np.ndarray, "height width channels"] | None
    missing: float | None
    layer: str | None  # whose maps these are
    maps: Float[np.ndarray, "maps map_height map_width"] | None
    nearest: tuple[Neighbor, ...]
    notes: tuple[str, ...]  # what could not be done, and why

    def picture(self) -> Image.Image:
        """Draw the picture and, beside it, what each method says about its pixels."""
        heats = {_("Grad-CAM"): self.grad_cam, _("occlusion"): self.occlusion}
        if self.integrated_gradients is not None:
            heats[_("integrated gradients")] = self.integrated_gradients.sum(axis=2)
        caption = f"{self.label}\n{percent(self.probability, 1)}"
        return side_by_side(self.pixels, {name: heat for name, heat in heats.items() if heat is not None}, caption)

    def pictures(self) -> dict[str, Image.Image]:
        """Draw all there is: "pixels", "maps" and "nearest"."""
        found = {"pixels": self.picture()}
        if self.maps is not None:
            found["maps"] = maps_sheet(self.maps)
        if self.nearest:
            found["nearest"] = neighbors_sheet(list(self.nearest))
        return found


class Explainer:
    """Asks one trained image classifier why.

    `rebuild` makes the run's experiment again, when the training pictures are first wanted. Where a network is a
    graph with something behind it that has no gradients (trees), the graph's own answers are explained, and said
    to be; occlusion always asks the whole.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: ImageClassificationSettings,
        facts: dict[str, Any],
        rebuild: Callable[[], Experiment],
    ) -> None:
        self.network, self.settings, self.facts, self.rebuild = network, settings, facts, rebuild
        self.device = next(network.parameters()).device

    def __call__(
        self, given: str | Path | np.ndarray | Tensor, *, label: str | None = None, layer: str | None = None,
        nearest: int = 8,
    ) -> Explanation:  # fmt: skip
        """Explain a picture's likeliest class, or `label`; show the maps of `layer`, or of the last that has some.

        Raises UsageError for an unknown class or layer, DataError for what is no picture.
        """
        shown = self.layers.require(layer) if layer else None
        target = None if label is None else self._class(label)
        pixels = pixels_of(given, self.facts)
        (answer,) = predict(self.network, self.settings, self.facts, [pixels])
        if isinstance(answer, DataError):
            raise answer
        classes = self.facts["classes"]
        target = classes.index(answer.label) if target is None else target
        picture = self._normalized(pixels)
        notes: list[str] = []
        where = shown.name if shown and shown.has_maps else self.layers.last_maps
        heat, parts, missing = None, None, None
        if self._has_gradients:
            if where is not None:
                heat = _array(attribution.grad_cam(self.subject, picture, target, where))
            parts, missing = attribution.integrated_gradients(self._logits, picture, target, self._black())
            if self.subject is not self.network:
                notes.append(_("Gradients are those of the network below the trees; trees have none."))
        else:
            notes.append(_("The answer has no gradients: Grad-CAM and integrated gradients are left out."))
        patch = max(1, round(min(pixels.shape[:2]) / PATCHES))
        hidden = attribution.occlusion(self._chances, picture, target, patch=patch, stride=max(1, patch // 2))
        named = shown.name if shown else self.layers.last_maps
        return Explanation(
            pixels, classes[target], answer.probabilities[classes[target]], answer.label,
            grad_cam=heat,
            occlusion=_array(hidden),
            integrated_gradients=None if parts is None else _array(parts.permute(1, 2, 0)),
            missing=missing,
            layer=named,
            maps=self._maps(picture, named) if named else None,
            nearest=tuple(self._nearest(picture, nearest, notes)),
            notes=tuple(notes),
        )  # fmt: skip

    @cached_property
    def subject(self) -> nn.Module:
        """What is looked into: the network, or the graph inside one that has no gradients."""
        with torch.enable_grad():
            smooth = self.network(self._black().requires_grad_()).requires_grad
        graph = next((part for part in self.network.modules() if isinstance(part, Model)), None)
        return self.network if smooth or graph is None else graph

    @cached_property
    def layers(self) -> Layers:
        """The layers of what is looked into."""
        return Layers(self.subject, self.facts["input"])

    @cached_property
    def album(self) -> Album | str:
        """The training pictures in the space of the last features, or why they cannot be had."""
        try:
            made = self.rebuild()
        except (DataError, ResourceError, RunError) as error:
            return _("No nearest training pictures: {reason}", reason=error.what)
        if made.facts.get("fingerprint") != self.facts.get("fingerprint"):
            return _("No nearest training pictures: the data are not those that this run was trained on.")
        assert isinstance(made.train, ImageStream)
        stream = made.train.to(self.device)
        return Album.collect(self.subject, self.layers.before_the_head, stream, self.facts["classes"])

    @cached_property
    def _has_gradients(self) -> bool:
        """Whether what is looked into answers with our classes, in a way that gradients can go back."""
        with torch.enable_grad():
            logits = self._logits(self._black().requires_grad_())
        return logits.requires_grad and logits.shape[1] == len(self.facts["classes"])

    def _class(self, label: str) -> int:
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

    def _normalized(self, pixels: UInt8[np.ndarray, "height width channels"]) -> Float[Tensor, "1 channels h w"]:
        return normalize(torch.from_numpy(pixels[None]).to(self.device), self.facts["mean"], self.facts["std"])

    def _black(self) -> Float[Tensor, "1 channels h w"]:
        channels, height, width = self.facts["input"]
        return self._normalized(np.zeros((height, width, channels), np.uint8))

    def _logits(self, pictures: Tensor) -> Tensor:
        return answers(self.subject, pictures, [])[0]

    def _chances(self, pictures: Tensor) -> Tensor:
        return self.network(pictures).float().softmax(1)

    @torch.no_grad()
    def _maps(self, picture: Tensor, layer: str) -> Float[np.ndarray, "maps map_height map_width"]:
        found = answers(self.subject, picture, [layer])[1][layer][0]
        return _array(found) if found.ndim == 3 else as_map(_array(found.flatten()))

    def _nearest(self, picture: Tensor, count: int, notes: list[str]) -> list[Neighbor]:
        if count < 1:
            return []
        if isinstance(self.album, str):
            notes.append(self.album)
            return []
        with torch.inference_mode():
            vector = features(self.subject, picture, self.layers.before_the_head)[0]
        return self.album.nearest(vector, count)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()
