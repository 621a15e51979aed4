"""The networks of all members of a training: what a run saves, and what one policy is taken from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.graph import Model
from axone.tasks.control.networks.ensemble import Ensemble
from axone.tasks.control.networks.moments import RunningMoments

Memory = dict[str, Tensor]  # the state of recurrent layers, [members, copies, layers, units]; empty without any


class ControlNetwork(nn.Module):
    """An ensemble whose observations may be normalized, and the member that is used after the training.

    The best member is that with the highest mean return of the greedy episodes after an epoch: the best one of all, or
    where members have best epochs of their own (`best_members.py`), after these. `axone predict`, `play` and `export`
    use it.

    Args:
        members: The network of each member: a dict with "observation" -> a dict of outputs.
        shape: The shape of an observation.
        normalize: Whether observations are normalized by their running mean and variance.
        deviations: The number of standard deviations of a Gaussian policy that are learned; 0: none.
    """

    best: Tensor

    def __init__(
        self, members: Sequence[Model], shape: Sequence[int], *, normalize: bool = False, deviations: int = 0
    ) -> None:
        super().__init__()
        self.ensemble = Ensemble(members)
        self.moments = RunningMoments(len(members), shape) if normalize else None
        self.log_deviation = nn.Parameter(torch.zeros(len(members), deviations)) if deviations else None
        self.register_buffer("best", torch.zeros((), dtype=torch.int64))

    @property
    def size(self) -> int:
        """The number of members."""
        return self.ensemble.size

    def forward(
        self, observations: Float[Tensor, "members batch ..."], further: Mapping[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """Return the outputs of each member on its own observations; `further` are other inputs by name."""
        if self.moments is not None:
            observations = self.moments(observations)
        return self.ensemble({"observation": observations, **(further or {})})


class MemberNetwork(nn.Module):
    """One member, as an ordinary module: observations [N, ...] as the world gives them -> its outputs."""

    def __init__(self, network: ControlNetwork, number: int | None = None) -> None:
        super().__init__()
        number = int(network.best) if number is None else number
        self.network = network.ensemble.member(number)
        self.moments: RunningMoments | None = None
        if network.moments is not None:
            self.moments = RunningMoments(1, network.moments.mean.shape[1:])
            self.moments.load_state_dict(
                {name: values[number : number + 1] if values.ndim else values
                 for name, values in network.moments.state_dict().items()}
            )  # fmt: skip

    def forward(self, observations: Float[Tensor, "batch ..."], **further: Tensor) -> dict[str, Tensor]:
        """Return the outputs, by name."""
        if self.moments is not None:
            observations = self.moments(observations[None])[0]
        outputs: dict[str, Tensor] = self.network({"observation": observations, **further})
        return outputs
