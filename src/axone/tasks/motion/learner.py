"""The training steps of both kinds of motion, and what is measured: errors next to those of the baselines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from axone.data.trajectories.windows import TrackBatch
from axone.data.video.motion import extrapolate_blocks
from axone.data.video.streams import FrameBatch
from axone.engine.learner import Learner, TrainingContext
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.settings import Settings
from axone.tasks.motion.baselines import displacement, go_straight, stay, turn
from axone.tasks.motion.track_network import TrackAnswering

SMOOTHNESS = 1e-3  # of the distance near zero, as a share of the mean error of the straight line

Frames = Float[Tensor, "batch future channels height width"]


class FrameLearner(Learner):
    """Trains a network from observed frames to all frames that follow, with the mean squared error of the pixels."""

    def __init__(self, network: nn.Module, settings: Settings) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)

    def prepare(self, context: TrainingContext) -> None:
        """Use channels-last memory for the convolutions of frames too, which makes them faster."""
        super().prepare(context)
        for parameter in self.network.parameters():
            if parameter.ndim == 5:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last_3d)

    def train_step(self, batch: FrameBatch) -> Metrics:
        """Predict all future frames at once, and update the weights."""
        with self.casting():
            predicted = self.network(batch.past)  # [B, future, C, H, W]
            loss = mse_loss(predicted.float(), batch.future)
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def eval_step(self, batch: FrameBatch) -> Metrics:
        """Return the errors of the network and of both baselines."""
        with self.casting():
            predicted = self.network(batch.past).float().clamp(0, 1)
        future = batch.future
        return {
            "loss": mse_loss(predicted, future),
            "final_frame_error": mse_loss(predicted[:, -1], future[:, -1]),
            "error_if_still": mse_loss(batch.past[:, -1:].expand_as(future), future),
            "error_if_straight": mse_loss(straight_frames(batch), future),
        }


def straight_frames(batch: FrameBatch) -> Frames:
    """Return the frames if everything goes straight on: as known of generated scenes, or estimated by blocks."""
    if batch.straight.shape[1]:
        return batch.straight
    return extrapolate_blocks(batch.past, batch.future.shape[1])


class TrackLearner(Learner):
    """Trains a network to correct the straight line.

    The loss is the mean distance of the predicted positions from the true ones, divided by that of the straight line
    on the training windows: 1 is the straight line, at which training begins.
    """

    def __init__(self, network: nn.Module, settings: Settings, facts: Mapping[str, Any]) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)
        self.scale = float(facts["tracks"]["straight_error"]) or 1.0
        self.steps = int(facts["tracks"]["velocity_steps"])
        self._answering = TrackAnswering(network, facts)  # shares the network, which is saved once

    def train_step(self, batch: TrackBatch) -> Metrics:
        """Predict all future positions of each window, and update the weights."""
        self._answering.to(batch.past.device)
        with self.casting():
            correction = self._answering.correct(batch.past, batch.nearby)
        predicted = go_straight(batch.past, batch.future.shape[1], self.steps) + correction
        squared = ((predicted - batch.future) / self.scale).square().sum(-1)
        loss = (squared + SMOOTHNESS**2).sqrt().mean().float()
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def eval_step(self, batch: TrackBatch) -> Metrics:
        """Return the errors of the network and of the baselines, in the unit of the data."""
        self._answering.to(batch.past.device)
        past, true = batch.past, batch.future
        steps = true.shape[1]
        error = displacement(self._answering(past, batch.nearby), true)
        metrics = {
            "loss": error.mean() / self.scale,
            "displacement_error": error.mean(),
            "final_displacement_error": error[:, -1].mean(),
            "error_if_still": displacement(stay(past, steps), true).mean(),
            "error_if_straight": displacement(go_straight(past, steps, self.steps), true).mean(),
            "error_if_turning": displacement(turn(past, steps, self.steps), true).mean(),
        }
        return {name: value.float() for name, value in metrics.items()}
