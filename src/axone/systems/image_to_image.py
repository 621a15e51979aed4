"""Image-to-image translation (CycleGAN, pix2pix): turns images of one kind into another, and back.

The flow of shapes, with the default settings, for edges of Fashion-MNIST images and the images themselves:

    generators      (1, 28, 28) -> convolution 5x5 -> (16, 28, 28) -> convolutions 4x4, stride 2 -> (32, 14, 14)
                    -> (64, 7, 7) -> 3 residual blocks -> transposed convolutions -> (16, 28, 28) -> (1, 28, 28);
                    one for each direction
    discriminators  (1, 28, 28) -> convolutions 4x4, stride 2 -> (32, 14, 14) -> (64, 7, 7)
                    -> a score for each patch (1, 7, 7): how real it is; one for each domain

Without pairs (preset `default`): Zhu, Park, Isola, Efros 2017, "Unpaired image-to-image translation using
cycle-consistent adversarial networks" (CycleGAN, arXiv:1703.10593). An image that is translated and translated back
must equal the original (cycle consistency). With pairs (preset `paired`): Isola, Zhu, Zhou, Efros 2017,
"Image-to-image translation with conditional adversarial networks" (pix2pix, arXiv:1611.07004). The translation must
be near the true one, and the discriminators see the input next to the translation. Differences from the papers:

1. Small networks for small images: three residual blocks of 64 channels instead of nine of 256.
2. Batches instead of single images, and so no history of generated images for the discriminators.
3. With pairs, too, both directions are learned, the generators are the same residual ones instead of U-Nets, and the
   discriminators' loss is least squares.

Measured by benchmarks/image_to_image.py: PSNR 12.2 dB, cycle error 0.050 without pairs in 25.5 minutes; 22.0 dB with
pairs in 18.6 minutes (edges themselves: 7.6 dB). Threads: 1, seeds: 1.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from axone.data.images.normalize import to_unit_range
from axone.data.images.pairs import PairBatch
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.graph import Activation, Conv2d, ConvTranspose2d, Input, InstanceNorm2d, Model, Node
from axone.layers.adversarial import lsgan_loss
from axone.messages import mark
from axone.settings import option
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.settings import BATCH_RULE, EPOCHS_RULE, ImageDataSettings
from axone.tasks.restoration.metrics import psnr
from axone.tasks.translation.data import read_domains
from axone.tasks.translation.figures import make_figures
from axone.tasks.translation.metrics import patch_distance
from axone.tasks.translation.predict import Translator
from axone.tasks.translation.predict import answering as answering
from axone.tasks.translation.predict import predict as predict
from axone.tasks.translation.predict import read_inputs as read_inputs

BETAS = (0.5, 0.999)  # of Adam, as in both papers

Images = Float[Tensor, "batch channels height width"]


class Settings(ImageDataSettings):
    """The settings of the four networks and of their training."""

    data: str = option("fashion-mnist", mark("source images: name of a known data set, or a folder"))
    to: str = option("", mark("target images: a folder or data set; empty: `data`, whose edges are the source"))
    method: Literal["unpaired", "paired"] = option(
        "unpaired", mark("train without pairs, or with pairs (files of the same name)")
    )
    width: int = option(
        16,
        mark("channels of the generators' first layer; deeper ones have twice and four times as many"),
        ge=1,
        le=1024,
    )
    blocks: int = option(3, mark("residual blocks of each generator"), ge=0, le=64)
    cycle_weight: float = option(10.0, mark("cycle consistency loss weight, without pairs"), ge=0, le=1000)
    identity_weight: float = option(0.0, mark("identity loss weight, without pairs"), ge=0, le=1000)
    l1_weight: float = option(100.0, mark("L1 loss weight, with pairs"), ge=0, le=10_000)
    epochs: int = option(3, mark("number of passes over the training set"), auto=EPOCHS_RULE, ge=1, le=1_000_000)
    batch_size: int = option(32, mark("number of examples in a batch"), auto=BATCH_RULE, ge=1, le=1_000_000)
    learning_rate: float = option(1e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option("one-cycle", mark("learning rate schedule"))
    optimizer: Literal["adam", "adamw"] = option("adam", mark("optimizer"))
    ema: float = option(0.99, mark("decay of the exponential moving average of the weights; 0: none"), ge=0, lt=1)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": {}, "paired": {"method": "paired", "epochs": 2}}


EXAMPLE_FACTS = {"input": [1, 28, 28]}


def model(settings: Settings, facts: dict[str, Any]) -> Translator:
    """Build the generators of both directions."""
    return Translator(generator(settings, facts), generator(settings, facts))


def generator(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build a generator: halve the side of the image twice, apply residual blocks, double it twice."""
    channels, *_sides = facts["input"]
    image = Input(*facts["input"])
    h = _normalize(Conv2d(settings.width, 5, padding="same", bias=False)(image))
    for factor in (2, 4):
        h = _normalize(Conv2d(factor * settings.width, 4, 2, padding=1, bias=False)(h))
    for _block in range(settings.blocks):
        inner = _normalize(Conv2d(4 * settings.width, 3, padding="same", bias=False)(h))
        h = h + InstanceNorm2d()(Conv2d(4 * settings.width, 3, padding="same", bias=False)(inner))
    for factor in (2, 1):
        h = _normalize(ConvTranspose2d(factor * settings.width, 4, 2, padding=1, bias=False)(h))
    return Model(image, Conv2d(channels, 5, padding="same", activation="tanh")(h))


def _normalize(h: Node) -> Node:
    return Activation("relu")(InstanceNorm2d()(h))


def discriminator(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build a discriminator, which scores each patch of an image; with pairs, of the input and the translation."""
    channels, height, width = facts["input"]
    image = Input(channels * (2 if settings.method == "paired" else 1), height, width)
    h = Conv2d(2 * settings.width, 4, 2, padding=1, activation="leaky_relu(0.2)")(image)
    h = InstanceNorm2d()(Conv2d(4 * settings.width, 4, 2, padding=1, bias=False)(h))
    h = Activation("leaky_relu(0.2)")(h)
    return Model(image, Conv2d(1, 3, padding="same")(h))


def discriminators(settings: Settings, facts: dict[str, Any]) -> nn.ModuleDict:
    """Build the discriminators of both domains."""
    return nn.ModuleDict({domain: discriminator(settings, facts) for domain in ("target", "source")})


class GanLearner(Learner):
    """Trains the generators of both directions (`network`) and the discriminators of both domains."""

    def __init__(
        self, settings: Settings, facts: dict[str, Any], generators: Translator, discriminators: nn.ModuleDict
    ) -> None:
        self.settings, self.has_targets = settings, facts["has_targets"]
        self.network, self.discriminators = generators, discriminators
        self.generator_optimizer = Optimizer(generators, settings, betas=BETAS)
        # The discriminators are not used after training, so their weights are not averaged.
        self.discriminator_optimizer = Optimizer(
            self.discriminators, settings.model_copy(update={"ema": 0.0}), betas=BETAS
        )

    def train_step(self, batch: PairBatch) -> Metrics:
        """Train the generators, then the discriminators on the same images."""
        settings, paired = self.settings, self.settings.method == "paired"
        source, target = batch.inputs, batch.targets  # [N, C, H, W] and [M, C, H, W], from -1 to 1; N = M for pairs
        to_target, to_source = self.network.source_to_target, self.network.target_to_source

        # 1. Translate in both directions.
        with self.casting():
            fake_target, fake_source = to_target(source), to_source(target)

            # 2. What each discriminator scores, real and generated; with pairs, next to the input (2 C channels).
            scored = [
                (self.discriminators["target"], target, fake_target, source),
                (self.discriminators["source"], source, fake_source, target),
            ]
            if paired:
                scored = [
                    (network, torch.cat([original, real], 1), torch.cat([original, fake], 1), original)
                    for network, real, fake, original in scored
                ]

            # 3. Generator update: adversarial loss, and distance to the true translation or to the original.
            loss = torch.stack([lsgan_loss(network(fake), 1.0) for network, _real, fake, _original in scored]).sum()
            if paired:
                distance = l1_distance(fake_target, target) + l1_distance(fake_source, source)
                loss = loss + settings.l1_weight * distance
            else:
                distance = l1_distance(to_source(fake_target), source) + l1_distance(to_target(fake_source), target)
                loss = loss + settings.cycle_weight * distance
                if settings.identity_weight:
                    identity = l1_distance(to_target(target), target) + l1_distance(to_source(source), source)
                    loss = loss + settings.identity_weight * identity
        self.generator_optimizer.step(loss)

        # 4. Discriminator update: 1 for real patches, 0 for generated ones.
        with self.casting():
            discriminator_loss = torch.stack(
                [
                    lsgan_loss(network(real), 1.0) + lsgan_loss(network(fake.detach()), 0.0)
                    for network, real, fake, _original in scored
                ]
            ).sum()
        self.discriminator_optimizer.step(discriminator_loss)
        return {
            "loss": loss.detach(),
            "discriminator_loss": discriminator_loss.detach(),
            # The mean of both directions, for pixels from 0 to 1.
            "l1" if paired else "cycle_loss": distance.detach() / 4,
        }

    def eval_step(self, batch: PairBatch) -> Metrics:
        """Measure cycle consistency, the patches of the translations and, if known, the distance to the true ones."""
        source, target = batch.inputs, batch.targets
        to_target, to_source = self.network.source_to_target, self.network.target_to_source
        with self.casting():
            fake_target, fake_source = to_target(source), to_source(target)
            cycle_loss = (l1_distance(to_source(fake_target), source) + l1_distance(to_target(fake_source), target)) / 4
        # Cycle consistency alone would be perfect if nothing were translated.
        distance = (patch_distance(fake_target, target) + patch_distance(fake_source, source)) / 4
        metrics = {"cycle_loss": cycle_loss, "patch_distance": distance, "loss": cycle_loss + distance}
        if self.has_targets:
            metrics["l1"] = l1_distance(fake_target, target) / 2
            metrics["psnr"] = psnr(to_unit_range(fake_target), to_unit_range(target)).mean()
        if self.settings.method == "paired":
            metrics["loss"] = metrics["l1"]
        return metrics


def l1_distance(generated: Images, target: Images) -> Float[Tensor, ""]:
    """Return the mean absolute difference between pixels."""
    return functional.l1_loss(generated.float(), target)


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose batch size and epochs by the number of images, where they are left open."""
    return complete_settings(settings, context, labeled=False, only={"batch_size", "epochs"})


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images of both domains, and assemble networks, learner and figures."""
    domains = read_domains(settings, context, settings.to, settings.method == "paired")
    facts = domains.facts
    return Experiment(
        GanLearner(settings, facts, model(settings, facts), discriminators(settings, facts)),
        domains.train,
        domains.validation,
        domains.test,
        facts,
        monitor="loss",
        notes=domains.notes,
        report=domains.report,
        figures=make_figures,
    )
