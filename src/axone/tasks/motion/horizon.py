"""Errors by horizon: how far off the network and the baselines are, one step ahead, two steps ahead, and so on."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.trajectories.windows import TrackBatch
from axone.data.video.streams import ClipStream, SceneStream
from axone.messages import _
from axone.tasks.motion.baselines import displacement, go_straight, stay, turn
from axone.tasks.motion.learner import straight_frames
from axone.tasks.motion.track_network import TrackAnswering


class HorizonErrors(NamedTuple):
    """The error at each step ahead of what was compared, by its name for people; the network is the first."""

    errors: dict[str, Float[Tensor, " future"]]
    unit: str  # of the errors, for an axis


@torch.no_grad()
def measure_frames(network: nn.Module, stream: ClipStream | SceneStream) -> HorizonErrors:
    """Return the mean squared error of the pixels at each step, over all clips of a stream."""
    totals: dict[str, Tensor] = {}
    count = 0
    for batch in stream.batches(1):
        predictions = {
            _("network"): network(batch.past).float().clamp(0, 1),
            _("stays"): batch.past[:, -1:].expand_as(batch.future),
            _("goes straight on"): straight_frames(batch),
        }
        for name, predicted in predictions.items():
            error = (predicted - batch.future).square().mean((2, 3, 4)).sum(0).double().cpu()
            totals[name] = totals.get(name, 0) + error
        count += len(batch.past)
    return HorizonErrors({name: total / count for name, total in totals.items()}, _("mean squared error"))


@torch.no_grad()
def measure_tracks(answering: TrackAnswering, batch: TrackBatch) -> HorizonErrors:
    """Return the mean distance of the predicted positions from the true ones at each step."""
    past, steps = batch.past, batch.future.shape[1]
    predictions = {
        _("network"): answering(past, batch.nearby),
        _("stays"): stay(past, steps),
        _("goes straight on"): go_straight(past, steps, answering.steps),
        _("turns at a constant rate"): turn(past, steps, answering.steps),
    }
    errors = {name: displacement(value, batch.future).mean(0).cpu() for name, value in predictions.items()}
    return HorizonErrors(errors, _("mean distance"))
