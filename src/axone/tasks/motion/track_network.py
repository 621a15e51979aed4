"""From raw positions to the input of a trajectory network, and from its output to positions.

The network sees, at each step, the standardized velocity, the standardized coordinates that `positions` names, and of
each of the nearest things its position relative to the thing and whether it is there. Its output is added to the
straight line, in units of the mean error of the straight line at that step: with the last layer at zero, training
begins at that baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.trajectories.windows import TrackBatch
from axone.tasks.motion.baselines import choose_velocity_steps, displacement, go_straight

AXES = {"both": (0, 1), "x": (0,), "y": (1,), "none": ()}
TRUST = "trust"  # the buffer of the network with the share of its output that is added at each step
CANDIDATES = (0.0, 0.25, 0.5, 0.75, 1.0)  # among which the shares are chosen


def count_features(positions: str, neighbors: int) -> int:
    """Return the number of features of a step."""
    return 2 + len(AXES[positions]) + 3 * neighbors


def measure_tracks(batch: TrackBatch) -> dict[str, Any]:
    """Return what the network needs to know of the training windows, as facts.

    Returns:
        `velocity_steps` of the straight line; mean and standard deviation of velocity and position by axis; the root
        mean square of the distances to neighbors; the root mean square error of the straight line by step and axis;
        and the mean distance of the straight line from the true positions.
    """
    past, future = batch.past, batch.future
    steps = choose_velocity_steps(past, future)
    residual = future - go_straight(past, future.shape[1], steps)
    velocity, relative = past.diff(dim=1), batch.nearby - past[:, :, None]
    near = relative[~relative.isnan()].square().mean().sqrt() if (~relative.isnan()).any() else torch.tensor(1.0)
    return {
        "velocity_steps": steps,
        "velocity": _mean_and_std(velocity),
        "position": _mean_and_std(past),
        "nearby_scale": float(near) or 1.0,
        "residual_scale": residual.square().mean(0).sqrt().tolist(),
        "straight_error": float(residual.norm(dim=-1).mean()),
    }


def _mean_and_std(values: Float[Tensor, "batch steps 2"]) -> dict[str, list[float]]:
    flat = values.reshape(-1, 2)
    std = flat.std(0, correction=0)
    return {"mean": flat.mean(0).tolist(), "std": torch.where(std > 0, std, 1.0).tolist()}


class TrackAnswering(nn.Module):
    """A trajectory network together with its features and its baseline.

    Args:
        network: A network from features [N, past - 1, F] to corrections [N, future, 2], with a buffer `trust`.
        facts: As `measure_tracks` returns them under "tracks", and the settings `positions` and `future`.
    """

    velocity_mean: Tensor
    velocity_std: Tensor
    position_mean: Tensor
    position_std: Tensor
    residual_scale: Tensor

    def __init__(self, network: nn.Module, facts: Mapping[str, Any]) -> None:
        super().__init__()
        known = facts["tracks"]
        self.network, self.future, self.steps = network, int(facts["future"]), int(known["velocity_steps"])
        self.axes = AXES[facts["positions"]]
        self.nearby_scale = float(known["nearby_scale"])
        numbers = {
            "velocity_mean": known["velocity"]["mean"],
            "velocity_std": known["velocity"]["std"],
            "position_mean": known["position"]["mean"],
            "position_std": known["position"]["std"],
            "residual_scale": known["residual_scale"],
        }
        for name, values in numbers.items():
            self.register_buffer(name, torch.tensor(values, dtype=torch.float64), persistent=False)
        self.to(next(network.parameters()).device)

    def forward(
        self, past: Float[Tensor, "batch past 2"], nearby: Float[Tensor, "batch past neighbors 2"]
    ) -> Float[Tensor, "batch future 2"]:
        """Return the next positions in the unit of the data.

        Args:
            past: Observed positions, float64.
            nearby: Positions of the nearest things, NaN where there is none.
        """
        correction = self.correct(past, nearby) * self.network.get_buffer(TRUST).double()[:, None]
        return go_straight(past, self.future, self.steps) + correction

    def correct(
        self, past: Float[Tensor, "batch past 2"], nearby: Float[Tensor, "batch past neighbors 2"]
    ) -> Float[Tensor, "batch future 2"]:
        """Return what the network adds to the straight line, all of it."""
        return self.network(self.features(past, nearby)).double() * self.residual_scale

    def features(
        self, past: Float[Tensor, "batch past 2"], nearby: Float[Tensor, "batch past neighbors 2"]
    ) -> Float[Tensor, "batch steps features"]:
        """Return the input of the network, float32."""
        velocity = (past.diff(dim=1) - self.velocity_mean) / self.velocity_std
        position = (past[:, 1:] - self.position_mean) / self.position_std
        features = [velocity, position[..., self.axes]]
        if nearby.shape[2] == 0:  # without neighbors; torch.export cannot trace what has no numbers
            return torch.cat(features, -1).float()
        relative = (nearby[:, 1:] - past[:, 1:, None]) / self.nearby_scale
        exists = ~relative.isnan().any(-1, keepdim=True)
        around = torch.cat([relative.nan_to_num(0.0), exists.to(relative.dtype)], -1).flatten(2)
        return torch.cat([*features, around], -1).float()


@torch.no_grad()
def choose_trust(answering: TrackAnswering, batch: TrackBatch) -> Float[Tensor, " future"]:
    """Return, for each step, the share of the correction with which these windows are predicted best.

    With a share of 0 at a step, the prediction is the straight line: on these windows no step is worse than it.
    """
    straight = go_straight(batch.past, answering.future, answering.steps)
    correction = answering.correct(batch.past, batch.nearby)
    errors = torch.stack(
        [displacement(straight + share * correction, batch.future).mean(0) for share in CANDIDATES]
    )  # [candidates, future]
    return torch.tensor(CANDIDATES, device=errors.device)[errors.argmin(0)]
