"""A network whose head is replaced by boosted trees once these are trained."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from axone.graph import Model
from axone.tasks.explanation.features import compute_features
from axone.tasks.trees.forest import Forest


class TreesOnFeatures(nn.Module):
    """A convolutional network, and trees on the outputs of one of its layers.

    Args:
        cnn: The network. In training it is all that is computed.
        layer: The name of the layer whose outputs are the features.
        forest: The trees. While it is empty, the network's own head is used at inference too.
    """

    def __init__(self, cnn: Model, layer: str, forest: Forest) -> None:
        super().__init__()
        self.cnn, self.layer, self.forest = cnn, layer, forest

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Any:
        """Return logits [batch, classes]; in training those of every head of the network."""
        if self.training:
            return self.cnn(images)
        return self.forest(self.features(images)) if self.forest.rounds else self.head_logits(images)

    def features(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch features"]:
        """Return the features that the trees read."""
        return compute_features(self.cnn, images, self.layer)

    def head_logits(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch classes"]:
        """Return the logits of the network's own head, the main one where it has several."""
        logits = self.cnn(images)
        return logits[0] if isinstance(logits, tuple) else logits
