"""Gradient-boosted trees (XGBoost) on the features of a convolutional network.

The flow of shapes by default, for Fashion-MNIST:

    (1, 28, 28) -> convolution 3x3, max pooling 2x2, batch norm, ReLU -> (32, 14, 14) -> the same -> (64, 7, 7)
                -> the same -> (128, 3, 3) -> global max pooling (128 features)
                     -> one logit per class (10), with which the network is trained; then, in their place:
                     -> up to 400 rounds of 10 trees on the features -> the sum of each class's trees (10)

The network is trained by gradient descent first (`tasks/classification/learner.py`), or `--from RUN` takes a trained
one, with features from any of its layers. Its weights are then fixed, and trees are trained on its features round by
round (`tasks/trees/boosting.py`), each round on the errors of those before it, until the validation loss stops falling.
Each feature belongs to one channel, so the gains of the trees show which channels matter.

Papers: Chen and Guestrin 2016, "XGBoost: A Scalable Tree Boosting System", arXiv:1603.02754; Razavian et al. 2014,
"CNN Features off-the-shelf", arXiv:1403.6382. Differences:

1. The trained trees are stored as tensors and need no XGBoost at inference (`tasks/trees/forest.py`), so the run is
   saved, moved and used like any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.errors import DataError, SettingsError
from axone.graph import Activation, BatchNorm2d, Conv2d, GlobalMaxPool2d, Input, Linear, MaxPool2d, Model
from axone.messages import _, mark
from axone.runs import folder
from axone.settings import option, resolve
from axone.shell import quote
from axone.tasks.classification.backbones.settings import QUICK
from axone.tasks.classification.data import read_data
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.classification.saved_classifier import SavedClassifier, read_classifier
from axone.tasks.classification.views import views_of
from axone.tasks.explanation.features import Layers
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.inputs import read_inputs as read_inputs
from axone.tasks.images.settings import EPOCHS_RULE
from axone.tasks.trees.boosting import import_xgboost
from axone.tasks.trees.fitting import TreeFitter
from axone.tasks.trees.forest import Forest
from axone.tasks.trees.network import TreesOnFeatures
from axone.tasks.trees.settings import TreeSettings


class Settings(TreeSettings):
    """The settings of the network, the trees and their training."""

    channels: tuple[int, ...] = option((32, 64, 128), mark("number of kernels of each convolution"), min_length=1)
    epochs: int = option(
        12,
        mark("epochs: passes of the network over the training set; 0: it is not trained"),
        auto=EPOCHS_RULE,
        ge=0,
        le=1_000_000,
    )

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": QUICK}


EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}


def network(settings: Settings, facts: dict[str, Any]) -> Model:
    """Return the network that is trained here; its last features are the maxima of its channels."""
    image = h = Input(*facts["input"])  # [channels, height, width]
    for channels in settings.channels:
        h = Conv2d(channels, 3, padding="same", bias=False)(h)
        if min(h.shape[1:]) >= 4:
            h = MaxPool2d(2)(h)
        h = Activation("relu")(BatchNorm2d()(h))
    return Model(image, Linear(len(facts["classes"]))(GlobalMaxPool2d()(h)))  # [classes]


def model(settings: Settings, facts: dict[str, Any]) -> TreesOnFeatures:
    """Return the network written here, or that of another run (the fact "graph"), with a forest that is still empty.

    Raises UsageError for an unknown layer, DataError where the other run's images had another shape.
    """
    cnn = Model.from_json(facts["graph"]) if "graph" in facts else network(settings, facts)
    if tuple(facts["input"]) != cnn.input_shapes[0]:
        raise DataError(
            _("The images do not have the shape for which the network was trained."),
            expected=_("expected (channels, height, width) = {wanted}, found {found}",
                       wanted=cnn.input_shapes[0], found=tuple(facts["input"])),
        )  # fmt: skip
    layers = Layers(cnn, facts["input"])
    layer = layers.find(settings.layer or layers.penultimate).name
    return TreesOnFeatures(cnn, layer, Forest(settings.rounds, len(facts["classes"]), settings.tree_depth))


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose settings by the number and the size of the images, where they are left open.

    With --from, take data, split and views from that run unless they are set, and do not train the network. The
    split must be the same: on images of the network's training set, early stopping would come too late.
    """
    if not settings.from_:
        return complete_settings(settings, context)
    base = read_classifier(folder.find(settings.from_, context.runs_folder))
    set_by_user = settings.model_fields_set
    if "epochs" in set_by_user and settings.epochs:
        raise SettingsError(
            _(
                "With --from the network is not trained: {count} epochs are not possible.",
                count=settings.epochs,
            ),
            hint=_("type: axone resume {run} --epochs N, and then this", run=quote(base.path)),
        )
    inherited = ["data", "flip", "fit"]
    if "data" not in set_by_user or settings.data == base.settings.get("data"):
        inherited += ["limit", "validation", "seed", "image_size"]
    taken = {name: base.settings[name] for name in inherited if name in base.settings and name not in set_by_user}
    changes = {**taken, "from_": str(base.path), "epochs": 0}
    return resolve(Settings, {**settings.model_dump(), **changes})  # type: ignore[return-value]


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images, train the network with cross-entropy, and then trees on its features."""
    base = read_base(settings, context)
    if base:  # its network needs images as its own run read them: size, channels and normalization
        context = replace(context, facts={**base.facts, "graph": base.graph})
    graph = {name: value for name, value in (context.facts or {}).items() if name == "graph"}
    data = read_data(settings, context)
    trees = model(settings, {**data.facts, **graph})
    notes = load_base(trees, base) if base else []
    # The optimizer trains the network only: trees have no gradients, and no moving averages either.
    learner = Classifier(trees, settings, views_of(settings), class_weights=data.class_weights, trainable=trees.cnn)
    fitter = TreeFitter(settings, trees, base.seconds if base else None)
    return Experiment(
        learner,
        data.train,
        data.validation,
        data.test,
        {**data.facts, **graph, "layer": trees.layer},
        monitor="accuracy",
        without_validation="last",
        notes=data.notes + notes,
        report=data.report,
        figures=fitter.make_figures,
        fit_postprocessing=fitter.fit,
    )


def read_base(settings: Settings, context: BuildContext) -> SavedClassifier | None:
    """Return the run that `--from` names; None without it, or where a run's own weights will be restored.

    Raises ResourceError before a new training where XGBoost is not installed.
    """
    if context.facts is not None:
        return None
    import_xgboost()
    return read_classifier(folder.find(settings.from_, context.runs_folder)) if settings.from_ else None


def load_base(trees: TreesOnFeatures, base: SavedClassifier) -> list[str]:
    """Load the weights of the run that `--from` names, and return a note on it."""
    base.load_into(trees.cnn)
    return [_("The features are those of layer {layer} in {run}.", layer=trees.layer, run=base.path)]
