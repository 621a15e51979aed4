"""A classifier that examines pictures, real and invented: its features are compared, its answers are counted.

Where nothing else is asked for it is a small network of ours, trained on the very pictures that a generator learns
from, in less than a minute, and kept in the cache for the next time. Where the pictures have no classes it learns to
tell by which quarter turn a picture was turned (Gidaris, Singh, Komodakis 2018, arXiv:1803.07728). A run of another
classifier, Inception with its published weights say, can stand in its place.
"""

from __future__ import annotations

import hashlib
import json
import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.datasets.store import cache_folder
from axone.data.images.normalize import normalize
from axone.data.images.stream import Batch, ImageStream, ImageTransform
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.loop import fit
from axone.engine.machine import seeds
from axone.engine.machine.device import choose_device
from axone.engine.machine.precision import choose_precision
from axone.engine.metrics import Metrics
from axone.engine.recorder import MemoryRecorder
from axone.errors import AxoneError
from axone.graph import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    GlobalAveragePool2d,
    Input,
    Linear,
    MaxPool2d,
    Model,
)
from axone.messages import _
from axone.progress import Progress, ignore_progress
from axone.runs import folder
from axone.runs.files import make_folder, write_atomically
from axone.runs.tensors import describe_misfits, from_bytes, to_bytes
from axone.settings import Settings
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.saved_classifier import read_classifier
from axone.tasks.explanation.features import Layers, flatten_features
from axone.tasks.images.splits import EVAL_BATCH_SIZE, Splits

CHANNELS = (32, 64, 128)
WIDEST = 64  # pixels: larger pictures are averaged down to at most so many before they are looked at
SEEN = 120_000  # pictures of 28 x 28 pixels that training shows, all passages together; fewer of larger ones
MOST_PASSAGES = 10  # over a small set
BATCH = 250
TURNS = 4
VERSION = 1  # of all above: another examiner is trained where the cache holds one of another version


class Seen(NamedTuple):
    """What an examiner finds in some pictures."""

    features: Float[Tensor, "pictures features"]
    answers: Int64[Tensor, " pictures"]  # the likeliest class of each; of no meaning where it knows no classes


@dataclass(frozen=True)
class Examiner:
    """A trained classifier and how it wants its pictures."""

    name: str  # for people, beside every number that rests on it
    network: Model
    layer: str  # whose answers are the features
    head: str
    mean: list[float]
    std: list[float]
    names_classes: bool  # those of the pictures, in their order

    @torch.inference_mode()
    def look(self, pixels: UInt8[Tensor, "pictures height width channels"]) -> Seen:
        """Examine pictures, of any size and of one or three channels."""
        self.network.eval()
        device = next(self.network.parameters()).device
        found = []
        for some in pixels.split(EVAL_BATCH_SIZE):
            inputs = normalize(_with_channels(some, len(self.mean)).to(device), self.mean, self.std)
            size = self.network.input_shapes[0][1:]
            if inputs.shape[2:] != size:
                inputs = functional.interpolate(inputs, size, mode="bilinear", antialias=True)
            with torch.autocast(device.type, enabled=False):
                answer = self.network.activations(inputs, [self.layer, self.head])
            assert isinstance(answer, dict)
            found.append(Seen(flatten_features(answer[self.layer]).cpu(), answer[self.head].argmax(1).cpu()))
        return Seen(torch.cat([seen.features for seen in found]), torch.cat([seen.answers for seen in found]))


def obtain(parts: Splits, context: BuildContext, run: str = "") -> Examiner:
    """Return the classifier of a run or, where none is named, one of ours for these pictures.

    Raises UsageError, RunError for what is no run of an image classifier.
    """
    return of_run(run, parts.facts["classes"], context) if run else of_pictures(parts, context)


def of_run(run: str, classes: list[str], context: BuildContext) -> Examiner:
    """Return the classifier of a run, from its folder alone."""
    path = folder.find(run, context.runs_folder)
    trained = read_classifier(path)
    network = Model.from_json(trained.graph)
    trained.load_into(network)
    layers, facts = Layers(network, trained.facts["input"]), trained.facts
    return Examiner(
        f"{trained.system} {path.name}", network, layers.penultimate, layers.head, list(facts["mean"]),
        list(facts["std"]), list(facts["classes"]) == classes,
    )  # fmt: skip


def of_pictures(parts: Splits, context: BuildContext) -> Examiner:
    """Return our small network, trained on these training pictures: from the cache, or trained here and now."""
    facts, settings = parts.facts, parts.settings
    names_classes = len(facts["classes"]) > 1
    with seeds.preserve_random_state():  # what trains behind goes on as if nothing had been drawn here
        seeds.seed_everything(0)
        made = small_network(facts["input"], len(facts["classes"]) if names_classes else TURNS)
        place = _place(parts, made)
        if not _load(made, place):
            train(made, parts, turning=not names_classes, progress=context.progress)
            with suppress(AxoneError):  # a cache that cannot be written costs time, nothing else
                make_folder(place.parent)
                write_atomically(place, to_bytes(made.state_dict()))
    made.to(choose_device(settings.device)).eval()
    name = "axone cnn" if names_classes else "axone cnn, turns"
    return Examiner(name, made, "features", "head", list(facts["mean"]), list(facts["std"]), names_classes)


def small_network(shape: list[int], classes: int) -> Model:
    """Three convolutions, each followed by the maximum of 2x2 and a norm; the mean of each map is a feature."""
    pixels = h = Input(*shape)
    if (factor := math.ceil(min(shape[1:]) / WIDEST)) > 1:
        h = AvgPool2d(factor)(h)
    for count in CHANNELS:
        h = Conv2d(count, 3, padding="same", bias=False)(h)
        if min(h.shape[1:]) >= 4:
            h = MaxPool2d(2)(h)
        h = Activation("relu")(BatchNorm2d()(h))
    return Model(pixels, Linear(classes, name="head")(GlobalAveragePool2d(name="features")(h)))


def train(network: Model, parts: Splits, turning: bool, progress: Progress = ignore_progress) -> None:
    """Train a network on the training pictures, in one cycle of the learning rate."""
    facts, settings = parts.facts, parts.settings
    _channels, height, width = facts["input"]
    seen = SEEN * 28 * 28 / min(height * width, WIDEST**2)
    passages = min(MOST_PASSAGES, max(1, round(seen / max(1, len(parts.train)))))
    asked = Settings(
        epochs=passages, batch_size=BATCH, learning_rate=0.01, optimizer="muon", schedule="one-cycle",
        label_smoothing=0.1,
    )  # fmt: skip
    normalization = ImageTransform(facts["mean"], facts["std"])
    stream = ImageStream(parts.train, batch_size=BATCH, transform=normalization, drop_last=True, seed=0)
    learner = (QuarterTurns if turning else Classifier)(network, asked)
    device = choose_device(settings.device)
    dtype = choose_precision(settings.precision, device)
    fit(
        Experiment(learner, stream),
        asked,
        _ProgressRecorder(passages * len(stream), progress),
        device=device,
        dtype=dtype,
    )


class QuarterTurns(Classifier):
    """Learns without labels: each quarter of a batch is turned by another quarter turn, which is to be told."""

    def train_step(self, batch: Batch) -> Metrics:
        """Turn the pictures, and learn by how much."""
        quarters = batch.inputs.chunk(TURNS)
        turned = [part.rot90(turn, (2, 3)) for turn, part in enumerate(quarters)]
        targets = [torch.full((len(part),), turn, device=part.device) for turn, part in enumerate(quarters)]
        return super().train_step(Batch(torch.cat(turned), torch.cat(targets), batch.index))


class _ProgressRecorder(MemoryRecorder):
    """Reports how far the evaluator's training is."""

    def __init__(self, total: int, progress: Progress) -> None:
        super().__init__()
        self._report, self.total = progress, total

    def event(self, kind: str, **values: Any) -> None:
        if kind == "step":
            self._report(_("training the evaluator"), int(values["step"]), self.total)


def _place(parts: Splits, network: Model) -> Path:
    """Return the cache's file for an examiner: its name depends on all that its weights depend on."""
    facts, settings = parts.facts, parts.settings
    what = [VERSION, SEEN, MOST_PASSAGES, BATCH, facts["fingerprint"], facts["mean"], facts["std"], network.to_json()]
    what += [torch.__version__, settings.precision]
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    return cache_folder() / "examiners" / f"{digest[:32]}.safetensors"


def _load(network: Model, place: Path) -> bool:
    """Give a network the weights that a file of the cache holds; say whether there are any that fit."""
    try:
        weights = from_bytes(place.read_bytes())
    except (OSError, ValueError):
        return False
    if describe_misfits(network, weights) or not all(value.isfinite().all() for value in weights.values()):
        return False
    network.load_state_dict(weights)
    return True


def _with_channels(
    pixels: UInt8[Tensor, "pictures height width channels"], channels: int
) -> UInt8[Tensor, "pictures height width wanted"]:
    """Show gray pictures to a network made for colors, or the other way round."""
    if pixels.shape[3] == channels:
        return pixels
    if channels == 1:
        return pixels.float().mean(3, keepdim=True).round().to(torch.uint8)
    return pixels[..., :1].expand(-1, -1, -1, channels).contiguous()
