"""From images of one domain to the other: the module that answers, and `predict`, which reads files for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from axone.data.images.normalize import Normalize, to_unit_range
from axone.errors import DataError, UsageError
from axone.messages import _
from axone.settings import Settings
from axone.tasks.answers import GeneratedImage
from axone.tasks.batched import answer_in_batches
from axone.tasks.images.inputs import InputImage, load_image
from axone.tasks.images.inputs import read_inputs as read_images
from axone.tasks.images.splits import EVAL_BATCH_SIZE

REVERSE = "reverse"

Images = Float[Tensor, "batch channels height width"]


class Translator(nn.Module):
    """Two generators, one for each direction; a call translates from the source to the target domain."""

    def __init__(self, source_to_target: nn.Module, target_to_source: nn.Module) -> None:
        super().__init__()
        self.source_to_target, self.target_to_source = source_to_target, target_to_source

    def forward(self, images: Images) -> Images:
        """Translate source images with values from -1 to 1."""
        return self.source_to_target(images)


class ImageTranslator(nn.Module):
    """Images as bytes in, translated images as bytes out.

    Args:
        generator: Maps images from -1 to 1 to images from -1 to 1.
        facts: The facts of the run: `input`, `mean` and `std`.
    """

    def __init__(self, generator: nn.Module, facts: Mapping[str, Any]) -> None:
        super().__init__()
        channels, height, width = facts["input"]
        self.generator = generator
        self.normalize = Normalize((height, width, channels), facts["mean"], facts["std"])

    def forward(
        self, images: UInt8[Tensor, "batch height width channels"]
    ) -> UInt8[Tensor, "batch height width channels"]:
        """Translate a batch of images."""
        translated = self.generator(self.normalize(images))  # [batch, channels, height, width]
        return to_unit_range(translated).movedim(1, -1).clamp(0, 1).mul(255).round().to(torch.uint8)


def answering(
    network: nn.Module, settings: Settings, facts: Mapping[str, Any], *, reverse: bool = False
) -> ImageTranslator:
    """Return the module that answers for a trained `Translator`, on its device and in evaluation mode.

    It translates from the source to the target domain, or the other way if `reverse`.
    """
    translator = require_translator(network)
    generator = translator.target_to_source if reverse else translator.source_to_target
    return ImageTranslator(generator, facts).to(next(network.parameters()).device).eval()


def require_translator(network: nn.Module) -> Translator:
    """Return the network itself. Raises TypeError if it is not a `Translator`."""
    if not isinstance(network, Translator):
        raise TypeError(f"expected a Translator, got {type(network).__name__}")
    return network


@dataclass(frozen=True)
class ReverseInput:
    """An image to translate in the other direction, from the target to the source domain."""

    image: Any


def read_inputs(value: Any, facts: Mapping[str, Any]) -> tuple[list[Any], bool] | None:
    """Read `reverse=FILE`, `reverse=FOLDER` and {"reverse": images}; return None for any other input.

    Returns:
        The inputs, and whether there is a single one.

    Raises:
        UsageError: The mapping has other keys.
    """
    if isinstance(value, str) and value.startswith(f"{REVERSE}="):
        value = {REVERSE: value.removeprefix(f"{REVERSE}=")}
    if not isinstance(value, Mapping):
        return None
    if set(value) != {REVERSE}:
        raise UsageError(
            _("'{name}' is not a known input.", name=", ".join(map(str, value))),
            expected=_("expected an image, or reverse=IMAGE to translate in the other direction"),
        )
    images, single = read_images(value[REVERSE], facts)
    return [ReverseInput(image) for image in images], single


def predict(
    network: nn.Module, settings: Settings, facts: Mapping[str, Any], inputs: Sequence[Any]
) -> list[GeneratedImage | DataError]:
    """Translate images, at the size that the network was trained for.

    A file or an array that cannot be used gets its error, in its place.
    """
    models = {reverse: answering(network, settings, facts, reverse=reverse) for reverse in (False, True)}

    target_facts = {**facts, "scale": facts.get("target_scale")}

    def read(item: Any) -> tuple[bool, InputImage]:
        if isinstance(item, ReverseInput):
            return True, load_image(item.image, target_facts)
        return False, load_image(item, facts)

    def answer(batch: list[tuple[bool, InputImage]]) -> Iterable[GeneratedImage]:
        translated: dict[int, np.ndarray] = {}
        for direction, model in models.items():
            rows = [row for row, (reverse, _image) in enumerate(batch) if reverse == direction]
            if rows:
                images = torch.from_numpy(np.stack([batch[row][1].pixels for row in rows]))
                with torch.inference_mode():
                    outputs = model(images.to(model.normalize.scale.device)).cpu().numpy()
                translated |= dict(zip(rows, outputs, strict=True))
        return [GeneratedImage(translated[row], note=image.note) for row, (_reverse, image) in enumerate(batch)]

    return answer_in_batches(inputs, read, answer, EVAL_BATCH_SIZE)
