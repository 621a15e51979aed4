"""Prediction of motion: the next frames of a video, or the next positions of things that move.

The flow of shapes for frames (`--network simvp`), by default for scenes of moving sprites:

    frames [N, 10, 1, 32, 32] -> each frame: convolution 3x3, stride 2 [16 maps, 16, 16] -> again [16, 8, 8]
    -> the maps of all frames together [N, 160, 8, 8]
    -> 4 blocks of a depthwise 7x7 and two 1x1 convolutions [N, 256, 8, 8] -> maps of all future frames [N, 160, 8, 8]
    -> each future frame: two transposed convolutions 4x4, stride 2, with the maps of the last observed frame
    -> changes [N, 10, 1, 32, 32], which are added to the last observed frame

All future frames are computed at once, so that no error is fed back. Training begins with a repetition of the last
frame, because the last layer is zero.

The flow of shapes for tracks (positions of any number of things, `--preset trajectories`, or any table):

    positions [N, 10, 2] -> per step: velocity, position, nearest things [N, 9, F] -> LSTM [64] -> dense, ReLU [128]
    -> corrections [N, 10, 2] of the straight line

Training begins with the straight line, the baseline that many published networks do not reach. After it, the share of
the correction is chosen at each step on the validation set, from 0 (the straight line) to 1.

`--preset convlstm` is the course's network: two convolutional LSTMs read the frames, two others write the next ones.
`--preset driving` predicts cars in generated traffic, from the motion of the four nearest ones too.

Papers: Gao, Tan, Wu, Li 2022, "SimVP: Simpler yet Better Video Prediction", arXiv:2206.05099, with the blocks of Tan,
Gao, Li, Li 2022, "SimVP: Towards Simple yet Powerful Spatiotemporal Predictive Learning", arXiv:2211.12509; Shi et al.
2015, "Convolutional LSTM Network", arXiv:1506.04214; Schöller, Aravantinos, Lay, Knoll 2020, "What the Constant
Velocity Model Can Teach Us About Pedestrian Motion Prediction", arXiv:1903.07933. Differences:

1. A hundredth of SimVP's size, for minutes on a CPU; frames are encoded by three-dimensional convolutions of one frame.
2. The changes of the last frame are predicted, not the frames.
3. Scenes are generated anew for each batch: no scene is seen twice.

Measured by benchmarks/motion.py: errors ten steps ahead as shares of that of the straight line (mean of 3 seeds):
sprites 0.25 after 118 s, sprites convlstm 0.30 after 141 s, two sprites 0.45 after 119 s, trajectories 0.04 after 10
s, trajectories gru 0.04 after 14 s, trajectories rnn 0.05 after 7 s, driving 0.27 after 16 s, driving alone 0.29
after 13 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

import torch
from torch import nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment, FinishContext
from axone.figures.figure import Figure, Table
from axone.graph import (
    RECURRENT_LAYERS,
    Activation,
    Concatenate,
    Conv2d,
    Conv3d,
    ConvGRU2d,
    ConvLSTM2d,
    ConvRNN2d,
    ConvTranspose3d,
    DepthwiseConv2d,
    Flatten,
    GroupNorm,
    Input,
    Linear,
    Model,
    Node,
    Permute,
    Reshape,
)
from axone.messages import mark
from axone.settings import Options, option, resolve
from axone.tasks.motion import predict as motion_predict
from axone.tasks.motion.answering import FrameAnswering
from axone.tasks.motion.figures import make_frame_figures, make_track_figures
from axone.tasks.motion.frame_data import read_frames
from axone.tasks.motion.learner import FrameLearner, TrackLearner
from axone.tasks.motion.predict import read_inputs as read_inputs
from axone.tasks.motion.settings import MotionSettings
from axone.tasks.motion.sources import find_kind
from axone.tasks.motion.track_data import join_windows, read_windows
from axone.tasks.motion.track_network import TRUST, TrackAnswering, choose_trust, count_features

LARGE = 32  # pixels: the side from which on a convolutional LSTM sees blocks of 4 x 4 pixels instead of 2 x 2
TRAJECTORIES: dict[str, Any] = {
    "data": "balls", "epochs": 12, "batch_size": 128, "learning_rate": 5e-3, "hidden": 64, "precision": "float32",
}  # fmt: skip


class Settings(MotionSettings):
    """The settings of the networks and of their training."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"label_smoothing", "target"})

    network: Literal["simvp", "convlstm"] = option("simvp", mark("frames: one-shot convolutions, or recurrent ones"))
    channels: int = option(16, mark("simvp: feature maps of each frame"), ge=1, le=1024)
    width: int = option(256, mark("simvp: feature maps of all frames together"), ge=1, le=4096)
    blocks: int = option(4, mark("simvp: blocks between encoder and decoder"), ge=1, le=64)
    cell: Literal["lstm", "gru", "rnn"] = option("lstm", mark("recurrent cell"))
    hidden: int = option(32, mark("units of a recurrent layer; convlstm: feature maps"), ge=1, le=4096)
    layers: int = option(1, mark("recurrent layers"), ge=1, le=16)
    bidirectional: bool = option(False, mark("tracks: read the observed positions in both directions"))
    epochs: int = option(12, mark("number of passes over the training set"), ge=1, le=1_000_000)
    batch_size: int = option(16, mark("number of examples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(3e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("adamw", mark("optimizer"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option("one-cycle", mark("learning rate schedule"))
    gradient_clip: float = option(1.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "convlstm": {"network": "convlstm", "hidden": 32, "layers": 2},
        "trajectories": TRAJECTORIES,
        "driving": {**TRAJECTORIES, "data": "traffic", "past": 8, "neighbors": 4, "positions": "y"},
    }


class PredictOptions(Options):
    """Flags of `axone predict` of these runs."""

    steps: int = option(0, mark("frames or positions to predict; 0: as many as in training"), ge=0, le=10_000)


EXAMPLE_FACTS = {"input": [1, 32, 32]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the preset of tracks for a table. Settings that were given explicitly stay as they are."""
    if settings.preset != "default" or find_kind(context.source(settings.data)) == "frames":
        return settings
    explicit = {name: getattr(settings, name) for name in settings.model_fields_set}
    preset = "driving" if settings.data == "traffic" else "trajectories"
    completed = resolve(Settings, {**explicit, "preset": preset})
    assert isinstance(completed, Settings)
    return completed


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Return the network of frames or of tracks, as it is before training: it predicts the baseline."""
    task = facts["task"] if "task" in facts else find_kind(settings.data)  # the data of a run may be gone
    if task == "tracks":
        return track_network(settings)
    build_frames = {"simvp": simvp, "convlstm": convlstm}[settings.network]
    return build_frames(settings, *facts["input"])


def simvp(settings: Settings, channels: int, height: int, width: int) -> Model:
    """Build the one-shot network: frames [N, past, C, H, W] -> frames [N, future, C, H, W]."""
    past, future, maps = settings.past, settings.future, settings.channels
    frames = Input(past, channels, height, width, name="frames")
    fine = halve(Permute((2, 1, 3, 4))(frames), maps)  # (maps, past, height / 2, width / 2)
    coarse = halve(fine, maps)  # (maps, past, height / 4, width / 4)
    sides = coarse.shape[2:]
    h = Conv2d(settings.width, 1)(Reshape((maps * past, *sides))(coarse))
    for _number in range(settings.blocks):
        h = h + large_kernel_block(h)
    h = Reshape((maps, future, *sides))(Conv2d(maps * future, 1)(h))
    h = Activation("gelu")(double(h, maps))  # (maps, future, height / 2, width / 2)
    last = fine[:, :, -1:]  # its maps are repeated for each future frame
    h = Concatenate()(h, Concatenate(dim=2)(*[last] * future) if future > 1 else last)
    change = Permute((2, 1, 3, 4))(double(h, channels, name="change"))
    return with_zero_layer(Model(frames, frames[:, -1:] + change), "change")


def halve(x: Node, maps: int) -> Node:
    """Add a convolution of each frame that halves its sides, a norm, and an activation."""
    h = Conv3d(maps, (1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1))(x)
    return Activation("gelu")(GroupNorm(2 if maps % 2 == 0 else 1)(h))


def double(x: Node, maps: int, name: str | None = None) -> Node:
    """Add a transposed convolution of each frame that doubles its sides."""
    return ConvTranspose3d(maps, (1, 4, 4), stride=(1, 2, 2), padding=(0, 1, 1), name=name)(x)


def large_kernel_block(x: Node) -> Node:
    """Add a depthwise 7x7 convolution, which moves things, and two 1x1 convolutions over all maps of all frames."""
    h = GroupNorm(1)(DepthwiseConv2d(7, padding="same")(x))
    h = Conv2d(2 * x.shape[0], 1, activation="gelu")(h)
    return Conv2d(x.shape[0], 1)(h)


def convlstm(settings: Settings, channels: int, height: int, width: int) -> Model:
    """Build the recurrent network: some layers read the observed frames, others begin with their states and write."""
    future, block = settings.future, 4 if max(height, width) >= LARGE else 2
    cell = {"lstm": ConvLSTM2d, "gru": ConvGRU2d, "rnn": ConvRNN2d}[settings.cell]
    frames = Input(settings.past, channels, height, width, name="frames")
    blocks = frames.pixel_unshuffle(block)  # (past, block^2 channels, height / block, width / block)
    h, states = blocks, []
    for _number in range(settings.layers):
        h, state = cell(settings.hidden)(h)
        states.append(state)
    last = blocks[:, -1:]
    h, outputs = Concatenate()(*[last] * future) if future > 1 else last, []
    for state in states:
        h, _state = cell(settings.hidden)(h, state=state)
        outputs.append(h)
    h = Concatenate(dim=2)(*outputs) if len(outputs) > 1 else h  # the output of every layer, for each future step
    change = Conv3d(channels * block**2, 1, name="change")(Permute((2, 1, 3, 4))(h))
    change = Permute((2, 1, 3, 4))(change).pixel_shuffle(block)
    return with_zero_layer(Model(frames, frames[:, -1:] + change), "change")


def track_network(settings: Settings) -> Model:
    """Build the network of tracks: features [N, past - 1, F] -> corrections [N, future, 2]."""
    steps = Input(settings.past - 1, count_features(settings.positions, settings.neighbors), name="steps")
    cell = RECURRENT_LAYERS[settings.cell]
    _output, state = cell(settings.hidden, num_layers=settings.layers, bidirectional=settings.bidirectional)(steps)
    hidden = state[0] if settings.cell == "lstm" else state  # (layers x directions, hidden)
    summary = Flatten()(hidden[:, -2:] if settings.bidirectional else hidden[:, -1:])
    h = Linear(2 * settings.hidden, activation="relu")(summary)
    corrections = Reshape((settings.future, 2))(Linear(2 * settings.future, name="correction")(h))
    network = with_zero_layer(Model(steps, corrections), "correction")
    network.register_buffer(TRUST, torch.ones(settings.future))  # of each step, chosen after training
    return network


def with_zero_layer(network: Model, name: str) -> Model:
    """Set the weights of a layer to zero, and return the network."""
    for parameter in network.get_submodule(name).parameters():
        nn.init.zeros_(parameter)
    return network


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble data, network, learner and figures, for frames or for tracks."""
    if find_kind(context.source(settings.data)) == "tracks":
        return build_tracks(settings, context)
    data = read_frames(settings, context)

    def figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_frame_figures(experiment, final, data)

    return Experiment(
        FrameLearner(model(settings, data.facts), settings),
        data.train,
        data.validation,
        data.test,
        data.facts,
        notes=data.notes,
        report=data.report,
        figures=figures,
    )


def build_tracks(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble data, network, learner and figures for tracks."""
    data = read_windows(settings, context)

    def fit_trust(experiment: Experiment, _context: FinishContext) -> None:
        network = experiment.learner.networks["network"]
        stream = (data.validation or data.train).to(experiment.learner.context.device)
        answering = TrackAnswering(network, data.facts)
        network.get_buffer(TRUST).copy_(choose_trust(answering, join_windows(stream)))

    def figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_track_figures(experiment, final, data)

    return Experiment(
        TrackLearner(model(settings, data.facts), settings, data.facts),
        data.train,
        data.validation,
        data.test,
        data.facts,
        notes=data.notes,
        report=data.report,
        figures=figures,
        fit_postprocessing=fit_trust,
    )


def answering(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the module from raw frames (bytes) or raw positions to the next ones."""
    return TrackAnswering(network, facts) if facts["task"] == "tracks" else FrameAnswering(network)


def predict(
    network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: Sequence[Any], options: PredictOptions
) -> list[Any]:
    """Answer about each video, or about each table of tracks."""
    if facts["task"] == "tracks":
        return motion_predict.predict_tracks(network, settings, facts, inputs, options.steps)
    return motion_predict.predict_frames(network, facts, inputs, options.steps)
