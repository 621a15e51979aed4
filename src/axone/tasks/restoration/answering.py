"""A denoiser as a module that restores raw images: `predict`, evaluation and exports compute the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaxtyping import Float, UInt8
from torch import Tensor, nn

from axone.tasks.restoration.noise_scaled import NoiseScaled, estimate_noise_level
from axone.tasks.restoration.self_ensemble import average_views
from axone.tasks.restoration.settings import RestorationSettings

Images = Float[Tensor, "batch channels height width"]  # pixels from 0 to 1
Levels = Float[Tensor, " planes"]


class RestorationAnswering(nn.Module):
    """Raw images -> restored images, of any height and width, gray or RGB whatever the network was trained on.

    A network for gray images restores each color channel by itself. One for RGB images gets a gray image in all three
    channels, and the mean of its three outputs is taken.

    Args:
        network: A trained network, for images of `channels` channels.
        channels: 1 (gray) or 3 (RGB).
        views: The number of views that are averaged.
    """

    def __init__(self, network: nn.Module, channels: int, views: int = 1) -> None:
        super().__init__()
        self.network, self.channels, self.views = network, channels, views
        self.eval()

    def forward(
        self,
        images: UInt8[Tensor, "batch height width colors"] | Float[Tensor, "batch height width colors"],
    ) -> Float[Tensor, "batch height width colors"]:
        """Return the restored images, with pixels from 0 to 1.

        Args:
            images: Bytes, or numbers from 0 to 1, with 1 or 3 channels.
        """
        pixels = images if images.is_floating_point() else images.float() / 255
        pixels = pixels.movedim(-1, 1)  # [B, C, H, W]
        restored = self.restore(pixels, self.estimate_levels(pixels))
        return restored.movedim(1, -1).clamp(0, 1)

    def estimate_levels(self, images: Images) -> Levels | None:
        """Return the noise level of each image (of each channel, for a gray network); None if the network uses none."""
        return estimate_noise_level(self._to_planes(images)) if isinstance(self.network, NoiseScaled) else None

    def restore(self, images: Images, levels: Levels | None) -> Images:
        """Restore images, or tiles of images whose `levels` were estimated as a whole, without clamping."""

        def restore_view(view: Images) -> Images:
            planes = self._to_planes(view)
            restored = self.network(planes) if levels is None else self.network(planes, level=levels)
            return self._from_planes(restored, view)

        return average_views(restore_view, images, self.views)

    def _to_planes(self, images: Images) -> Float[Tensor, "planes depth height width"]:
        """Return images with the channels of the network."""
        colors = images.shape[1]
        if colors == self.channels:
            return images
        return images.flatten(0, 1)[:, None] if self.channels == 1 else images.expand(-1, self.channels, -1, -1)

    def _from_planes(self, planes: Float[Tensor, "planes depth height width"], images: Images) -> Images:
        colors = images.shape[1]
        if colors == self.channels:
            return planes
        return planes.unflatten(0, (-1, colors))[:, :, 0] if self.channels == 1 else planes.mean(1, keepdim=True)


def answering(network: nn.Module, settings: RestorationSettings, facts: Mapping[str, Any]) -> RestorationAnswering:
    """Return the module that restores raw images, with as many views as the settings say."""
    return RestorationAnswering(network, int(facts["input"][0]), settings.views)
