"""Four networks that learn to turn one kind of picture into another, and back, with pairs or without.

The flow of shapes, by default, for outlines of Fashion-MNIST and the garments they belong to:

    generators      (1, 28, 28) -> convolution 5x5 -> (16, 28, 28) -> stride 2 -> (32, 14, 14) -> (64, 7, 7)
                    -> 3 residual blocks -> transposed convolutions -> (16, 28, 28) -> (1, 28, 28): there, and back
    discriminators  (1, 28, 28) -> convolutions 4x4, stride 2 -> (32, 14, 14) -> (64, 7, 7)
                    -> a score of realness for each patch (1, 7, 7): of the one kind, and of the other

Without pairs (preset default): Zhu, Park, Isola, Efros 2017, "Unpaired image-to-image translation using
cycle-consistent adversarial networks" (arXiv:1703.10593). A picture that goes there and back again must come back
as it was. With pairs (preset paired): Isola, Zhu, Zhou, Efros 2017, "Image-to-image translation with conditional
adversarial networks" (arXiv:1611.07004). The translation must come near the true one, and the discriminators see
what was given beside what was made of it. We differ:

1. Small networks for small pictures: three residual blocks of 64 kernels instead of nine of 256.
2. Batches instead of single pictures, so the discriminators see no history of earlier ones.
3. With pairs both directions are learned as well, the generators are the same residual ones instead of U-Nets, and
   the discriminators' loss is least squares, as without pairs.

Measured by benchmarks/image_to_image.py: without pairs 12.2 dB to the truth, cycle error 0.050, in 25.5 minutes; with
pairs 22.0 dB in 18.6 minutes (the outlines themselves: 7.6 dB). Threads: 1, seeds: 1.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.errors import DataError
from axone.graph import Activation, Conv2d, ConvTranspose2d, Input, InstanceNorm2d, Model, Node
from axone.messages import mark
from axone.settings import option
from axone.tasks.answers import GeneratedImage
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.restoration.metrics import psnr
from axone.tasks.translation import predict as translation
from axone.tasks.translation.data import read_sides
from axone.tasks.translation.metrics import patch_distance
from axone.tasks.translation.predict import Translator, in_shares

Pictures = Float[Tensor, "batch channels height width"]


class Settings(ImageDataSettings):
    """What can be changed about the four networks and their training."""

    data: str = option("fashion-mnist", mark("name of a known set, or a folder of pictures: what is translated"))
    to: str = option("", mark("into what: another folder or set; empty: outlines of the pictures into the pictures"))
    method: Literal["unpaired", "paired"] = option(
        "unpaired", mark("learn from any pictures of both kinds, or from pairs (files of the same name)")
    )
    width: int = option(
        16, mark("kernels of the generators' first layer; deeper ones have twice and four times as many"), ge=1, le=1024
    )
    blocks: int = option(3, mark("residual blocks of each generator"), ge=0, le=64)
    cycle: float = option(10.0, mark("weight of coming back unchanged, in the loss without pairs"), ge=0, le=1000)
    identity: float = option(
        0.0, mark("weight of leaving alone what is of the wanted kind already, without pairs"), ge=0, le=1000
    )
    truth: float = option(
        100.0, mark("weight of the distance to the true picture, in the loss with pairs"), ge=0, le=10_000
    )
    epochs: int = option(3, mark("times the network sees the training set"), ge=1, le=1_000_000)
    batch_size: int = option(32, mark("samples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(1e-3, mark("highest learning rate"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option(
        "one-cycle", mark("how the learning rate moves during training")
    )
    optimizer: Literal["adam", "adamw"] = option("adam", mark("rule that changes the weights"))
    ema: float = option(0.99, mark("decay of the averaged copy of the weights; 0: no copy"), ge=0, lt=1)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": {}, "paired": {"method": "paired", "epochs": 2}}


EXAMPLE_FACTS = {"input": [1, 28, 28]}


def model(settings: Settings, facts: dict[str, Any]) -> Translator:
    """Write both generators down."""
    return Translator(generator(settings, facts), generator(settings, facts))


def generator(settings: Settings, facts: dict[str, Any]) -> Model:
    """Halve the picture twice, work on it in residual blocks, double it twice."""
    channels, *_sides = facts["input"]
    pixels = Input(*facts["input"])
    h = _normed(Conv2d(settings.width, 5, padding="same", bias=False)(pixels))
    for times in (2, 4):
        h = _normed(Conv2d(times * settings.width, 4, 2, padding=1, bias=False)(h))
    for _number in range(settings.blocks):
        inner = _normed(Conv2d(4 * settings.width, 3, padding="same", bias=False)(h))
        h = h + InstanceNorm2d()(Conv2d(4 * settings.width, 3, padding="same", bias=False)(inner))
    for times in (2, 1):
        h = _normed(ConvTranspose2d(times * settings.width, 4, 2, padding=1, bias=False)(h))
    return Model(pixels, Conv2d(channels, 5, padding="same", activation="tanh")(h))


def _normed(h: Node) -> Node:
    return Activation("relu")(InstanceNorm2d()(h))


def discriminator(settings: Settings, facts: dict[str, Any]) -> Model:
    """Score each patch of a picture; with pairs, of two pictures one upon the other."""
    channels, height, width = facts["input"]
    pixels = Input(channels * (2 if settings.method == "paired" else 1), height, width)
    h = Conv2d(2 * settings.width, 4, 2, padding=1, activation="leaky_relu(0.2)")(pixels)
    h = InstanceNorm2d()(Conv2d(4 * settings.width, 4, 2, padding=1, bias=False)(h))
    h = Activation("leaky_relu(0.2)")(h)
    return Model(pixels, Conv2d(1, 3, padding="same")(h))


class Translators(Learner):
    """Generators there and back (`network`) and discriminators of both kinds (`critics`), which learn in turn."""

    def __init__(self, settings: Settings, facts: dict[str, Any]) -> None:
        self.network = model(settings, facts)
        self.critics = nn.ModuleDict({way: discriminator(settings, facts) for way in ("there", "back")})
        self.translate = Optimizer(self.network, settings, betas=(0.5, 0.999))
        # Of the discriminators no average is kept: nobody asks them afterwards.
        self.judge = Optimizer(self.critics, settings.model_copy(update={"ema": 0.0}), betas=(0.5, 0.999))
        self.settings, self.facts = settings, facts

    def train_step(self, batch: Any) -> Metrics:
        """Let the generators learn, then the discriminators from the same pictures."""
        paired = self.settings.method == "paired"
        one, other = batch.inputs, batch.targets
        with self.casting():
            there, back = self.network.there(one), self.network.back(other)
            # What each discriminator judges: real and made pictures. With pairs it sees what was given as well.
            judges = self.critics["there"], self.critics["back"]
            seen = [(other, there), (one, back)]
            if paired:
                seen = [
                    (torch.cat([given, real], 1), torch.cat([given, made], 1))
                    for given, (real, made) in zip((one, other), seen, strict=True)
                ]
            fooled = torch.stack([believed(judge(made), 1.0) for judge, (_real, made) in zip(judges, seen)]).sum()
            if paired:
                told = {"truth": apart(there, other) + apart(back, one)}
                loss = fooled + self.settings.truth * told["truth"]
            else:
                told = {"cycle": apart(self.network.back(there), one) + apart(self.network.there(back), other)}
                loss = fooled + self.settings.cycle * told["cycle"]
                if self.settings.identity:
                    kept = apart(self.network.there(other), other) + apart(self.network.back(one), one)
                    loss = loss + self.settings.identity * kept
        self.translate.step(loss)

        with self.casting():
            judged = torch.stack(
                [
                    believed(judge(real), 1.0) + believed(judge(made.detach()), 0.0)
                    for judge, (real, made) in zip(judges, seen)
                ]
            ).sum()
        self.judge.step(judged)
        # Pixels lie between -1 and 1, the mean of both ways is told in shares of the range from black to white.
        shares = {name: value.detach() / 4 for name, value in told.items()}
        return {"loss": loss.detach(), "discriminator loss": judged.detach(), **shares}

    def eval_step(self, batch: Any) -> Metrics:
        """Measure what comes back from both ways, how like the other kind translations look, and how near the truth."""
        one, other = batch.inputs, batch.targets
        with self.casting():
            there, back = self.network.there(one), self.network.back(other)
            cycle = (apart(self.network.back(there), one) + apart(self.network.there(back), other)) / 4
        # Coming back unchanged alone would be perfect where nothing is translated.
        distance = (patch_distance(there, other) + patch_distance(back, one)) / 4
        found = {"cycle": cycle, "distance": distance, "loss": cycle + distance}
        if self.facts["truth"]:
            found["truth"] = apart(there, other) / 2
            found["psnr"] = psnr(in_shares(there), in_shares(other)).mean()
        if self.settings.method == "paired":
            found["loss"] = found["truth"]
        return found


def apart(made: Pictures, true: Pictures) -> Float[Tensor, ""]:
    """Return the mean absolute difference of pixels."""
    return functional.l1_loss(made.float(), true)


def believed(scores: Float[Tensor, "batch 1 height width"], wanted: float) -> Float[Tensor, ""]:
    """Return the mean squared distance of the patches' scores to 1 (real) or 0 (made)."""
    return (scores.float() - wanted).square().mean()


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read both kinds of pictures and set the networks against each other over them."""
    sides = read_sides(settings, context, settings.to, settings.method == "paired")
    return Experiment(
        learner=Translators(settings, sides.facts),
        train=sides.train,
        validation=sides.validation,
        test=sides.test,
        facts=sides.facts,
        notes=sides.notes,
        report=sides.report,
        figures=translation.make_figures,
    )


read_inputs = translation.read_inputs


def predict(
    network: Translator, settings: Settings, facts: dict[str, Any], inputs: list[Any]
) -> list[GeneratedImage | DataError]:
    """Translate each picture; one that is given as back=PICTURE goes the other way."""
    return translation.predict(network, facts, inputs)
