"""Boosted trees that read what a convolutional network sees in a picture.

The flow of shapes, by default, for Fashion-MNIST:

    (1, 28, 28) -> convolution 3x3, maximum over 2x2, norm, ReLU -> (32, 14, 14) -> the same -> (64, 7, 7)
                -> the same -> (128, 3, 3) -> the strongest answer of each channel (128 features)
                     -> one logit a class (10), on which the network is trained; then, in its place:
                     -> up to 400 rounds of 10 trees, each a series of questions to the features -> 10 sums

First the network learns by gradient descent, as any other (or `--from RUN` takes one that has learned, and any layer
of it). Then it stays as it is, and trees are grown on its features, round after round, each round correcting the
sum of those before it, until the held-out pictures are answered no better. A feature is one channel, so what the
trees ask for most tells which channels matter.

Papers: Chen and Guestrin 2016, "XGBoost: A Scalable Tree Boosting System", arXiv:1603.02754; Razavian et al. 2014,
"CNN Features off-the-shelf", arXiv:1403.6382. How we differ: the grown trees are kept as tensors and answer without
XGBoost (`axone.tasks.trees.forest`), so the run is saved, moved and used like any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, ClassVar

import torch
import torch.nn.functional as functional
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.images.stream import ImageStream
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment, FinishContext
from axone.engine.optimizer import Optimizer
from axone.errors import DataError, SettingsError
from axone.figures.figure import Figure, Table
from axone.graph import Activation, BatchNorm2d, Conv2d, GlobalMaxPool2d, Input, Linear, MaxPool2d, Model
from axone.messages import _, mark
from axone.runs import folder
from axone.settings import option, resolve
from axone.tasks.classification import image_classification
from axone.tasks.classification.backbone_settings import QUICK
from axone.tasks.classification.figures import make_figures
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.classification.saved_classifier import read_trained
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.classification.views import Views, views_of
from axone.tasks.explanation.channels import draw_important_channels
from axone.tasks.explanation.collection import collect_features, without_augmentation
from axone.tasks.explanation.features import Layers, compute_features
from axone.tasks.trees.boosting import BoostedTrees, LabeledFeatures, import_xgboost, train_trees
from axone.tasks.trees.forest import Forest

MOST_PIXELS = 3072  # numbers of a picture that trees on pixels read; larger ones are shrunk to 32 x 32


class Settings(ImageClassificationSettings):
    """What can be changed about the network, the trees and their training."""

    from_: str = option("", mark("a run whose trained network gives the features; empty: one is trained first"))
    layer: str = option("", mark("layer whose answers are the features; empty: the last before the head"))
    channels: tuple[int, ...] = option((32, 64, 128), mark("kernels of each convolution, first to last"), min_length=1)
    rounds: int = option(400, mark("rounds of one tree a class, at most"), ge=1, le=10_000)
    tree_depth: int = option(6, mark("questions from a tree's root to its leaves, at most"), ge=1, le=12)
    tree_rate: float = option(0.1, mark("share of each tree's correction that counts"), gt=0, le=1)
    tree_patience: int = option(15, mark("rounds without progress on the held-out part before stopping"), ge=1)
    compare: bool = option(True, mark("grow trees on the bare pixels as well, for the report"))
    epochs: int = option(
        12, mark("times the network sees the training set; 0: it is left as it is"), ge=0, le=1_000_000
    )

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": QUICK}


EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}


class TreesOnFeatures(nn.Module):
    """A network whose head gives way to trees, once they are grown."""

    def __init__(self, cnn: Model, layer: str, forest: Forest) -> None:
        super().__init__()
        self.cnn, self.layer, self.forest = cnn, layer, forest

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Any:
        """Answer with one logit a class: the trees', or the network's own while it learns."""
        if self.training:
            return self.cnn(images)
        return self.forest(self.features(images)) if self.forest.rounds else self.softmax(images)

    def features(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch features"]:
        """Return what the trees read."""
        return compute_features(self.cnn, images, self.layer)

    def softmax(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch classes"]:
        """Return the network's own logits, those of its first head where it has several."""
        logits = self.cnn(images)
        return logits[0] if isinstance(logits, tuple) else logits


def network(settings: Settings, facts: dict[str, Any]) -> Model:
    """Write down the network that is trained here: its last features are the strongest answers of its channels."""
    pixels = h = Input(*facts["input"])
    for count in settings.channels:
        h = Conv2d(count, 3, padding="same", bias=False)(h)
        if min(h.shape[1:]) >= 4:
            h = MaxPool2d(2)(h)
        h = Activation("relu")(BatchNorm2d()(h))
    return Model(pixels, Linear(len(facts["classes"]))(GlobalMaxPool2d()(h)))


def model(settings: Settings, facts: dict[str, Any]) -> TreesOnFeatures:
    """Stand trees, not grown yet, on the network written here, or on that of another run ("graph").

    Raises UsageError for an unknown layer, DataError when the other run's pictures were of another shape.
    """
    cnn = Model.from_json(facts["graph"]) if "graph" in facts else network(settings, facts)
    if tuple(facts["input"]) != cnn.input_shapes[0]:
        raise DataError(
            _("The pictures are not of the shape for which the network was trained."),
            expected=_("expected (channels, height, width) = {wanted}, found {found}",
                       wanted=cnn.input_shapes[0], found=tuple(facts["input"])),
        )  # fmt: skip
    layers = Layers(cnn, facts["input"])
    layer = layers.find(settings.layer or layers.penultimate).name
    return TreesOnFeatures(cnn, layer, Forest(settings.rounds, len(facts["classes"]), settings.tree_depth))


def complete(settings: Settings, context: BuildContext) -> Settings:
    """With --from, take pictures, split and views from that run, unless others are asked for; train no further.

    The split must be the same, or the trees would be held back by pictures that the network knows by heart.
    """
    if not settings.from_:
        return settings
    base = read_trained(folder.find(settings.from_, context.runs_folder))
    preset = Settings.PRESETS[settings.preset]
    asked = {name for name in settings.model_fields_set if getattr(settings, name) != preset.get(name)}
    if "epochs" in asked and settings.epochs:
        raise SettingsError(
            _("--from takes a network as it is: {count} epochs cannot be added.", count=settings.epochs),
            hint=_("type: axone resume {run} --epochs N, and then this", run=base.path),
        )
    follows = ["data", "flip"]
    if "data" not in asked or settings.data == base.settings.get("data"):
        follows += ["limit", "validation", "seed", "image_size"]
    taken = {name: base.settings[name] for name in follows if name in base.settings and name not in asked}
    changes = {**taken, "from_": str(base.path), "epochs": 0}
    return resolve(Settings, {**settings.model_dump(), **changes})  # type: ignore[return-value]


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pictures, stand the network in front of them, and say how trees follow it."""
    base = None
    if context.facts is None:
        import_xgboost()  # must be there: to be told so after an hour of training would be late
        base = read_trained(folder.find(settings.from_, context.runs_folder)) if settings.from_ else None
    # The network of another run sees its pictures as it saw its own: their size, channels and normalization.
    if base:
        context = replace(context, facts={**base.facts, "graph": base.graph})
    known = context.facts or {}
    graph = {"graph": known["graph"]} if "graph" in known else {}
    made = image_classification.experiment(
        settings, context, lambda facts: model(settings, {**facts, **graph}), learner=learner
    )
    assert isinstance(made.learner, Classifier)
    trees = made.learner.network
    assert isinstance(trees, TreesOnFeatures)
    made.facts |= {**graph, "layer": trees.layer}
    if base:
        base.load_into(trees.cnn)
        made.notes.append(_("The features are those of layer {layer} in {run}.", layer=trees.layer, run=base.path))
    growth = Growth(settings, trees, base.seconds if base else None)
    made.fit_postprocessing, made.figures = growth, growth.make_figures
    return made


def learner(network: TreesOnFeatures, settings: Settings, views: Views | None) -> Classifier:
    """Descend on the network alone: trees have no gradients, and no averages either."""
    made = Classifier(network, settings, views)
    made.optimizer = Optimizer(network.cnn, settings)
    return made


class Growth:
    """The growing of the trees, behind the last epoch, and what it tells the report."""

    def __init__(self, settings: Settings, trees: TreesOnFeatures, network_seconds: float | None) -> None:
        self.settings, self.trees, self.network_seconds = settings, trees, network_seconds
        self.views = views_of(settings)

    def __call__(self, made: Experiment, ending: FinishContext) -> None:
        """Grow trees on the features of the training part until the held-out part is answered no better."""
        self.tell = ending.progress
        if self.network_seconds is None:
            self.network_seconds = ending.seconds
        self.grown, self.seconds = self.grow(made, self.trees.features, _("trees on the features"), self.views)
        self.trees.forest.copy_from(self.grown.booster)

    def grow(
        self, made: Experiment, compute: Callable[[Tensor], Tensor], text: str, views: Views | None = None
    ) -> tuple[BoostedTrees, float]:
        """Compute the vectors of all pictures and grow trees on them; return these and the seconds taken."""
        settings, began = self.settings, time.perf_counter()
        self.tell(text)

        def tell(done: int, total: int) -> None:
            self.tell(text, done, total)

        def examples(stream: Any) -> LabeledFeatures:
            return LabeledFeatures(*collect_features(compute, self.in_order(stream), tell, views)[:2])

        grown = train_trees(
            examples(made.train),
            examples(made.validation) if made.validation else None,
            len(made.facts["classes"]),
            rounds=settings.rounds,
            max_depth=settings.tree_depth,
            learning_rate=settings.tree_rate,
            patience=settings.tree_patience,
            balanced=settings.balance != "none",
            seed=settings.seed,
            on_round=tell,
        )
        return grown, time.perf_counter() - began

    def in_order(self, stream: Any) -> ImageStream:
        """Return a stream's pictures as they are, on the network's device."""
        return without_augmentation(stream.to(next(self.trees.parameters()).device))

    def make_figures(self, made: Experiment, final: bool) -> Iterable[Figure | Table]:
        """Show what every classifier shows; at the end also the comparison and the channels that matter."""
        yield from make_figures(made, final)
        if final:
            stream = self.in_order(made.test or made.validation or made.train)
            yield self.comparison(made, stream)
            yield draw_important_channels(self.trees.cnn, self.trees.layer, self.grown.gains, stream, made.facts)

    def comparison(self, made: Experiment, stream: ImageStream) -> Table:
        """Measure trees on pixels, the network's own softmax and trees on its features, on the same pictures."""
        classes, network_seconds = len(made.facts["classes"]), self.network_seconds or 0.0
        rows: list[list[Any]] = []
        if self.settings.compare:
            grown, seconds = self.grow(made, pixels, _("trees on the pixels, to compare"))
            forest = Forest(self.settings.rounds, classes, self.settings.tree_depth).copy_from(grown.booster)
            # One view alone: trees on pixels make nothing of a shoe that points the other way.
            share = accuracy(lambda images: forest(pixels(images).cpu()), stream)
            rows.append([_("trees on the pixels"), share, round(seconds, 1), grown.rounds])
        if self.trees.cnn.output_shapes[0] == (classes,):  # a network from elsewhere may know other classes
            with made.learner.casting():
                share = accuracy(self.trees.softmax, stream, self.views)
            rows.append([_("the network's own softmax"), share, round(network_seconds, 1), None])
        share = accuracy(self.trees, stream, self.views)
        seconds = network_seconds + self.seconds
        rows.append([_("trees on the network's features"), share, round(seconds, 1), self.grown.rounds])
        columns = [_("what answers"), _("accuracy"), _("seconds, the network's included"), _("rounds of trees")]
        return Table("comparison", _("Trees on pixels, the network alone, trees on its features"), columns, rows)


def pixels(images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch numbers"]:
    """Lay the bare pixels flat; pictures of more than 3,072 numbers are first shrunk to 32 x 32."""
    if images[0].numel() > MOST_PIXELS:
        images = functional.adaptive_avg_pool2d(images, 32)
    return images.flatten(1)


def accuracy(answer: Callable[[Tensor], Tensor], stream: ImageStream, views: Views | None = None) -> float:
    """Return the share of pictures that are answered rightly, the views of each averaged."""
    right = 0
    for batch in stream.batches(1):
        seen = views(batch.inputs) if views else (batch.inputs,)
        logits = torch.stack([answer(view).float() for view in seen]).mean(0)
        right += int((logits.argmax(1).cpu() == batch.targets.cpu()).sum())
    return right / stream.samples
