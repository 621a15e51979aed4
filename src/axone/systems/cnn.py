"""Convolutional network: convolutions, poolings and a dense layer, for images of any size.

The flow of shapes by default, for Fashion-MNIST:

    (1, 28, 28) -> convolution 3x3, 32 kernels -> (32, 26, 26) -> max pooling 2x2 -> (32, 13, 13)
                -> convolution 3x3, 64 kernels -> (64, 11, 11) -> max pooling 2x2 -> (64, 5, 5)
                -> flatten (1600) -> dense 128 -> one logit per class (10)

For larger images `--network auto` chooses the network "fast" (batch norms, a residual sum, global max pooling), with
as many poolings as bring the sides to 5 to 10 pixels; here for 224 x 224 pixels in color:

    (3, 224, 224) -> (16, 112, 112) -> (16, 56, 56) -> (16, 28, 28) -> (32, 14, 14) -> (64, 7, 7) -> (128, 7, 7)
                  -> (128, 7, 7) -> global max pooling (128) -> one logit per class

The rules are in `tasks/images/defaults.py`. Loss, training step and test-time views are in
`tasks/classification/learner.py`.

Paper: LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition". Differences:

1. ReLU replaces tanh, max pooling replaces trainable average pooling, as is usual today.
2. The loss is the cross-entropy of logits, and the optimizer is Adam.
3. The preset "fast" is another network: batch norms, pooling before the norm, a residual sum, global max pooling.

Measured by benchmarks/accuracy_cnn.py: test accuracy on Fashion-MNIST, --preset default 91.99 % (mean of 3 seeds) in
0.9 minutes, --preset fast 94.06 % (mean of 3 seeds) in 4.3 minutes; AMD EPYC, 2 cores.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.graph import (
    Activation,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalMaxPool2d,
    Input,
    Linear,
    MaxPool2d,
    Model,
    Node,
)
from axone.messages import mark
from axone.settings import option
from axone.tasks.classification.backbones.data import read_images
from axone.tasks.classification.backbones.efficientnet_lite import PUBLISHED, STATISTICS, efficientnet_lite0
from axone.tasks.classification.backbones.network import Backbone
from axone.tasks.classification.backbones.packaged_weights import suggest_installation
from axone.tasks.classification.backbones.settings import BackboneSettings
from axone.tasks.classification.backbones.training import assemble_experiment
from axone.tasks.classification.data import read_data
from axone.tasks.classification.figures import make_figures
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.classification.views import views_of
from axone.tasks.images.completion import complete_settings, fill
from axone.tasks.images.defaults import HEAD_STEPS, are_few_photographs, choose_cnn, choose_epochs, is_elongated
from axone.tasks.images.inputs import read_inputs as read_inputs
from axone.tasks.images.settings import EPOCHS_RULE
from axone.tasks.images.survey import ImageSurvey

UNPOOLED = 2  # last convolutions of the fast network, which are not followed by pooling


class Settings(ImageClassificationSettings):
    """The settings of the network and its training."""

    network: Literal["auto", "course", "fast", "efficientnet-lite0"] = option(
        "auto",
        mark("architecture: course (as in the course), fast (residual, with batch norms), or efficientnet-lite0 "
             "(pretrained; only its last layer is trained)"),
        auto=mark("course; fast above 41 pixels or below 2,000 images; for few photographs efficientnet-lite0, where "
                  "pip install 'axone[pretrained]' was typed"),
    )  # fmt: skip
    channels: tuple[int, ...] = option(
        (32, 64),
        mark("number of kernels of each convolution"),
        auto=mark("more convolutions for larger images"),
        min_length=1,
    )
    kernel_size: int = option(3, mark("side of the convolution kernels, in pixels"), ge=1, le=31)
    stride: int = option(1, mark("stride of the convolutions, in pixels"), ge=1, le=16)
    padding: Literal["valid", "same"] = option(
        "valid",
        mark("padding of the convolutions: valid (none) or same (zeros that keep the size)"),
        auto=mark("same for the network fast and below 10 pixels"),
    )
    pooling: int = option(2, mark("side of the max-pooling window; 1: no pooling"), ge=1, le=16)
    dense: tuple[int, ...] = option((128,), mark("units of each dense layer before the output layer"))
    activation: Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu"] = option("relu", mark("activation function"))
    dropout: float = option(0.0, mark("dropout probability after dense layers"), ge=0, lt=1)
    epochs: int = option(8, mark("epochs: passes over the training set"), auto=EPOCHS_RULE, ge=1, le=1_000_000)
    learning_rate: float = option(3e-3, mark("learning rate; with a schedule, its highest value"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option("one-cycle", mark("learning rate schedule"))

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "fast": {
            "network": "fast",
            "channels": (32, 64, 128, 128),
            "padding": "same",
            "dense": (),
            "flip": True,
            "shift": 1,
            "epochs": 12,
            "batch_size": 250,
            "optimizer": "muon",
            "learning_rate": 0.01,
            "label_smoothing": 0.1,
            "validation": 0.05,
        },
    }


class PretrainedSettings(BackboneSettings):
    """The settings of the training of a pretrained network's last layer."""

    network: str = option("auto", "as in Settings")


EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose network and training by the number and the size of the images, where the settings leave them open."""
    return complete_settings(settings, context, choose_network)


def choose_network(settings: Settings, survey: ImageSurvey) -> dict[str, Any]:
    """Return the settings of the network for the images of a survey."""
    side = settings.image_size or survey.side
    pretrained = PUBLISHED.is_installed() and are_few_photographs(survey.images, survey.side, survey.channels)
    explicit = frozenset(settings.model_fields_set)
    elongated = survey.is_elongated and not settings.image_size
    choices = choose_cnn(dict(settings), explicit, side, survey.images, elongated=elongated, pretrained=pretrained)
    if choices["network"] == "efficientnet-lite0":
        epochs = Settings.model_fields["epochs"].default
        return {**choices, "epochs": choose_epochs(survey.images, settings.batch_size, epochs, HEAD_STEPS)}
    return choices


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Return the network for the images and classes of a run, with random weights."""
    if settings.network == "efficientnet-lite0":
        return efficientnet_lite0(Input(*facts["input"]), len(facts["classes"]), dropout=settings.dropout)
    _channels, height, width = facts["input"]
    explicit = frozenset(settings.model_fields_set)
    elongated = is_elongated(height, width)
    settings = fill(settings, choose_cnn(dict(settings), explicit, min(height, width), elongated=elongated))
    return {"course": course_network, "fast": fast_network}[settings.network](settings, facts)


def course_network(settings: Settings, facts: dict[str, Any]) -> Model:
    """Convolutions with activation and max pooling, then dense layers."""
    image = h = Input(*facts["input"])  # [channels, height, width]
    for channels in settings.channels:
        h = Conv2d(channels, settings.kernel_size, settings.stride, settings.padding, activation=settings.activation)(h)
        if settings.pooling > 1:
            h = MaxPool2d(settings.pooling)(h)
    h = add_dense_layers(settings, Flatten()(h))  # [units]
    return Model(image, Linear(len(facts["classes"]))(h))  # [classes]


def fast_network(settings: Settings, facts: dict[str, Any]) -> Model:
    """Convolutions with batch norms and residual sums, early poolings, and global max pooling.

    Pooling comes early, so that most of the work is on small feature maps, and before norm and activation, which then
    process a quarter of the values.
    """
    image = h = Input(*facts["input"])  # [channels, height, width]
    pooled = max(2, len(settings.channels) - UNPOOLED)
    for position, channels in enumerate(settings.channels):
        shortcut = h
        h = Conv2d(channels, settings.kernel_size, settings.stride, settings.padding, bias=False)(h)
        if position < pooled and settings.pooling > 1:
            h = MaxPool2d(settings.pooling)(h)
        h = Activation(settings.activation)(BatchNorm2d()(h))
        if h.shape == shortcut.shape:
            h = h + shortcut
    h = add_dense_layers(settings, GlobalMaxPool2d()(h))  # [units]
    return Model(image, Linear(len(facts["classes"]), bias=False)(h))  # [classes]


def add_dense_layers(settings: Settings, h: Node) -> Node:
    """Add the dense layers of the settings, with dropout, to a flat node."""
    for units in settings.dense:
        h = Linear(units, activation=settings.activation)(h)
        if settings.dropout:
            h = Dropout(settings.dropout)(h)
    return h


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images and train the network on them with cross-entropy (tasks/classification/learner.py)."""
    if settings.network == "efficientnet-lite0":
        return build_pretrained(settings, context)
    data = read_data(settings, context)
    network = model(settings, data.facts)
    learner = Classifier(network, settings, views_of(settings), class_weights=data.class_weights)
    return data.experiment(learner, make_figures, suggest_pretrained(settings, data.facts))


def build_pretrained(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images and train the last layer of a pretrained network on its features."""
    shared = {name: value for name, value in settings if name in PretrainedSettings.model_fields}
    fixed = {"weights": "imagenet", "stem": "imagenet", "freeze": True}
    frozen = PretrainedSettings.model_construct(set(settings.model_fields_set), **{**shared, **fixed})
    data = read_images(frozen, context, PUBLISHED, STATISTICS)
    network = model(settings, data.facts)
    assert isinstance(network, Backbone)
    return assemble_experiment(network, data, frozen, context)


def suggest_pretrained(settings: Settings, facts: dict[str, Any]) -> list[str]:
    """Return a note on the weights that would help, where the network was chosen without them."""
    channels, height, width = facts["input"]
    is_open = "network" not in settings.model_fields_set and settings.network == "fast"
    if not (is_open and are_few_photographs(facts["samples"]["train"], min(height, width), channels)):
        return []
    return [suggest_installation()]
