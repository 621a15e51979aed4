"""A convolutional network that cleans pictures of noise, spots, blur and missing parts.

The flow of shapes, by default, for Fashion-MNIST (a U: down to a quarter of the sides, and up again):

    noisy (2, 28, 28) -> 3x3 -> (16, 28, 28) ---------------------------- + -> 3x3 -> noise (1, 28, 28)
                         -> halved -> (48, 14, 14) -> blocks -- + -> blocks -> doubled
                                      -> halved -> (96, 7, 7) -> blocks -> doubled
    cleaned = noisy - noise

The picture is shown in units of its noise, beside a map of how noisy it is; the noise is answered in those units. A
block adds to what it is given: x + 3x3(ReLU(3x3(x))). The course's network (`--preset course`) is a plain chain:

    noisy (1, 28, 28) -> 3x3, 32 -> maximum over 2x2 -> 3x3, 32 -> maximum over 2x2 -> (32, 7, 7)
                      -> 3x3, 32 -> doubled -> 3x3, 32 -> doubled -> 3x3, sigmoid -> cleaned (1, 28, 28)

Papers: Ronneberger, Fischer, Brox 2015, "U-Net", arXiv:1505.04597 (the U); Zhang, Zuo, Chen, Meng, Zhang 2017, "Beyond
a Gaussian Denoiser" (DnCNN), arXiv:1608.03981 (predict the noise; one network for all levels, which it is not told);
Zhang, Li, Zuo, Zhang, Van Gool, Timofte 2021, "Plug-and-Play Image Restoration with Deep Denoiser Prior" (DRUNet),
arXiv:2008.13751 (residual blocks in a U, sums instead of concatenations, no norms). How we differ:

1. Most work happens on halved maps, few channels stay at full size, for processors.
2. Nobody says how noisy a picture is: that is measured (`layers/noise_scaled.py`). The network sees the picture in
   units of the measured level, and the level, and answers in the same units.
3. It learns with Muon, and the squared error over the level, so that every level counts.

The course's network: Chollet 2016, "Building Autoencoders in Keras". We differ in the loss: squared error for
cross-entropy.

Measured by benchmarks/denoiser.py: 1,000 test images of Fashion-MNIST with Gaussian noise of standard deviation 0.25
(pixels 0 to 1, clipped) come from 14.21 to 23.07 dB after 21.2 minutes of training (one seed); the best classical
filter there, BM3D, gives 18.21 dB, the course's network 20.52 dB.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from axone.data.images.patches import NoisyBatch
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimizer import Optimizer
from axone.graph import Conv2d, ConvTranspose2d, Input, MaxPool2d, Model, Node, Upsample
from axone.messages import mark
from axone.settings import option
from axone.tasks.restoration import data as restoration
from axone.tasks.restoration.metrics import psnr, ssim
from axone.tasks.restoration.noise_scaled import NoiseScaled, estimate_noise_level
from axone.tasks.restoration.pad_to_multiple import PadToMultiple
from axone.tasks.restoration.predict import predict as predict
from axone.tasks.restoration.settings import RestorationSettings


class Settings(RestorationSettings):
    """What can be changed about the network and its training."""

    network: Literal["course", "residual"] = option(
        "residual", mark("a plain encoder and decoder, or a residual U that predicts the noise")
    )
    channels: tuple[int, ...] = option(
        (16, 48, 96), mark("maps at each size, each half the sides of the one before"), min_length=1, max_length=6
    )
    blocks: int = option(2, mark("residual blocks at each smaller size, on the way down and up"), ge=1, le=16)
    epochs: int = option(3, mark("times the network sees the training set"), ge=1, le=1_000_000)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("muon", mark("rule that changes the weights"))
    learning_rate: float = option(0.01, mark("highest learning rate"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option(
        "one-cycle", mark("how the learning rate moves during training")
    )

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


def model(settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Write the chosen network down, for pictures of any size."""
    return {"course": course, "residual": residual}[settings.network](settings, facts)


def course(settings: Settings, facts: dict[str, Any]) -> PadToMultiple:
    """Convolution and maximum, down to a small code; convolution and doubling, up to the picture."""
    pixels = h = Input(*sides(facts, len(settings.channels)))
    for count in settings.channels:
        h = MaxPool2d(2)(Conv2d(count, 3, padding="same", activation="relu")(h))
    for count in reversed(settings.channels):
        h = Upsample(2)(Conv2d(count, 3, padding="same", activation="relu")(h))
    cleaned = Conv2d(pixels.shape[0], 3, padding="same", activation="sigmoid")(h)
    return PadToMultiple(Model(pixels, cleaned), 2 ** len(settings.channels))


def residual(settings: Settings, facts: dict[str, Any]) -> NoiseScaled:
    """Down and up again, what was seen on the way down added on the way up; the answer is the noise to take away."""
    first, *smaller = settings.channels
    channels, height, width = sides(facts, len(smaller))
    pixels = Input(channels + 1, height, width)  # and a map of how noisy they are
    h = Conv2d(first, 3, padding="same")(pixels)
    passed: list[Node] = []
    for count in smaller:
        passed.append(h)
        h = blocks(settings, Conv2d(count, 2, 2)(h))
    for before in reversed(passed):
        doubled = ConvTranspose2d(before.shape[0], 2, 2)(h)
        if before is not passed[0]:
            h = blocks(settings, doubled + before)
        else:  # what is seen at full size is let through as far as the smaller maps allow: fine texture, not noise
            h = doubled + before * ConvTranspose2d(before.shape[0], 2, 2, activation="sigmoid")(h)
    network = Model(pixels, Conv2d(channels, 3, padding="same", name="noise")(h))
    for parameter in network.get_submodule("noise").parameters():
        nn.init.zeros_(parameter)  # it begins by leaving pictures as they are
    return NoiseScaled(PadToMultiple(network, 2 ** len(smaller)))


def blocks(settings: Settings, h: Node) -> Node:
    """Residual blocks: each adds what two convolutions see."""
    for _number in range(settings.blocks):
        seen = Conv2d(h.shape[0], 3, padding="same", activation="relu")(h)
        h = h + Conv2d(h.shape[0], 3, padding="same")(seen)
    return h


def sides(facts: dict[str, Any], halvings: int) -> tuple[int, int, int]:
    """Return channels, height and width of the pictures, the sides brought to what can be halved so many times."""
    channels, height, width = facts["input"]
    multiple = 2**halvings
    return channels, -(-height // multiple) * multiple, -(-width // multiple) * multiple


class Denoiser(Learner):
    """Learns to make the true picture of a noisy one; nobody tells the network the kind or the level of the noise."""

    def __init__(self, network: nn.Module, settings: Settings) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)
        self.plain = settings.network == "course"

    def train_step(self, batch: NoisyBatch) -> Metrics:
        """Descend on the error of a batch."""
        with self.casting():
            cleaned = self.network(batch.inputs)
        loss = self.price(cleaned, batch)
        self.optimizer.step(loss)
        return {"loss": loss.detach(), "psnr": psnr(cleaned.detach(), batch.targets).mean()}

    def eval_step(self, batch: NoisyBatch) -> Metrics:
        """Measure on pictures that were not trained on."""
        with self.casting():
            cleaned = self.network(batch.inputs).float()
        return {
            "loss": self.price(cleaned, batch),
            "psnr": psnr(cleaned, batch.targets).mean(),
            "ssim": ssim(cleaned, batch.targets).mean(),
        }

    def price(self, cleaned: Tensor, batch: NoisyBatch) -> Float[Tensor, ""]:
        """Return the squared error, of the residual network over the level of each picture's noise.

        Without that, what is very noisy drowns what is hardly noisy; over the square of the level it is the reverse.
        """
        error = (cleaned.float() - batch.targets).square().mean((1, 2, 3))
        return (error if self.plain else error / estimate_noise_level(batch.inputs)).mean()


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read clean pictures, or pairs, and stand the network before what was spoilt."""
    return restoration.experiment(settings, context, lambda facts: Denoiser(model(settings, facts), settings))
