"""A network that halves pictures, made fit for pictures of any size."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


class AnySize(nn.Module):
    """Adds to a picture what its sides lack to a multiple of `multiple`, and takes it away from the answer.

    A network that halves its maps so many times, and doubles them again, meets its own shapes on the way back only
    where the sides allow it. The last row and column are repeated: black added to a bright picture would be an edge.
    """

    def __init__(self, network: nn.Module, multiple: int) -> None:
        super().__init__()
        self.network, self.multiple = network, multiple

    def forward(
        self, pictures: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch answers height width"]:
        """Return the network's answer, of the size of the pictures."""
        height, width = pictures.shape[2:]
        below, right = -height % self.multiple, -width % self.multiple
        if below or right:
            pictures = functional.pad(pictures, (0, right, 0, below), mode="replicate")
        return self.network(pictures)[..., :height, :width]
