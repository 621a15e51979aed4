"""How the stages of a network learn: how fast each, and from which epoch on.

A network that begins with weights from elsewhere knows edges and textures already, in the stages near its input;
what is new is the last. So the head learns first, stages join it one by one (progressive unfreezing), and a stage
learns the more slowly the nearer it lies to the input (discriminative learning rates). Both from Howard and Ruder
2018, "Universal Language Model Fine-tuning for Text Classification", arXiv:1801.06146, sections 3.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class LayerGroups:
    """The stages of a network, from its input to its head, and how they learn.

    `modules` names the submodules of each stage. A stage learns `decay` times as fast as the one behind it. With
    `frozen` the last one learns alone, for ever, or, with `unfreeze_every`, until each so many epochs one more joins.
    """

    modules: Sequence[Sequence[str]]
    decay: float = 1.0
    frozen: bool = False
    unfreeze_every: int = 0

    def of(self, parameter: str) -> int:
        """Return the number of the stage to which a parameter belongs. Raises ValueError when it is in none."""
        for number, names in enumerate(self.modules):
            if any(parameter.startswith(name + ".") for name in names):
                return number
        raise ValueError(f"{parameter} is in none of the stages {self.modules}")

    def factor(self, number: int) -> float:
        """Return the share of the learning rate with which a stage learns."""
        return self.decay ** (len(self.modules) - 1 - number)

    def first_learning(self, epoch: int) -> int:
        """Return the number of the first stage that learns in an epoch (counted from 1); those behind it do too."""
        if not self.frozen:
            return 0
        joined = (epoch - 1) // self.unfreeze_every if self.unfreeze_every else 0
        return max(0, len(self.modules) - 1 - joined)

    def begin_epoch(self, network: nn.Module, epoch: int) -> None:
        """Let the parameters of an epoch learn, and no others: autograd stops where the frozen stages begin."""
        first = self.first_learning(epoch)
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(self.of(name) >= first)

    def rest(self, network: nn.Module, epoch: int) -> None:
        """Set the frozen stages to be used as they are: their norms keep the running means that they have."""
        for names in self.modules[: self.first_learning(epoch)]:
            for name in names:
                network.get_submodule(name).eval()
