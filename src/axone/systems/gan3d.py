"""Two players: a generator makes 3-D shapes out of noise, a discriminator tells them from real ones.

The flow of shapes, by default, for furniture in cubes of 32 voxels:

    generator      noise (64), multiplied by its class's row of 64 -> dense -> (64, 4, 4, 4)
                   -> transposed convolutions 4x4x4, stride 2 -> (32, 8, 8, 8) -> (16, 16, 16, 16)
                   -> 3x3x3 -> (8, 16, 16, 16) -> unpacked: (1, 32, 32, 32), is this voxel full?
    discriminator  (1, 32, 32, 32) -> packed: (8, 16, 16, 16) -> convolutions 4x4x4, stride 2 -> (32, 8, 8, 8)
                   -> (64, 4, 4, 4) -> dense -> a score of realness for each class; the class asked for counts

Paper: Wu, Zhang, Xue, Freeman, Tenenbaum 2016, "Learning a probabilistic latent space of object shapes via 3D
generative-adversarial modeling" (arXiv:1610.07584). We differ:

1. The loss is the relativistic pairing loss with a price on steepness (`layers/adversarial.py`) instead of
   cross-entropy. The paper's discriminator must be held back whenever it is right too often; here nothing is.
2. One network for all classes, told the class, instead of one network a class: it multiplies the noise. The
   discriminator has a score for each class and the one asked for counts, as in Mescheder, Geiger, Nowozin 2018.
3. Cubes of 32 voxels instead of 64, and an eighth of the kernels, for processors. Each 2x2x2 voxels travel as eight
   channels (as in Shi et al. 2016, arXiv:1609.05158): a layer of one channel is slow.
4. What is used is the running average of the generator's weights (`--ema`).

Measured by benchmarks/gan3d.py: 84.0 % of 1,000 shapes that `axone generate` makes stand on four points, after 31.5
minutes of training. All are in one piece: what flies about, 1.8 % of the voxels, is left out (13.8 % of the shapes
need none of that). Threads: 1, seeds: 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.voxels.voxels import largest_component
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.errors import SettingsError
from axone.graph import (
    Activation,
    BatchNorm3d,
    Conv3d,
    ConvTranspose3d,
    Flatten,
    Input,
    Linear,
    Model,
    Node,
    Permute,
    Reshape,
)
from axone.layers.adversarial import approximate_gradient_penalty, init_dcgan, relativistic_loss
from axone.messages import _, mark
from axone.settings import Settings as Shared
from axone.settings import option
from axone.tasks.shapes.data import read_solids, volumes
from axone.tasks.shapes.figures import make_figures
from axone.tasks.shapes.generate import GeneratedShape, noise_for, one_hot, solids_from
from axone.tasks.shapes.metrics import coverage, flat, matching_distance, overlaps, validity

PACKED = 2  # voxels along each side of what travels as one place
FINE = 16  # kernels of the generator's largest maps
BETAS = (0.0, 0.99)  # Adam's: the other player moves too, so the last direction is no guide
DISTANCE = 0.1  # in each voxel, of the step by which steepness is measured


class Settings(Shared):
    """What can be changed about the two networks and their training."""

    data: str = option("furniture", mark("furniture (drawn by Axone), or a folder of OBJ, STL, PLY or OFF meshes"))
    resolution: int = option(32, mark("voxels along each side of the cube"), ge=8, le=128)
    up: Literal["y", "z"] = option("z", mark("axis that points up in your meshes"))
    channels: tuple[int, ...] = option((64, 32), mark("kernels of the generator's layers, first to last"), min_length=1)
    latent: int = option(64, mark("numbers of noise that a shape is made from"), ge=1, le=4096)
    penalty: float = option(0.25, mark("price of a steep discriminator (R1 and R2)"), ge=0, le=10_000)
    epochs: int = option(30, mark("times the networks see the training set"), ge=1, le=1_000_000)
    batch_size: int = option(32, mark("samples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(2e-3, mark("highest learning rate"), gt=0, le=100)
    optimizer: Literal["adam", "adamw"] = option("adam", mark("rule that changes the weights"))
    ema: float = option(0.998, mark("decay of the averaged copy of the weights; 0: no copy"), ge=0, lt=1)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": {}}


EXAMPLE_FACTS = {"classes": ["bed", "chair", "shelf", "table"]}


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Write the generator down: what the logarithm of a voxel's odds of being full is, from noise and class."""
    start = _coarsest(settings)
    noise, label = Input(settings.latent, name="noise"), Input(len(facts["classes"]), name="label")
    # A factor, as in `gan`; docs/lab-notes.md has it beside a class that stands next to the noise.
    own = noise * Linear(settings.latent, bias=False)(label)
    h = Linear(settings.channels[0] * start**3, bias=False)(own)
    h = Reshape((settings.channels[0], start, start, start))(h)
    for count in (*settings.channels[1:], FINE):
        h = Activation("relu")(BatchNorm3d()(h))
        h = ConvTranspose3d(count, 4, 2, padding=1)(h)
    h = Activation("relu")(BatchNorm3d()(h))
    h = Conv3d(PACKED**3, 3, padding="same")(h)  # neighbors agree before they are voxels: fewer fly about
    made = Model((noise, label), unpacked(h))
    init_dcgan(made)
    return made


def discriminator(settings: Settings, facts: dict[str, Any]) -> Model:
    """Write the discriminator down: the generator's sizes from the last to the first, without norms."""
    voxels = Input(1, *(settings.resolution,) * 3)
    h = packed(voxels)
    for count in reversed(settings.channels):
        h = Conv3d(count, 4, 2, padding=1, activation="leaky_relu(0.2)")(h)
    made = Model(voxels, Linear(len(facts["classes"]))(Flatten()(h)))
    init_dcgan(made)
    return made


def packed(voxels: Node) -> Node:
    """Put each 2x2x2 voxels into eight channels of one place: (1, 32, 32, 32) becomes (8, 16, 16, 16)."""
    side = voxels.shape[1] // PACKED
    split = Reshape((side, PACKED) * 3)(voxels)
    return Reshape((PACKED**3, side, side, side))(Permute((2, 4, 6, 1, 3, 5))(split))


def unpacked(places: Node) -> Node:
    """Lay the eight channels of each place out as 2x2x2 voxels: what `packed` did, undone."""
    side = places.shape[1]
    split = Permute((4, 1, 5, 2, 6, 3))(Reshape((PACKED,) * 3 + (side,) * 3)(places))
    return Reshape((1, *(PACKED * side,) * 3))(split)


class Players(Learner):
    """A generator (`network`) that makes shapes and a discriminator that tells them from real ones."""

    def __init__(self, settings: Settings, facts: dict[str, Any]) -> None:
        self.network = model(settings, facts)
        self.discriminator = discriminator(settings, facts)
        self.create = Optimizer(self.network, settings, betas=BETAS)
        # Of the discriminator no average is kept: nobody asks it afterwards.
        self.judge = Optimizer(self.discriminator, settings.model_copy(update={"ema": 0.0}), betas=BETAS)
        self.settings, self.facts = settings, facts

    def train_step(self, batch: Any) -> Metrics:
        """Let the discriminator learn from pairs of a real and a made shape, then the generator."""
        real, label = volumes(batch.inputs), one_hot(batch.targets, len(self.facts["classes"]))
        noise = torch.randn(len(real), self.settings.latent, device=real.device)

        def score(shapes: Float[Tensor, "batch 1 height depth width"]) -> Float[Tensor, " batch"]:
            with self.casting():
                scores = self.discriminator(shapes)
            return (scores.float() * label).sum(1)

        with self.casting():
            made = self.network(noise, label).float().sigmoid()
        shown = made.detach()
        real_score, made_score = score(real), score(shown)
        judged = relativistic_loss(real_score, made_score)
        # Step by step in turn on real and on made shapes (R1, R2): half the work, and the same price on average.
        steep = (
            approximate_gradient_penalty(score, real, real_score, DISTANCE)
            if self.judge.calls % 2
            else approximate_gradient_penalty(score, shown, made_score, DISTANCE)
        )
        self.judge.step(judged + 2 * self.settings.penalty * steep)

        with torch.no_grad():
            real_score = score(real)
        created = relativistic_loss(score(made), real_score)
        self.create.step(created)
        return {"loss": created.detach(), "discriminator loss": judged.detach(), "slope": steep.detach()}

    def eval_step(self, batch: Any) -> Metrics:
        """Make as many shapes of the same classes, always from the same noise, and measure them."""
        classes = len(self.facts["classes"])
        noise = noise_for(len(batch.targets), self.settings.latent, self.settings.seed, "check")
        with self.casting():
            made = solids_from(self.network, noise, one_hot(batch.targets.cpu(), classes))
        found = validity(made, batch.targets.cpu().numpy(), self.facts["stands"])
        near = overlaps(flat(made), batch.inputs.cpu().flatten(1) > 0.5)
        return {
            "distance": matching_distance(near),
            "coverage": coverage(near),
            "valid": torch.tensor(found.valid.mean()),
            "in one piece": torch.tensor(found.whole.mean()),
        }


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read or draw shapes, and set the two networks against each other over them."""
    _coarsest(settings)
    parts = read_solids(settings, context, settings.resolution, settings.up)
    return Experiment(
        learner=Players(settings, parts.facts),
        train=parts.training_stream(),
        validation=parts.evaluation_stream(parts.validation),
        test=parts.evaluation_stream(parts.test),
        facts=parts.facts,
        monitor="distance",
        notes=parts.notes,
        report=parts.report,
        figures=lambda made, final: make_figures(made, final, parts, settings.latent),
    )


def generate(
    network: nn.Module, settings: Settings, facts: dict[str, Any], *, count: int, label: str | None, seed: int
) -> Iterable[GeneratedShape]:
    """Make so many shapes, of one class or of all in turn. What does not hang together with the rest is left out."""
    classes = facts["classes"]
    asked = [classes.index(label) if label else number % len(classes) for number in range(count)]
    made = solids_from(network, noise_for(count, settings.latent, seed), one_hot(torch.tensor(asked), len(classes)))
    for solid, number in zip(largest_component(made), asked, strict=True):
        yield GeneratedShape(solid, classes[number] if len(classes) > 1 else "", number)


def _coarsest(settings: Settings) -> int:
    """Return the side of the generator's first cube. Raises SettingsError where doubling it gives no whole cube."""
    doubled = PACKED * 2 ** len(settings.channels)
    start, rest = divmod(settings.resolution, doubled)
    if rest or not start:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="resolution", value=settings.resolution),
            expected=_("expected a multiple of {number}: each layer doubles the side", number=doubled),
        )
    return start
