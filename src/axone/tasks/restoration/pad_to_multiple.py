"""Padding around a network that halves its feature maps, so that it accepts images of any size."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


class PadToMultiple(nn.Module):
    """Pads images until height and width are divisible by `multiple`, and crops the output to the original size.

    An encoder-decoder network that halves its maps k times and doubles them k times returns maps of the input's size
    only where the sides are multiples of 2^k. The last row and column are repeated: zeros next to a bright image
    would create an edge.
    """

    def __init__(self, network: nn.Module, multiple: int) -> None:
        super().__init__()
        self.network, self.multiple = network, multiple

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch outputs height width"]:
        """Return the network's output, with the height and width of the images."""
        height, width = images.shape[2:]
        bottom, right = -height % self.multiple, -width % self.multiple
        if bottom or right:
            images = functional.pad(images, (0, right, 0, bottom), mode="replicate")
        return self.network(images)[..., :height, :width]
