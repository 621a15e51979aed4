"""Two players: a generator invents pictures, a discriminator tells them from real ones.

The flow of shapes, by default, for Fashion-MNIST:

    generator       64 numbers drawn by chance, multiplied by its class's row of 64 -> dense -> (64, 7, 7)
                    -> transposed 4x4, stride 2 -> (32, 14, 14) -> transposed 4x4, stride 2 -> (1, 28, 28)
    discriminator   (1, 28, 28) -> 4x4, stride 2 -> (32, 14, 14) -> 4x4, stride 2 -> (64, 7, 7) -> flat (3136)
                    -> beside itself multiplied by its class's row -> one number: how real, for this class

Behind the layers stand batch norms, but for the discriminator of `wgan-gp`. With `--network residual` both players
are blocks of two 3x3 convolutions that add to what they were given, without any norm. Where the pictures have
classes, both players are told which one is meant. Each player has its own descent: `discriminate` and `invent` are
the game. What is kept and used is the generator, its weights averaged over the last thousands of steps.

Paper: Huang, Gokaslan, Kuleshov, Tompkin 2024, "The GAN is dead; long live the GAN! A Modern GAN Baseline" (R3GAN),
arXiv:2501.05441: a real picture and an invented one are judged as a pair (relativistic loss, Jolicoeur-Martineau
2018, arXiv:1807.00734), and the slope of the judgement is held down at both of them (R1 and R2), which together have
a proof of local convergence. Beside it stand two it came from: `--preset dcgan` (Radford, Metz, Chintala 2015,
arXiv:1511.06434) and `--preset wgan-gp` (Gulrajani et al. 2017, arXiv:1704.00028). How we differ:

1. Sizes and rates for a processor and for minutes. All presets have DCGAN's layers, which cost half of what residual
   blocks do and learn as much a step; the two older presets learn at higher rates than in their papers.
2. The modern preset has batch norms, which R3GAN does without: in minutes they are worth more than a change of the
   loss (docs/lab-notes.md). Real and invented pictures are never in one batch of them.
3. Every 8 steps R1 or R2, in turn, at 16 times its price: the same on average, for a fraction of the work (Karras et
   al. 2020, arXiv:1912.04958, appendix B).
4. The class multiplies the latent numbers, and the discriminator's last features (projection, Miyato and Koyama 2018,
   arXiv:1802.05637); in the residual generator it stands beside the latent numbers.
5. Both steps see the same invented pictures, and the generator is paired with real ones as they were judged just
   before: that saves a pass of each player.
6. The learning rate does not fall: the average of the weights does what a falling rate would do, without slowing
   the game down.

Measured by benchmarks/gan.py: FID (axone cnn) on Fashion-MNIST after 120 s of training: modern 0.56, dcgan 0.73,
wgan-gp 2.56 (mean of 3 seeds); AMD EPYC, 1 cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import softplus

from axone.data.images.stream import ImageTransform
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.figures.figure import Figure, Table
from axone.graph import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Concatenate,
    Conv2d,
    ConvTranspose2d,
    Embedding,
    Flatten,
    Input,
    Linear,
    Model,
    Node,
    Reshape,
    Upsample,
)
from axone.layers.adversarial import init_dcgan, relativistic_loss
from axone.messages import mark
from axone.settings import option
from axone.tasks.answers import GeneratedImage
from axone.tasks.generation import generation
from axone.tasks.generation.evaluator import obtain
from axone.tasks.generation.figures import make_figures
from axone.tasks.generation.generation import Question, given, make
from axone.tasks.generation.latents import sample_latents
from axone.tasks.images.settings import ImageDataSettings

LEAKY = "leaky_relu(0.2)"
LEAST_SIDE = 8  # maps smaller than this are halved no more
STEEP_EVERY = 8  # steps of the discriminator from one look at its slope to the next

PRESETS: dict[str, dict[str, Any]] = {
    "modern": {},
    "dcgan": {"loss": "non-saturating", "penalty": 0.0, "beta1": 0.5, "beta2": 0.999},
    "wgan-gp": {"loss": "wasserstein", "penalty": 10.0, "judgements": 5, "learning_rate": 1e-3, "beta2": 0.9},
}


class Settings(ImageDataSettings):
    """What can be changed about the two players and their game."""

    network: Literal["dcgan", "residual"] = option("dcgan", mark("how both players are built"))
    loss: Literal["relativistic", "wasserstein", "non-saturating"] = option(
        "relativistic", mark("what the players play for")
    )
    width: int = option(32, mark("channels of the largest maps; smaller maps have more"), ge=1, le=1024)
    latent: int = option(64, mark("numbers that a picture is made from"), ge=1, le=4096)
    conditional: bool = option(True, mark("tell both players the class, where the pictures have classes"))
    penalty: float = option(0.05, mark("how much the slope of the judgement is held down"), ge=0, le=1000)
    judgements: int = option(1, mark("steps of the discriminator for each one of the generator"), ge=1, le=100)
    beta1: float = option(0.0, mark("share of the last direction that is kept, in both optimizers"), ge=0, lt=1)
    beta2: float = option(0.99, mark("memory of the size of gradients, in both optimizers"), ge=0, lt=1)
    tick: int = option(12_800, mark("training pictures that make an epoch; 0: all of them"), ge=0)
    examiner: str = option(
        "", mark("run of a classifier whose features the FID compares; none: a small one for these pictures")
    )
    epochs: int = option(50, mark("ticks of the training; after each, samples are shown and measured"), ge=1)
    batch_size: int = option(64, mark("samples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(2e-3, mark("highest learning rate"), gt=0, le=100)
    optimizer: Literal["adam", "adamw"] = option("adam", mark("rule that changes the weights"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option(
        "constant", mark("how the learning rate moves during training")
    )
    ema: float = option(0.998, mark("decay of the averaged copy of the weights; 0: no copy"), ge=0, lt=1)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": PRESETS["modern"], **PRESETS}


EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Write the generator down: latent numbers and, where there are classes, one of them, become a picture."""
    chance = h = Input(settings.latent)
    inputs = [chance]
    if told := class_row(settings, facts, settings.latent):
        inputs.append(told[0])
        # Beside the latent numbers, the class drowned them where batch norms follow: one picture for each class.
        h = chance * told[1] if settings.network == "dcgan" else Concatenate()(chance, told[1])
    sides = halvings(facts["input"][1])
    grow = {"residual": grow_residual, "dcgan": grow_dcgan}[settings.network]
    channels = facts["input"][0]
    made = Model(inputs, grow(h, settings, sides, channels))
    begin(made, settings)
    return made


def discriminator(settings: Settings, facts: dict[str, Any]) -> Model:
    """Write the discriminator down: a picture, and the class that it should be, become how real it seems."""
    pixels = Input(*facts["input"])
    look = {"residual": look_residual, "dcgan": look_dcgan}[settings.network]
    h = look(pixels, settings, halvings(facts["input"][1]))
    inputs = [pixels]
    if told := class_row(settings, facts, h.shape[0]):
        inputs.append(told[0])
        h = Concatenate()(h, h * told[1])
    made = Model(inputs, Linear(1)(h))
    begin(made, settings)
    return made


def class_row(settings: Settings, facts: dict[str, Any], size: int) -> tuple[Node, Node] | None:
    """Return the input of a class's number and its learned row; None where no classes are told."""
    if not settings.conditional or len(facts["classes"]) < 2:
        return None
    number = Input(1, dtype="int64")
    return number, Flatten()(Embedding(len(facts["classes"]), size)(number))


def halvings(side: int) -> list[int]:
    """Return the sides of the maps, the largest first: 28 -> [14, 7]."""
    sides = [side // 2]
    while sides[-1] % 2 == 0 and sides[-1] >= LEAST_SIDE:
        sides.append(sides[-1] // 2)
    return sides


def widths(settings: Settings, sides: list[int]) -> list[int]:
    """Return the channels of the maps of each side: twice as many for each halving, eight times at most."""
    return [settings.width * min(2**level, 8) for level in range(len(sides))]


def residual(x: Node, name: str) -> Node:
    """Two 3x3 convolutions, added to what they were given; the second one begins at zero."""
    h = Activation(LEAKY)(x)
    h = Conv2d(x.shape[0], 3, padding="same", activation=LEAKY, name=f"{name}.first")(h)
    return x + Conv2d(x.shape[0], 3, padding="same", name=f"{name}.last")(h)


def grow_residual(h: Node, settings: Settings, sides: list[int], channels: int) -> Node:
    """From the smallest maps to the picture."""
    wide = widths(settings, sides)
    h = Reshape((wide[-1], sides[-1], sides[-1]))(Linear(wide[-1] * sides[-1] ** 2)(h))
    for level in reversed(range(len(sides))):
        if h.shape[0] != wide[level]:
            h = Conv2d(wide[level], 1)(h)
        if h.shape[1] != sides[level]:
            h = Upsample(2, "bilinear")(h)
        h = residual(h, f"maps{sides[level]}")
    h = Upsample(2, "bilinear")(Activation(LEAKY)(h))
    h = Conv2d(thin(settings), 3, padding="same", activation=LEAKY)(h)
    return Conv2d(channels, 3, padding="same", activation="tanh")(h)


def thin(settings: Settings) -> int:
    """Return the channels of maps as large as the picture, where each one costs most."""
    return max(1, settings.width // 2)


def look_residual(pixels: Node, settings: Settings, sides: list[int]) -> Node:
    """From the picture to the smallest maps, and to features."""
    h = Conv2d(thin(settings), 3, padding="same", activation=LEAKY)(pixels)
    h = Conv2d(settings.width, 4, 2, 1)(h)
    for side, wide in zip(sides, widths(settings, sides), strict=True):
        if h.shape[1] != side:
            h = AvgPool2d(2)(h)
        if h.shape[0] != wide:
            h = Conv2d(wide, 1)(h)
        h = residual(h, f"maps{side}")
    return Linear(2 * h.shape[0], activation=LEAKY)(Flatten()(Activation(LEAKY)(h)))


def grow_dcgan(h: Node, settings: Settings, sides: list[int], channels: int) -> Node:
    """Transposed convolutions, each followed by a batch norm and ReLU."""
    wide = widths(settings, sides)
    h = Reshape((wide[-1], sides[-1], sides[-1]))(Linear(wide[-1] * sides[-1] ** 2, bias=False)(h))
    for count in reversed(wide[:-1]):
        h = Activation("relu")(BatchNorm2d()(h))
        h = ConvTranspose2d(count, 4, 2, "same", bias=False)(h)
    return ConvTranspose2d(channels, 4, 2, "same", activation="tanh")(Activation("relu")(BatchNorm2d()(h)))


def look_dcgan(pixels: Node, settings: Settings, sides: list[int]) -> Node:
    """Strided convolutions; batch norms behind all but the first. Wasserstein's slope is of one picture: no norms."""
    h = pixels
    for level, count in enumerate(widths(settings, sides)):
        normed = level > 0 and settings.loss != "wasserstein"
        h = Conv2d(count, 4, 2, 1, bias=not normed)(h)
        h = Activation(LEAKY)(BatchNorm2d()(h) if normed else h)
    return Flatten()(h)


@torch.no_grad()
def begin(network: Model, settings: Settings) -> None:
    """Draw the first weights: DCGAN's small ones, else He's with each block's last convolution at zero (Fixup)."""
    if settings.network == "dcgan":
        init_dcgan(network)
        return
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            if name.endswith(".last"):
                nn.init.zeros_(layer.weight)
            else:
                nn.init.kaiming_normal_(layer.weight, 0.2)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


Judged = Float[Tensor, " batch"]
Loss = Callable[[Judged, Judged], Tensor]
# What the discriminator loses, and what the generator loses, when real and invented pictures were judged so. In a
# pair it is softplus(fake - real) for the one and softplus(real - fake) for the other: who is the more real?
LOSSES: dict[str, tuple[Loss, Loss]] = {
    "relativistic": (relativistic_loss, lambda real, fake: relativistic_loss(fake, real)),
    "wasserstein": (lambda real, fake: fake.mean() - real.mean(), lambda real, fake: -fake.mean()),
    "non-saturating": (
        lambda real, fake: softplus(fake).mean() + softplus(-real).mean(), lambda real, fake: softplus(-fake).mean(),
    ),
}  # fmt: skip


class Players(Learner):
    """A generator, which is the `network` that answers, and a discriminator, each with its own descent."""

    def __init__(self, settings: Settings, facts: dict[str, Any]) -> None:
        self.settings = settings
        self.network, self.discriminator = model(settings, facts), discriminator(settings, facts)
        betas = (settings.beta1, settings.beta2)
        self.creation = Optimizer(self.network, settings, betas=betas)
        # Of the discriminator no average is kept: nobody asks it afterwards.
        self.judgement = Optimizer(self.discriminator, settings.model_copy(update={"ema": 0.0}), betas=betas)
        self.judges_loss, self.inventors_loss = LOSSES[settings.loss]

    def train_step(self, batch: Any) -> Metrics:
        """Let the discriminator learn and, after as many `judgements` as are set, the generator."""
        real, labels = batch.inputs, batch.targets
        inventors_turn = (self.judgement.calls + 1) % self.settings.judgements == 0
        chance = torch.randn(len(real), self.settings.latent, device=real.device)
        with torch.set_grad_enabled(inventors_turn), self.casting():
            fake = self.network(*given(self.network, chance, labels)).float()
        metrics, on_real = self.discriminate(real, fake.detach(), labels)
        return metrics | self.invent(on_real, fake, labels) if inventors_turn else metrics

    def discriminate(self, real: Tensor, fake: Tensor, labels: Int64[Tensor, " batch"]) -> tuple[Metrics, Judged]:
        """Tell real pictures from invented ones of the same classes; return also how the real ones were judged."""
        price, wasserstein = self.settings.penalty, self.settings.loss == "wasserstein"
        turn, rest = divmod(self.judgement.calls, STEEP_EVERY)
        steep_at = (fake, real)[turn % 2] if price and not rest and not wasserstein else None
        if steep_at is not None:
            steep_at.requires_grad_()
        with self.casting():
            if wasserstein:  # without norms no picture sees another: one pass for both
                on_real, on_fake = self.judge(torch.cat([real, fake]), labels.repeat(2)).chunk(2)
            else:
                on_real, on_fake = self.judge(real, labels), self.judge(fake, labels)
            loss = self.judges_loss(on_real, on_fake)
            metrics = {"discriminator loss": loss, "gap": (on_real - on_fake).mean()}
            if price and wasserstein:
                metrics["slope"] = steep = self.slope_between(real, fake, labels)
                loss = loss + price * steep
            elif steep_at is not None:
                metrics["slope"] = steep = slope(on_real if steep_at is real else on_fake, steep_at)
                loss = loss + 2 * STEEP_EVERY * price * steep
        self.judgement.step(loss)
        return {name: value.detach() for name, value in metrics.items()}, on_real.detach()

    def invent(self, on_real: Judged, fake: Tensor, labels: Int64[Tensor, " batch"]) -> Metrics:
        """Invent pictures that the discriminator, as it is now, takes for more real."""
        with self.casting():
            loss = self.inventors_loss(on_real, self.judge(fake, labels))
        self.creation.step(loss)
        return {"loss": loss.detach()}

    def judge(self, pictures: Tensor, labels: Int64[Tensor, " batch"]) -> Judged:
        """Ask the discriminator how real pictures seem. Real and invented ones are never in one batch norm."""
        judged: Tensor = self.discriminator(*given(self.discriminator, pictures, labels))
        return judged.flatten().float()

    def slope_between(self, real: Tensor, fake: Tensor, labels: Int64[Tensor, " batch"]) -> Float[Tensor, ""]:
        """Return how far the slope is from 1, on lines between real and invented pictures (Gulrajani's penalty)."""
        share = torch.rand(len(real), 1, 1, 1, device=real.device)
        between = torch.lerp(real.detach(), fake.detach(), share).requires_grad_()
        (gradient,) = torch.autograd.grad(self.judge(between, labels).sum(), between, create_graph=True)
        return (gradient.float().flatten(1).norm(dim=1) - 1).square().mean()

    def eval_step(self, question: Question) -> Metrics:
        """Make pictures, always of the same chance, and hold them beside real ones."""
        made = make(self.network, sample_latents(len(question.labels), self.settings.latent, "check"), question.labels)
        return question.real.compare(made, question.labels)


def slope(judged: Judged, pictures: Tensor) -> Float[Tensor, ""]:
    """Return half the mean of the squared slope at the pictures: R1 at real ones, R2 at invented ones."""
    (gradient,) = torch.autograd.grad(judged.sum(), pictures, create_graph=True)
    return 0.5 * gradient.float().square().sum((1, 2, 3)).mean()


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pictures, bring the players together, and say by whom their work is examined."""
    parts = generation.read(settings, context)
    examiner = obtain(parts, context, settings.examiner)
    players = Players(settings, parts.facts)
    stream = generation.Ticks(
        parts.train, tick=settings.tick, batch_size=settings.batch_size, seed=settings.seed,
        transform=ImageTransform(parts.facts["mean"], parts.facts["std"]),
    )  # fmt: skip

    test = generation.examination(examiner, parts, parts.test, generation.TESTED) if len(parts.test) else None

    def shown(_made: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_figures(players.network, parts, examiner, test.real if test else None, settings.seed, final)

    return Experiment(
        learner=players,
        train=stream,
        validation=generation.examination(examiner, parts, parts.validation, generation.CHECKED),
        test=test,
        facts={"task": "generation", **parts.facts},
        monitor=f"FID ({examiner.name})",
        notes=parts.notes,
        report=parts.report,
        figures=shown,
    )


def generate(
    network: Model, settings: Settings, facts: dict[str, Any], *, count: int, label: str | None, seed: int
) -> Iterator[GeneratedImage]:
    """Invent pictures, of one class or of all in turn."""
    return generation.generate(network, facts, count=count, label=label, seed=seed)
