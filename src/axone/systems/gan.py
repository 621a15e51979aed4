"""Generative adversarial network (DCGAN, WGAN-GP, R3GAN): generates images like yours.

The flow of shapes, with the default settings, for Fashion-MNIST:

    generator       noise (64), multiplied by the class's learned vector (64) -> dense -> (64, 7, 7)
                    -> transposed convolution 4x4, stride 2 -> (32, 14, 14)
                    -> transposed convolution 4x4, stride 2 -> (1, 28, 28)
    discriminator   (1, 28, 28) -> convolution 4x4, stride 2 -> (32, 14, 14) -> convolution 4x4, stride 2
                    -> (64, 7, 7) -> flattened (3136), concatenated with its product with the class's learned vector
                    -> dense -> score: how real the image is, for this class

Batch norms follow the layers, except in the discriminator of `wgan-gp`. With `--network residual` both networks
consist of residual blocks of two 3x3 convolutions without batch norms. `tasks/generation/networks.py` has the layers of
both. Where the images have classes, both networks have the class as a second input. `train_step` is one step of both.
The generator's averaged weights are kept (`--ema`) and used.

Paper: Huang, Gokaslan, Kuleshov, Tompkin 2024, "The GAN is dead; long live the GAN! A Modern GAN Baseline" (R3GAN),
arXiv:2501.05441: the loss compares the scores of a real and a generated image (relativistic loss,
Jolicoeur-Martineau 2018, arXiv:1807.00734), and gradient penalties on real and on generated images (R1 and R2) give
a proof of local convergence. Two predecessors are presets: `--preset dcgan` (Radford, Metz, Chintala 2015,
arXiv:1511.06434) and `--preset wgan-gp` (Gulrajani et al. 2017, arXiv:1704.00028). Differences from the papers:

1. Sizes and learning rates are for minutes on a CPU. All presets have DCGAN's layers, which cost half as much as
   residual blocks and learn as much per step; the two older presets have higher learning rates than their papers.
2. The preset `modern` has batch norms, which R3GAN does without: in minutes they improve the result more than another
   loss does (docs/lab-notes.md). Real and generated images are never in one batch of a batch norm.
3. R1 and R2 are computed in turn, every 8 steps, with 16 times the weight: the same on average at a fraction of the
   cost (lazy regularization, Karras et al. 2020, arXiv:1912.04958, appendix B).
4. The class vector multiplies the noise, and the discriminator's features (projection, Miyato and Koyama 2018,
   arXiv:1802.05637); in the residual generator it is concatenated with the noise.
5. Both updates use the same generated images, and the generator's loss uses the scores of the real images from
   before the discriminator's update, which saves one forward pass of each network.
6. The learning rate is constant: averaging the weights has the effect of a falling rate, without slowing training.

Measured by benchmarks/gan.py: Fréchet distance (features: axone cnn) on Fashion-MNIST after 120 s of training: modern
0.56, dcgan 0.73, wgan-gp 2.56 (mean of 3 seeds); AMD EPYC, 1 cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import softplus

from axone.data.images.stream import Batch, ImageTransform
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.figures.figure import Figure, Table
from axone.graph import Concatenate, Input, Linear, Model
from axone.layers.adversarial import (
    gradient_penalty,
    init_dcgan,
    interpolated_gradient_penalty,
    relativistic_loss,
)
from axone.messages import mark
from axone.settings import option
from axone.tasks.generation import networks
from axone.tasks.generation.choose_evaluator import choose_evaluator, describe_evaluator
from axone.tasks.generation.data import ShortEpochs, read_images
from axone.tasks.generation.evaluation import EvaluationBatch, make_evaluation
from axone.tasks.generation.figures import make_figures
from axone.tasks.generation.generate import answering as answering
from axone.tasks.generation.generate import generate as generate
from axone.tasks.generation.generate import generate_images, select_inputs
from axone.tasks.generation.latents import sample_latents
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.settings import BATCH_RULE, ImageDataSettings

PENALTY_EVERY = 8  # discriminator steps from one gradient penalty (R1 or R2) to the next

PRESETS: dict[str, dict[str, Any]] = {
    "modern": {},
    "dcgan": {"loss": "non-saturating", "gradient_penalty": 0.0, "beta1": 0.5, "beta2": 0.999},
    "wgan-gp": {
        "loss": "wasserstein", "gradient_penalty": 10.0, "discriminator_steps": 5, "learning_rate": 1e-3, "beta2": 0.9,
    },
}  # fmt: skip


class Settings(ImageDataSettings):
    """The settings of the two networks and of their training."""

    network: Literal["dcgan", "residual"] = option("dcgan", mark("architecture of generator and discriminator"))
    loss: Literal["relativistic", "wasserstein", "non-saturating"] = option("relativistic", mark("loss function"))
    width: int = option(32, mark("channels of the largest feature maps; smaller maps have more"), ge=1, le=1024)
    latent: int = option(64, mark("size of the latent vector (noise) of an image"), ge=1, le=4096)
    conditional: bool = option(True, mark("condition both networks on the class, where the images have classes"))
    gradient_penalty: float = option(0.05, mark("gradient penalty weight; 0: none"), ge=0, le=1000)
    discriminator_steps: int = option(1, mark("discriminator steps per generator step"), ge=1, le=100)
    beta1: float = option(0.0, mark("Adam beta1, of both optimizers"), ge=0, lt=1)
    beta2: float = option(0.99, mark("Adam beta2, of both optimizers"), ge=0, lt=1)
    images_per_epoch: int = option(12_800, mark("training images in an epoch; 0: all of them"), ge=0)
    evaluator: str = option(
        "",
        mark(
            "network whose features the Fréchet distance compares: efficientnet-lite0, small (trained first), or the "
            "run of a classifier; empty: the first of these that is installed"
        ),
    )
    epochs: int = option(50, mark("epochs; after each, images are generated and evaluated"), ge=1)
    batch_size: int = option(64, mark("number of examples in a batch"), auto=BATCH_RULE, ge=1, le=1_000_000)
    learning_rate: float = option(2e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    optimizer: Literal["adam", "adamw"] = option("adam", mark("optimizer"))
    ema: float = option(0.998, mark("decay of the exponential moving average of the weights; 0: none"), ge=0, lt=1)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"default": PRESETS["modern"], **PRESETS}


EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the batch size by the number of images, where it is left open; epochs have a length of their own."""
    return complete_settings(settings, context, steps=0, labeled=False, only={"batch_size"})


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build the generator: noise [N, latent] and, if it is conditional, class indices [N, 1] -> images from -1 to 1."""
    channels, side, _width = facts["input"]
    noise = latent = Input(settings.latent)
    inputs = [noise]
    if uses_classes(settings, facts):
        label, embedding = networks.embed_class(len(facts["classes"]), settings.latent)
        inputs.append(label)
        # Where batch norms follow, a class vector concatenated with the noise drowns it: one image per class.
        latent = noise * embedding if settings.network == "dcgan" else Concatenate()(noise, embedding)
    layers = {"dcgan": networks.generator_dcgan, "residual": networks.generator_residual}[settings.network]
    return initialize(Model(inputs, layers(latent, settings.width, side, channels)), settings)


def discriminator(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build the discriminator: images [N, C, H, W] and, if it is conditional, class indices [N, 1] -> scores [N, 1]."""
    image = Input(*facts["input"])
    inputs = [image]
    if settings.network == "dcgan":
        features = networks.discriminator_dcgan(image, settings.width, batch_norm=settings.loss != "wasserstein")
    else:
        features = networks.discriminator_residual(image, settings.width)
    if uses_classes(settings, facts):
        label, embedding = networks.embed_class(len(facts["classes"]), features.shape[0])
        inputs.append(label)
        features = Concatenate()(features, features * embedding)
    return initialize(Model(inputs, Linear(1)(features)), settings)


def uses_classes(settings: Settings, facts: dict[str, Any]) -> bool:
    """Return whether the networks have the class as an input."""
    return settings.conditional and len(facts["classes"]) > 1


def initialize(network: Model, settings: Settings) -> Model:
    """Draw the initial weights of a network as its architecture needs them, and return it."""
    (init_dcgan if settings.network == "dcgan" else networks.init_residual)(network)
    return network


Scores = Float[Tensor, " batch"]
Loss = Callable[[Scores, Scores], Tensor]
# Name -> the losses of the discriminator and of the generator, as functions of the scores of real and generated images.
LOSSES: dict[str, tuple[Loss, Loss]] = {
    "relativistic": (relativistic_loss, lambda real, generated: relativistic_loss(generated, real)),
    "wasserstein": (
        lambda real, generated: generated.mean() - real.mean(),
        lambda real, generated: -generated.mean(),
    ),
    "non-saturating": (
        lambda real, generated: softplus(generated).mean() + softplus(-real).mean(),
        lambda real, generated: softplus(-generated).mean(),
    ),
}


class GanLearner(Learner):
    """Trains a generator, the `network` that a run is used for, and a discriminator, each with its own optimizer."""

    def __init__(self, settings: Settings, generator: Model, discriminator: Model) -> None:
        self.settings = settings
        self.network, self.discriminator = generator, discriminator
        self.discriminator_loss, self.generator_loss = LOSSES[settings.loss]
        betas = (settings.beta1, settings.beta2)
        self.generator_optimizer = Optimizer(generator, settings, betas=betas)
        # The discriminator is not used after training, so its weights are not averaged.
        self.discriminator_optimizer = Optimizer(discriminator, settings.model_copy(update={"ema": 0.0}), betas=betas)

    def train_step(self, batch: Batch) -> Metrics:
        """Train the discriminator on a batch and, every `discriminator_steps` batches, the generator."""
        settings, real, labels = self.settings, batch.inputs, batch.targets  # real: [N, C, H, W] from -1 to 1
        step, wasserstein = self.discriminator_optimizer.calls, settings.loss == "wasserstein"
        trains_generator = (step + 1) % settings.discriminator_steps == 0

        # 1. Generate images of the same classes.
        noise = torch.randn(len(real), settings.latent, device=real.device)  # [N, latent]
        with torch.set_grad_enabled(trains_generator), self.casting():
            generated = self.network(*select_inputs(self.network, noise, labels)).float()  # [N, C, H, W]
        fake = generated.detach()

        # 2. Discriminator: scores and loss. R1 and R2 need gradients with respect to the images that they penalize.
        turn, remainder = divmod(step, 1 if wasserstein else PENALTY_EVERY)
        weight = 0.0 if remainder else settings.gradient_penalty * (1 if wasserstein else 2 * PENALTY_EVERY)
        penalized = (fake, real)[turn % 2].requires_grad_(weight > 0 and not wasserstein)
        with self.casting():
            real_scores, fake_scores = self.score_both(real, fake, labels)  # [N], [N]
            loss = self.discriminator_loss(real_scores, fake_scores)
            metrics = {"discriminator_loss": loss, "score_gap": (real_scores - fake_scores).mean()}

            # 3. Gradient penalty: WGAN-GP's in each step, or R2 and R1 in turn in every 8th step.
            if weight:
                metrics["gradient_penalty"] = penalty = (
                    interpolated_gradient_penalty(lambda images: self.score(images, labels), real, fake)
                    if wasserstein
                    else gradient_penalty((fake_scores, real_scores)[turn % 2], penalized)
                )
                loss = loss + weight * penalty

        # 4. Discriminator update.
        self.discriminator_optimizer.step(loss)

        # 5. Generator update: raise the updated discriminator's scores of the generated images.
        if trains_generator:
            with self.casting():
                metrics["loss"] = self.generator_loss(real_scores.detach(), self.score(generated, labels))
            self.generator_optimizer.step(metrics["loss"])
        return {name: value.detach() for name, value in metrics.items()}

    def score(self, images: Float[Tensor, "batch channels height width"], labels: Int64[Tensor, " batch"]) -> Scores:
        """Return the discriminator's score of each image: the higher, the more real."""
        scores: Tensor = self.discriminator(*select_inputs(self.discriminator, images, labels))  # [N, 1]
        return scores.flatten().float()

    def score_both(self, real: Tensor, fake: Tensor, labels: Int64[Tensor, " batch"]) -> tuple[Scores, Scores]:
        """Return the scores of real and of generated images: in one pass if no batch norm would mix them."""
        if self.settings.loss == "wasserstein":
            real_scores, fake_scores = self.score(torch.cat([real, fake]), labels.repeat(2)).chunk(2)
            return real_scores, fake_scores
        return self.score(real, labels), self.score(fake, labels)

    def eval_step(self, batch: EvaluationBatch) -> Metrics:
        """Generate images, from the same noise each time, and compare them with real ones."""
        noise = sample_latents(len(batch.labels), self.settings.latent, "check")
        return batch.real.compare(generate_images(self.network, noise, batch.labels), batch.labels)


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images, and assemble networks, learner, evaluation and figures."""
    images = read_images(settings, context)
    evaluator = choose_evaluator(images, context, settings.evaluator)
    facts = {"task": "generation", "evaluator": evaluator.name, **images.facts}
    normalization = ImageTransform(facts["mean"], facts["std"])
    learner = GanLearner(settings, model(settings, facts), discriminator(settings, facts))
    validation = make_evaluation(evaluator, images, images.validation, evaluator.counts.validation)
    test = make_evaluation(evaluator, images, images.test, evaluator.counts.test) if len(images.test) else None

    def figures(_experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_figures(learner.network, images, evaluator, test.real if test else None, final)

    return Experiment(
        learner,
        ShortEpochs(images.train, settings.images_per_epoch, settings.batch_size, settings.seed, normalization),
        validation,
        test,
        facts,
        monitor=evaluator.name_metric("frechet_distance"),
        notes=[*images.notes, describe_evaluator(evaluator, settings.evaluator)],
        report=images.report,
        figures=figures,
    )
