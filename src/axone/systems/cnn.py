"""A convolutional network that names what a small picture shows.

The flow of shapes, by default, for Fashion-MNIST:

    (1, 28, 28) -> convolution 3x3, 32 kernels -> (32, 26, 26) -> maximum over 2x2 -> (32, 13, 13)
                -> convolution 3x3, 64 kernels -> (64, 11, 11) -> maximum over 2x2 -> (64, 5, 5)
                -> flat (1600) -> dense 128 -> one logit a class (10)

Paper: LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition". We differ
as everyone does today: ReLU for tanh, the maximum for the average, cross-entropy on logits, Adam.

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
from axone.tasks.classification import image_classification
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.classification.settings import ImageClassificationSettings

POOLED = 2  # convolutions of the fast network that are followed by pooling


class Settings(ImageClassificationSettings):
    """What can be changed about the network and its training."""

    network: Literal["course", "fast"] = option("course", mark("the course's network, or the one made for speed"))
    channels: tuple[int, ...] = option((32, 64), mark("kernels of each convolution, first to last"), min_length=1)
    kernel_size: int = option(3, mark("side of the kernels, in pixels"), ge=1, le=31)
    stride: int = option(1, mark("pixels that a kernel moves at a time"), ge=1, le=16)
    padding: Literal["valid", "same"] = option("valid", mark("border: none, or as many zeros as keep the size"))
    pooling: int = option(2, mark("side of the square whose maximum is kept; 1: no pooling"), ge=1, le=16)
    dense: tuple[int, ...] = option((128,), mark("units of each dense layer before the last"))
    activation: Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu"] = option("relu", mark("non-linearity"))
    dropout: float = option(0.0, mark("share of the dense units left out at each step"), ge=0, lt=1)
    epochs: int = option(8, mark("times the network sees the training set"), ge=1, le=1_000_000)
    learning_rate: float = option(3e-3, mark("highest learning rate"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option(
        "one-cycle", mark("how the learning rate moves during training")
    )

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


EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Write the chosen network down for these pictures and classes."""
    return {"course": course, "fast": fast}[settings.network](settings, facts)


def course(settings: Settings, facts: dict[str, Any]) -> Model:
    """Convolution, maximum, again and again; then dense layers."""
    pixels = h = Input(*facts["input"])
    for count in settings.channels:
        h = Conv2d(count, settings.kernel_size, settings.stride, settings.padding, activation=settings.activation)(h)
        if settings.pooling > 1:
            h = MaxPool2d(settings.pooling)(h)
    h = dense(settings, Flatten()(h))
    return Model(pixels, Linear(len(facts["classes"]))(h))


def fast(settings: Settings, facts: dict[str, Any]) -> Model:
    """Norms, two early poolings so that most work happens on small maps, a residual sum, the maximum of each map.

    Pooling stands before norm and activation, which then touch a quarter of the values.
    """
    pixels = h = Input(*facts["input"])
    for position, count in enumerate(settings.channels):
        before = h
        h = Conv2d(count, settings.kernel_size, settings.stride, settings.padding, bias=False)(h)
        if position < POOLED and settings.pooling > 1:
            h = MaxPool2d(settings.pooling)(h)
        h = Activation(settings.activation)(BatchNorm2d()(h))
        if h.shape == before.shape:
            h = h + before
    h = dense(settings, GlobalMaxPool2d()(h))
    return Model(pixels, Linear(len(facts["classes"]), bias=False)(h))


def dense(settings: Settings, h: Node) -> Node:
    """Stand the dense layers of the settings behind a flat node."""
    for units in settings.dense:
        h = Linear(units, activation=settings.activation)(h)
        if settings.dropout:
            h = Dropout(settings.dropout)(h)
    return h


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pictures and stand the network in front of them."""
    return image_classification.experiment(settings, context, lambda facts: model(settings, facts))
