"""From noise to images: the module that answers for a trained generator, and `generate`, which draws the noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from axone.data.images.normalize import to_unit_range
from axone.errors import UsageError
from axone.graph import Model
from axone.messages import _
from axone.settings import Settings
from axone.tasks.answers import GeneratedImage
from axone.tasks.generation.latents import cycle_classes, sample_latents

BATCH_SIZE = 250


class ImageGenerator(nn.Module):
    """Noise and class indices in, images as bytes out.

    Args:
        network: Maps noise, and class indices if it is conditional, to images from -1 to 1.
    """

    def __init__(self, network: Model) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, noise: Float[Tensor, "batch latent"], labels: Int64[Tensor, " batch"]
    ) -> UInt8[Tensor, "batch height width channels"]:
        """Generate one image per row of noise. A generator without classes ignores the labels."""
        images = self.network(*select_inputs(self.network, noise, labels))  # [batch, channels, height, width]
        return to_unit_range(images).movedim(1, -1).clamp(0, 1).mul(255).round().to(torch.uint8)


def answering(network: nn.Module, settings: Settings, facts: Mapping[str, Any]) -> ImageGenerator:
    """Return the module that answers for a trained generator, in evaluation mode."""
    return ImageGenerator(require_model(network)).eval()


def select_inputs(network: nn.Module, first: Tensor, labels: Int64[Tensor, " batch"]) -> list[Tensor]:
    """Return the inputs of a generator or discriminator: noise or images, and the labels if it is conditional."""
    return [first, labels[:, None]] if is_conditional(network) else [first]


def is_conditional(network: nn.Module) -> bool:
    """Return whether a generator or discriminator has the class as a second input."""
    return len(require_model(network).input_names) == 2


def latent_size(network: nn.Module) -> int:
    """Return the number of latent values that a generator starts from."""
    return require_model(network).input_shapes[0][0]


def require_model(network: nn.Module) -> Model:
    """Return the network itself. Raises TypeError if it is not a graph, whose inputs can be asked for."""
    if not isinstance(network, Model):
        raise TypeError(f"expected an axone.graph.Model, got {type(network).__name__}")
    return network


@torch.inference_mode()
def generate_images(
    network: nn.Module, latents: Float[Tensor, "images latent"], labels: Int64[Tensor, " images"]
) -> UInt8[Tensor, "images height width channels"]:
    """Generate one image per latent vector, in batches; the result is on the CPU.

    The network is used in the mode that it is in: put it into evaluation mode first.
    """
    model = ImageGenerator(require_model(network))
    device = next(network.parameters()).device
    images = [
        model(noise.to(device), classes.to(device)).cpu()
        for noise, classes in zip(latents.split(BATCH_SIZE), labels.split(BATCH_SIZE), strict=True)
    ]
    return torch.cat(images)


def generate(
    network: nn.Module, settings: Settings, facts: Mapping[str, Any], *, count: int, label: str | None, seed: int
) -> Iterator[GeneratedImage]:
    """Generate images of one class, or of all classes in turn.

    The noise of image k depends on the seed and k alone, whatever the count.

    Raises:
        UsageError: A class was asked for, and the generator was trained without classes.
    """
    names, conditional = facts["classes"], is_conditional(network)
    if label is not None and not conditional:
        raise UsageError(
            _("This generator was trained without classes: it cannot generate '{label}' on request.", label=label),
            hint=_("type the command without --class"),
        )
    labels = cycle_classes(count, len(names)) if label is None else torch.full((count,), names.index(label))
    images = generate_images(network.eval(), sample_latents(count, latent_size(network), seed), labels)
    for pixels, number in zip(images, labels.tolist(), strict=True):
        yield GeneratedImage(pixels.numpy(), names[number] if conditional else "")
