"""A small evaluator of the generator's own data: trained once, in about a minute, and stored in the cache.

It learns the classes of all images of the data, whatever `--limit` and the division leave to the generator, so that
its numbers compare any two generators on the same data. Where the images have no classes, it learns to predict by how
many quarter turns an image was rotated (Gidaris, Singh, Komodakis 2018, arXiv:1803.07728).
"""

from __future__ import annotations

import hashlib
import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from axone.data.datasets.store import cache_folder
from axone.data.images.dataset import Subset
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
from axone.runs.storage.files import make_folder, write_atomically
from axone.runs.storage.tensors import describe_misfits, from_bytes, to_bytes
from axone.settings import Settings
from axone.tasks.classification.learner import Classifier
from axone.tasks.generation.evaluator import Evaluator
from axone.tasks.images.splits import Splits, compute_fingerprint

CHANNELS = (32, 64, 128)
LARGEST_SIDE = 64  # pixels: larger images are averaged down to at most this side before the first convolution
TRAINING_IMAGES = 120_000  # images of 28 x 28 pixels in all epochs together; fewer of larger ones
MOST_EPOCHS = 10  # on a small training set
BATCH_SIZE = 250
ROTATIONS = 4
VERSION = 2  # of all above: a cached evaluator of another version is not used


def train_evaluator(splits: Splits, context: BuildContext) -> Evaluator:
    """Return the small network for all images of these data: from the cache, or trained now."""
    facts, settings = splits.facts, splits.settings
    knows_classes = len(facts["classes"]) > 1
    images = Subset.all(splits.train.dataset)
    with seeds.preserve_random_state():  # the generator's training draws the same numbers whether this trains or not
        seeds.seed_everything(0)
        network = build_small_network(facts["input"], len(facts["classes"]) if knows_classes else ROTATIONS)
        path = _cache_path(images, splits, network)
        if not _load_weights(network, path):
            fit_evaluator(network, images, splits, rotate=not knows_classes, progress=context.progress)
            with suppress(AxoneError):  # without a writable cache it is trained again next time
                make_folder(path.parent)
                write_atomically(path, to_bytes(network.state_dict()))
    network.to(choose_device(settings.device)).eval()
    name = "axone cnn" if knows_classes else "axone cnn, rotations"
    return Evaluator(name, network, "features", "head", list(facts["mean"]), list(facts["std"]), knows_classes)


def build_small_network(shape: list[int], classes: int) -> Model:
    """Build three convolutions, each with max pooling and batch norm; the features are the means of the last maps."""
    pixels = h = Input(*shape)
    if (factor := math.ceil(min(shape[1:]) / LARGEST_SIDE)) > 1:
        h = AvgPool2d(factor)(h)
    for count in CHANNELS:
        h = Conv2d(count, 3, padding="same", bias=False)(h)
        if min(h.shape[1:]) >= 4:
            h = MaxPool2d(2)(h)
        h = Activation("relu")(BatchNorm2d()(h))
    return Model(pixels, Linear(classes, name="head")(GlobalAveragePool2d(name="features")(h)))


def fit_evaluator(
    network: Model, images: Subset, splits: Splits, rotate: bool, progress: Progress = ignore_progress
) -> None:
    """Train a network on images with a one-cycle learning rate: on their classes, or on rotations."""
    facts, settings = splits.facts, splits.settings
    _channels, height, width = facts["input"]
    total = TRAINING_IMAGES * 28 * 28 / min(height * width, LARGEST_SIDE**2)
    epochs = min(MOST_EPOCHS, max(1, round(total / max(1, len(images)))))
    own_settings = Settings(
        epochs=epochs, batch_size=BATCH_SIZE, learning_rate=0.01, optimizer="muon", schedule="one-cycle",
        label_smoothing=0.1,
    )  # fmt: skip
    stream = ImageStream(
        images, batch_size=BATCH_SIZE, drop_last=True, transform=ImageTransform(facts["mean"], facts["std"])
    )
    learner = (RotationClassifier if rotate else Classifier)(network, own_settings)
    recorder = _ProgressRecorder(epochs * len(stream), progress)
    device = choose_device(settings.device)
    dtype = choose_precision(settings.precision, device)
    fit(Experiment(learner, stream), own_settings, recorder, device=device, dtype=dtype)


class RotationClassifier(Classifier):
    """Learns without labels: predicts by how many quarter turns an image was rotated."""

    def train_step(self, batch: Batch) -> Metrics:
        """Rotate each quarter of the batch by another number of quarter turns, and train on these numbers."""
        quarters = batch.inputs.chunk(ROTATIONS)
        rotated = [part.rot90(turns, (2, 3)) for turns, part in enumerate(quarters)]
        targets = [torch.full((len(part),), turns, device=part.device) for turns, part in enumerate(quarters)]
        return super().train_step(Batch(torch.cat(rotated), torch.cat(targets), batch.index))


class _ProgressRecorder(MemoryRecorder):
    """Reports the progress of the evaluator's training."""

    def __init__(self, total: int, progress: Progress) -> None:
        super().__init__()
        self._report, self.total = progress, total

    def event(self, kind: str, **values: Any) -> None:
        if kind == "step":
            self._report(_("training the evaluator"), int(values["step"]), self.total)


def _cache_path(images: Subset, splits: Splits, network: Model) -> Path:
    """Return the path of an evaluator in the cache; its name depends on everything that its weights depend on."""
    facts, settings = splits.facts, splits.settings
    key = [VERSION, TRAINING_IMAGES, MOST_EPOCHS, BATCH_SIZE, compute_fingerprint(images), facts["mean"], facts["std"]]
    key += [network.to_json(), torch.__version__, settings.precision]
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    return cache_folder() / "evaluators" / f"{digest[:32]}.safetensors"


def _load_weights(network: Model, path: Path) -> bool:
    """Load the weights of a cached file into a network, and return whether there were any that fit."""
    try:
        weights = from_bytes(path.read_bytes())
    except (OSError, ValueError):
        return False
    if describe_misfits(network, weights) or not all(value.isfinite().all() for value in weights.values()):
        return False
    network.load_state_dict(weights)
    return True
