"""From raw frames to predicted frames: bytes in, bytes out. Tracks have `track_network.TrackAnswering`."""

from __future__ import annotations

from jaxtyping import UInt8
from torch import Tensor, nn

from axone.tasks.answers import quantize


class FrameAnswering(nn.Module):
    """A network of frames together with the conversion of pixels.

    Args:
        network: A network from frames [N, past, C, H, W] with values from 0 to 1 to frames [N, future, C, H, W].
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.eval()

    def forward(
        self, frames: UInt8[Tensor, "batch past height width channels"]
    ) -> UInt8[Tensor, "batch future height width channels"]:
        """Return the next frames as bytes."""
        return quantize(self.network(frames.permute(0, 1, 4, 2, 3).float() / 255))
