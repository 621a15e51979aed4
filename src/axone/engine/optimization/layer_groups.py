"""Layer groups of a network: how fast each learns, and from which epoch on.

A network with pretrained weights already detects edges and textures in the layers near its input; its head is new.
So the head learns first, other groups are unfrozen one by one (progressive unfreezing), and a group learns more
slowly the nearer it is to the input (discriminative learning rates). Both are from Howard and Ruder 2018, "Universal
Language Model Fine-tuning for Text Classification", arXiv:1801.06146, sections 3.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class LayerGroups:
    """The layer groups of a network, from its input to its head, and how they learn.

    Args:
        modules: The names of the submodules of each group.
        decay: The learning rate of a group as a share of the next group's.
        frozen: Only the last group learns, at first.
        unfreeze_every: With `frozen`, the number of epochs after which one more group learns; 0: never.
    """

    modules: Sequence[Sequence[str]]
    decay: float = 1.0
    frozen: bool = False
    unfreeze_every: int = 0

    def of(self, parameter: str) -> int:
        """Return the number of the group that holds a parameter. Raises ValueError when none does."""
        for number, names in enumerate(self.modules):
            if any(parameter.startswith(name + ".") for name in names):
                return number
        raise ValueError(f"{parameter} is in none of the layer groups {self.modules}")

    def factor(self, number: int) -> float:
        """Return the learning rate of a group as a share of the head's."""
        return self.decay ** (len(self.modules) - 1 - number)

    def first_trainable(self, epoch: int) -> int:
        """Return the number of the first group that learns in an epoch (counted from 1); all later ones learn too."""
        if not self.frozen:
            return 0
        unfrozen = (epoch - 1) // self.unfreeze_every if self.unfreeze_every else 0
        return max(0, len(self.modules) - 1 - unfrozen)

    def begin_epoch(self, network: nn.Module, epoch: int) -> None:
        """Make the parameters trainable that learn in an epoch; autograd stops where the frozen groups begin."""
        first = self.first_trainable(epoch)
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(self.of(name) >= first)

    def freeze_statistics(self, network: nn.Module, epoch: int) -> None:
        """Put the frozen groups in evaluation mode, so that their norms keep their running statistics."""
        for names in self.modules[: self.first_trainable(epoch)]:
            for name in names:
                network.get_submodule(name).eval()
