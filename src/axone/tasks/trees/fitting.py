"""Trees on the features of a trained network: their training after the last epoch, and their part of the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import torch.nn.functional as functional
from jaxtyping import Float
from torch import Tensor

from axone.data.images.stream import ImageStream
from axone.engine.experiment import Experiment, FinishContext
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.tasks.classification import figures
from axone.tasks.classification.views import Views, average_logits, views_of
from axone.tasks.explanation.channels import draw_important_channels
from axone.tasks.explanation.collection import BATCH_SIZE, collect_features
from axone.tasks.trees.boosting import BoostedTrees, LabeledFeatures, train_trees
from axone.tasks.trees.forest import Forest
from axone.tasks.trees.network import TreesOnFeatures
from axone.tasks.trees.settings import TreeSettings

MAX_PIXEL_VALUES = 3072  # of an image, for trees on raw pixels; larger images are averaged to 32 x 32


class TreeFitter:
    """Trains the trees of a network, and compares them with its own head and with trees on raw pixels.

    Args:
        settings: The settings of the trees.
        network: The network; `fit` fills its forest.
        network_seconds: The duration of the network's training where another run trained it; None: it is trained in
            this run.
    """

    def __init__(self, settings: TreeSettings, network: TreesOnFeatures, network_seconds: float | None) -> None:
        self.settings, self.network, self.network_seconds = settings, network, network_seconds
        self.views = views_of(settings)

    def fit(self, experiment: Experiment, context: FinishContext) -> None:
        """Train trees on the features of the training set, with early stopping on the validation set."""
        self.report_progress = context.progress
        if self.network_seconds is None:
            self.network_seconds = context.seconds
        text = _("training trees on the features")
        self.trees, self.seconds = self._train(experiment, self.network.features, text, self.views)
        self.network.forest.copy_from(self.trees.booster)

    def make_figures(self, experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        """Draw the figures of every classifier; at the end also the comparison and the most important channels."""
        yield from figures.make_figures(experiment, final)
        if final:
            streams = (experiment.test, experiment.validation, experiment.train)
            stream = self._place(next(stream for stream in streams if stream is not None))
            yield self._compare(experiment, stream)
            network = self.network
            yield draw_important_channels(network.cnn, network.layer, self.trees.gains, stream, experiment.facts)

    def _compare(self, experiment: Experiment, stream: ImageStream) -> Table:
        """Evaluate trees on raw pixels, the network's own head and trees on its features on the same images."""
        settings, network = self.settings, self.network
        classes, network_seconds = len(experiment.facts["classes"]), self.network_seconds or 0.0
        rows: list[list[Any]] = []
        if settings.compare:
            text = _("training trees on raw pixels, for comparison")
            trees, seconds = self._train(experiment, flatten_pixels, text)
            forest = Forest(settings.rounds, classes, settings.tree_depth).copy_from(trees.booster)
            # Without mirrored views, of which these trees have seen none.
            accuracy = compute_accuracy(lambda images: forest(flatten_pixels(images).cpu()), stream)
            rows.append([_("trees on the pixels"), accuracy, round(seconds, 1), trees.rounds])
        if network.cnn.output_shapes[0] == (classes,):  # the network of another run may have other classes
            with experiment.learner.casting():
                accuracy = compute_accuracy(network.head_logits, stream, self.views)
            rows.append([_("the network's own softmax"), accuracy, round(network_seconds, 1), None])
        accuracy = compute_accuracy(network, stream, self.views)
        seconds = round(network_seconds + self.seconds, 1)
        rows.append([_("trees on the network's features"), accuracy, seconds, self.trees.rounds])
        columns = [_("classifier"), _("accuracy"), _("seconds, including the network's"), _("boosting rounds")]
        return Table("comparison", _("Trees on pixels, the network alone, trees on its features"), columns, rows)

    def _train(
        self, experiment: Experiment, compute: Callable[[Tensor], Tensor], text: str, views: Views | None = None
    ) -> tuple[BoostedTrees, float]:
        """Compute a vector of each image and train trees on them; return the trees and the seconds it took."""
        settings, start = self.settings, time.perf_counter()
        self.report_progress(text)

        def report(done: int, total: int) -> None:
            self.report_progress(text, done, total)

        def collect(stream: Any) -> LabeledFeatures:
            return LabeledFeatures(*collect_features(compute, self._place(stream), report, views)[:2])

        trees = train_trees(
            collect(experiment.train),
            None if experiment.validation is None else collect(experiment.validation),
            len(experiment.facts["classes"]),
            rounds=settings.rounds,
            max_depth=settings.tree_depth,
            learning_rate=settings.tree_learning_rate,
            patience=settings.tree_patience,
            balanced=settings.balance != "none",
            seed=settings.seed,
            on_round=report,
        )
        return trees, time.perf_counter() - start

    def _place(self, stream: Any) -> ImageStream:
        """Return a stream without augmentation on the network's device."""
        placed: ImageStream = stream.to(next(self.network.parameters()).device)
        return placed.without_augmentation(BATCH_SIZE)


def flatten_pixels(images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch values"]:
    """Flatten the pixels of images; those of more than 3,072 values are first averaged to 32 x 32 pixels."""
    if images[0].numel() > MAX_PIXEL_VALUES:
        images = functional.adaptive_avg_pool2d(images, 32)
    return images.flatten(1)


def compute_accuracy(
    compute_logits: Callable[[Tensor], Tensor], stream: ImageStream, views: Views | None = None
) -> float:
    """Return the share of a stream's images that are classified correctly, with logits averaged over views."""
    correct = 0
    for batch in stream.batches(1):
        logits = average_logits(lambda images: compute_logits(images).float(), batch.inputs, views)
        correct += int((logits.argmax(1).cpu() == batch.targets.cpu()).sum())
    return correct / stream.samples
