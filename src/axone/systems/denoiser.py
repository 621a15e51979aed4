"""Denoiser: removes noise, blur, spots and missing parts from images, with a residual U-Net.

The flow of shapes, by default, for Fashion-MNIST (a U-Net: down to a quarter of the sides, and up again):

    noisy (2, 28, 28) -> 3x3 -> (16, 28, 28) ---------------------------- + -> 3x3 -> noise (1, 28, 28)
                         -> halved -> (48, 14, 14) -> blocks -- + -> blocks -> doubled
                                      -> halved -> (96, 7, 7) -> blocks -> doubled
    restored = noisy - noise

The network gets the image divided by its estimated noise level, and a map of the level as a second channel; its output
is the noise divided by the level. A block is residual: x + 3x3(ReLU(3x3(x))). The course's network (`--preset course`)
is an autoencoder:

    noisy (1, 28, 28) -> 3x3, 32 -> max pooling 2x2 -> 3x3, 32 -> max pooling 2x2 -> (32, 7, 7)
                      -> 3x3, 32 -> upsampling -> 3x3, 32 -> upsampling -> 3x3, sigmoid -> restored (1, 28, 28)

Papers: Ronneberger, Fischer, Brox 2015, "U-Net", arXiv:1505.04597; Zhang, Zuo, Chen, Meng, Zhang 2017, "Beyond a
Gaussian Denoiser" (DnCNN), arXiv:1608.03981 (the output is the noise; one network for all levels, without their values
as input); Zhang, Li, Zuo, Zhang, Van Gool, Timofte 2021, "Plug-and-Play Image Restoration with Deep Denoiser Prior"
(DRUNet), arXiv:2008.13751 (residual blocks in a U-Net, sums instead of concatenations, no normalization layers). We
differ:

1. Few channels at full size, most layers on halved maps, which is faster on CPUs.
2. The noise level is not an input: it is estimated (`tasks/restoration/noise_scaled.py`), and the network works in
   units of the estimate.
3. The optimizer is Muon, and the squared error is divided by the level, so that all levels contribute.

The course's network: Chollet 2016, "Building Autoencoders in Keras". We differ in the loss: squared error instead of
cross-entropy.

Measured by benchmarks/denoiser.py: 1,000 test images of Fashion-MNIST with Gaussian noise of standard deviation 0.25
(pixels 0 to 1, clipped) come from 14.21 to 23.07 dB after 21.2 minutes of training (one seed); the best classical
filter there, BM3D, gives 18.21 dB, the course's network 20.52 dB.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from axone.data.images.restoration.patches import NoisyBatch
from axone.data.images.scale.scale import read_scale
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.errors import DataError
from axone.graph import Conv2d, ConvTranspose2d, Input, MaxPool2d, Model, Node, Upsample
from axone.messages import mark
from axone.settings import option
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.settings import EPOCHS_RULE
from axone.tasks.images.survey import survey_images
from axone.tasks.restoration.answering import answering
from axone.tasks.restoration.data import read_noisy_data
from axone.tasks.restoration.figures import make_figures
from axone.tasks.restoration.metrics import psnr, ssim
from axone.tasks.restoration.noise_scaled import NoiseScaled, estimate_noise_level
from axone.tasks.restoration.pad_to_multiple import PadToMultiple
from axone.tasks.restoration.predict import RestoredImage, predict_images
from axone.tasks.restoration.settings import RestorationSettings

Images = Float[Tensor, "batch channels height width"]


class Settings(RestorationSettings):
    """The options of the network and its training."""

    network: Literal["course", "residual"] = option(
        "residual", mark("a convolutional autoencoder, or a residual U-Net that predicts the noise")
    )
    channels: tuple[int, ...] = option(
        (16, 48, 96), mark("feature maps at each size; each size has half the sides of the previous one"),
        min_length=1, max_length=6,
    )  # fmt: skip
    blocks: int = option(2, mark("residual blocks at each smaller size, on the way down and up"), ge=1, le=16)
    epochs: int = option(3, mark("number of passes over the training set"), auto=EPOCHS_RULE, ge=1, le=1_000_000)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("muon", mark("optimizer"))
    learning_rate: float = option(0.01, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option("one-cycle", mark("learning rate schedule"))

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "photographs": {"batch_size": 16, "learning_rate": 5e-3, "epochs": 6, "views": 8},
        "course": {
            "network": "course",
            "channels": (32, 32),
            "optimizer": "adam",
            "learning_rate": 1e-3,
            "schedule": "constant",
            "epochs": 5,
        },
    }


EXAMPLE_FACTS = {"input": [1, 28, 28]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose batch size and epochs by the number of images, where they are left open and images are used whole."""
    survey = survey_images(settings, context, labeled=False)
    if survey is None or survey.side is None or survey.side > settings.image_size:
        return settings
    return complete_settings(settings, context, labeled=False, only={"batch_size", "epochs"})


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble the experiment: noisy and clean images, network, learner, figures."""
    data = read_noisy_data(settings, context)
    network = model(settings, data.facts)
    return Experiment(
        learner=DenoiserLearner(network, settings),
        train=data.train,
        validation=data.validation,
        test=data.test,
        facts=data.facts,
        monitor="psnr",
        notes=data.notes,
        report=data.report,
        figures=partial(make_figures, settings=settings),
    )


class DenoiserLearner(Learner):
    """Trains a network to return the clean image of a noisy one, without knowing the kind or the level of the noise."""

    def __init__(self, network: nn.Module, settings: Settings) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)

    def train_step(self, batch: NoisyBatch) -> Metrics:
        """Take a gradient step on the loss of a batch."""
        restored, loss = self.restore(batch)
        self.optimizer.step(loss)
        return {"loss": loss.detach(), "psnr": psnr(restored.detach(), batch.targets).mean()}

    def eval_step(self, batch: NoisyBatch) -> Metrics:
        """Measure loss, PSNR and SSIM of a batch."""
        restored, loss = self.restore(batch)
        return {
            "loss": loss,
            "psnr": psnr(restored, batch.targets).mean(),
            "ssim": ssim(restored, batch.targets).mean(),
        }

    def restore(self, batch: NoisyBatch) -> tuple[Images, Float[Tensor, ""]]:
        """Return the restored images [B, C, H, W] and the loss: the mean squared error.

        For the residual network the error of each image is divided by its noise level. Undivided, very noisy images
        would dominate the loss; divided by the square of the level, almost clean ones would.
        """
        if isinstance(self.network, NoiseScaled):
            levels = estimate_noise_level(batch.inputs)  # [B], estimated once for the network and the loss
            with self.casting():
                restored = self.network(batch.inputs, levels).float()
            return restored, (squared_errors(restored, batch.targets) / levels).mean()
        with self.casting():
            restored = self.network(batch.inputs).float()
        return restored, squared_errors(restored, batch.targets).mean()


def squared_errors(restored: Images, clean: Images) -> Float[Tensor, " batch"]:
    """Return the mean squared error of each image."""
    return (restored - clean).square().mean((1, 2, 3))


def model(settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Build the chosen network, for images of any size."""
    return {"course": course, "residual": residual}[settings.network](settings, facts)


def course(settings: Settings, facts: dict[str, Any]) -> PadToMultiple:
    """Build a convolutional autoencoder: convolutions and max pooling, then convolutions and upsampling."""
    pixels = h = Input(*padded_shape(facts, len(settings.channels)))
    for count in settings.channels:
        h = MaxPool2d(2)(Conv2d(count, 3, padding="same", activation="relu")(h))
    for count in reversed(settings.channels):
        h = Upsample(2)(Conv2d(count, 3, padding="same", activation="relu")(h))
    restored = Conv2d(pixels.shape[0], 3, padding="same", activation="sigmoid")(h)
    return PadToMultiple(Model(pixels, restored), 2 ** len(settings.channels))


def residual(settings: Settings, facts: dict[str, Any]) -> NoiseScaled:
    """Build a residual U-Net, whose skip connections are added; its output is the noise, divided by its level."""
    first, *smaller = settings.channels
    channels, height, width = padded_shape(facts, len(smaller))
    pixels = Input(channels + 1, height, width)  # the last channel is the map of the noise level
    h = Conv2d(first, 3, padding="same")(pixels)
    skips: list[Node] = []
    for count in smaller:
        skips.append(h)
        h = blocks(settings, Conv2d(count, 2, 2)(h))
    for skip in reversed(skips):
        upsampled = ConvTranspose2d(skip.shape[0], 2, 2)(h)
        if skip is not skips[0]:
            h = blocks(settings, upsampled + skip)
        else:  # a gate, computed from the smaller maps, lets fine texture of the full-size maps pass, but not noise
            h = upsampled + skip * ConvTranspose2d(skip.shape[0], 2, 2, activation="sigmoid")(h)
    network = Model(pixels, Conv2d(channels, 3, padding="same", name="noise")(h))
    for parameter in network.get_submodule("noise").parameters():
        nn.init.zeros_(parameter)  # the untrained network returns the image unchanged
    return NoiseScaled(PadToMultiple(network, 2 ** len(smaller)))


def blocks(settings: Settings, h: Node) -> Node:
    """Add residual blocks of two convolutions each."""
    for _number in range(settings.blocks):
        hidden = Conv2d(h.shape[0], 3, padding="same", activation="relu")(h)
        h = h + Conv2d(h.shape[0], 3, padding="same")(hidden)
    return h


def padded_shape(facts: dict[str, Any], halvings: int) -> tuple[int, int, int]:
    """Return the shape of the images, with sides rounded up to a multiple of 2^halvings."""
    channels, height, width = facts["input"]
    multiple = 2**halvings
    return channels, -(-height // multiple) * multiple, -(-width // multiple) * multiple


def predict(
    network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: list[Any]
) -> list[RestoredImage | DataError]:
    """Restore each image, of any size."""
    return predict_images(answering(network, settings, facts), inputs, read_scale(facts.get("scale")))
