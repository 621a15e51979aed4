"""Autoencoder, plain or variational: compresses images or table rows, scores anomalies, generates.

The flow of shapes, by default, for Fashion-MNIST:

    encoder: image (1, 28, 28) -> convolution 3x3, stride 2, 32 kernels -> (32, 14, 14) -> the same, 64 -> (64, 7, 7)
                               -> flatten (3136) -> dense 256 -> latents (32)
    decoder: latents (32) -> dense 256 -> dense 3136 -> (64, 7, 7)
                          -> transposed convolution 3x3, stride 2 -> (32, 14, 14) -> the same, sigmoid -> (1, 28, 28)

For larger images the encoder has more convolutions, until the feature maps have at most 8 rows or columns. For rows of
a table all layers are dense. The course's network (`--preset course`) has one dense layer in each half:
(784) -> 32, ReLU -> 784, sigmoid. The loss is the squared error between input and reconstruction. The error of an
example is its anomaly score (`axone predict`); the threshold is a quantile of the errors of held-out examples.

The encoder of a variational autoencoder (`--preset variational`) returns a normal distribution, from which the latents
are sampled in training. The KL divergence from the standard normal distribution is added to the loss, so that
latents sampled from that one decode to new examples (`axone generate`).

Papers: Rumelhart, Hinton, Williams 1986, "Learning internal representations by error propagation" (autoencoders);
Hinton, Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks" (comparison with PCA); Kingma,
Welling 2014, "Auto-encoding variational Bayes", arXiv:1312.6114; Rybkin, Daniilidis, Levine 2021, "Simple and
effective VAE training with calibrated decoders", arXiv:2006.13202 (section 3: the variance of the decoder is the mean
squared error); Higgins and others 2017, "beta-VAE" (the weight of the divergence). We differ:

1. All layers are trained together; Hinton and Salakhutdinov pretrain them one by one.
2. Pixels have a normal likelihood; Kingma and Welling use a Bernoulli likelihood for MNIST.
3. Held-out examples are evaluated at the mean of their latent distribution, not at a sample.

Measured by benchmarks/autoencoder.py: mean squared error of the pixels (0 to 1) of Fashion-MNIST's test images
0.02676 with 2 latents (PCA 0.04610), 0.01341 with 8 latents (PCA 0.02661), 0.00935 with 32 latents (PCA 0.01514), in
2.9 minutes at most; AMD EPYC, 1 cores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.tables.sources import count_rows, is_table
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.errors import DataError, SettingsError
from axone.graph import Conv2d, ConvTranspose2d, Flatten, Input, Linear, Model, Reshape
from axone.messages import _, mark
from axone.settings import option, resolve
from axone.tasks.answers import GeneratedImage, GeneratedRow
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.defaults import RECONSTRUCTION_STEPS
from axone.tasks.images.settings import EPOCHS_RULE
from axone.tasks.reconstruction.anomalies import measure_anomalies
from axone.tasks.reconstruction.answering import answering
from axone.tasks.reconstruction.data import read_examples
from axone.tasks.reconstruction.figures import make_figures
from axone.tasks.reconstruction.generate import generate_examples
from axone.tasks.reconstruction.latent_network import LatentNetwork, reconstruct, reconstruction_errors
from axone.tasks.reconstruction.predict import Reconstruction, predict_inputs
from axone.tasks.reconstruction.settings import ReconstructionSettings
from axone.tasks.reconstruction.threshold import fit_threshold
from axone.tasks.tables.data import default_batch_size, default_steps
from axone.tasks.tables.inputs import read_rows

MAX_MAP_SIDE = 8  # rows or columns of the smallest feature maps
MIN_VARIANCE = 1e-6  # of the decoder's normal distribution
TABLE_STEPS = 1000  # training steps on a table, unless --epochs is set


class Settings(ReconstructionSettings):
    """The options of the networks and their training."""

    network: Literal["convolutional", "dense"] = option("convolutional", mark("layers of encoder and decoder"))
    latent: int = option(32, mark("number of latents: the size of the compressed representation"), ge=1, le=65_536)
    channels: tuple[int, ...] = option(
        (32, 64), mark("kernels of the encoder's convolutions; the last number is repeated as needed"), min_length=1
    )
    dense: tuple[int, ...] = option(
        (256,), mark("units of the encoder's dense layers; the decoder has them in reverse order")
    )
    activation: Literal["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu"] = option(
        "relu", mark("activation function")
    )
    beta: float = option(
        0.0, mark("weight of the KL divergence: 0 for a plain autoencoder, 1 for the variational lower bound"), ge=0
    )
    epochs: int = option(5, mark("number of passes over the training set"), auto=EPOCHS_RULE, ge=1, le=1_000_000)
    learning_rate: float = option(3e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option("one-cycle", mark("learning rate schedule"))

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "course": {"network": "dense", "dense": (), "epochs": 10},
        # With beta 1 the latents carry more information, and generated images look less like the data.
        "variational": {"latent": 8, "beta": 2.0},
        "table": {
            "data": "breast-cancer",
            "network": "dense",
            "latent": 2,
            "dense": (64,),
            "activation": "gelu",
        },
    }


EXAMPLE_FACTS = {"input": [1, 28, 28]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the preset for a table, and batch size and epochs by the number of rows or images."""
    chosen = {name: getattr(settings, name) for name in settings.model_fields_set}
    if settings.preset == "default" and is_table(context.source(settings.data)):
        chosen["preset"] = "table"
    completed = resolve(Settings, chosen)
    assert isinstance(completed, Settings)
    if not is_table(context.source(completed.data)):
        return complete_settings(completed, context, steps=RECONSTRUCTION_STEPS, labeled=False)
    if completed.preset != "table":
        return completed
    rows = min(count_rows(context.source(completed.data)), completed.limit or 10**9)
    batch_size = chosen.get("batch_size", default_batch_size(rows))
    epochs = max(1, round(default_steps(rows, TABLE_STEPS) / max(1, math.ceil(rows / batch_size))))
    return Settings(**{**completed.model_dump(), "epochs": epochs, "batch_size": batch_size, **chosen})


def verbs(settings: Settings) -> list[str]:
    """Return the verbs that a run offers: only a variational autoencoder generates."""
    return ["predict", "generate"] if settings.beta else ["predict"]


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble the experiment: data, network, learner, figures, and the threshold that is fitted after training."""
    data = read_examples(settings, context)
    network = model(settings, data.facts)
    return Experiment(
        learner=AutoencoderLearner(network, settings, data.facts["labels"], data.facts["anomalies"]),
        train=data.train,
        validation=data.validation,
        test=data.test,
        facts=data.facts,
        monitor="loss",
        notes=data.notes,
        report=data.report,
        figures=make_figures,
        fit_postprocessing=partial(fit_threshold, settings=settings),
    )


class AutoencoderLearner(Learner):
    """Trains encoder and decoder together; the `inputs` of a batch are also the targets.

    Args:
        network: The autoencoder.
        settings: The settings of the loss and the optimizer.
        classes: The classes of the examples, where they have some.
        anomalies: The classes that training does not see, which an evaluation separates from the others.
    """

    def __init__(
        self, network: LatentNetwork, settings: Settings, classes: Sequence[str] = (), anomalies: Sequence[str] = ()
    ) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)
        self.beta = settings.beta
        self.classes, self.anomalies = tuple(classes), tuple(anomalies)
        self.scores: list[Tensor] = []  # of an evaluation, batch by batch
        self.labels: list[Tensor] = []

    def train_step(self, batch: Any) -> Metrics:
        """Take a gradient step on the loss of a batch."""
        metrics = self.losses(batch.inputs, sample=True)
        self.optimizer.step(metrics["loss"])
        return {name: value.detach() for name, value in metrics.items()}

    def eval_step(self, batch: Any) -> Metrics:
        """Measure the loss of a batch, at the mean of a latent distribution; collect its anomaly scores."""
        if self.anomalies:
            self.scores.append(reconstruct(self.network, batch.inputs).errors)
            self.labels.append(batch.targets)
        return self.losses(batch.inputs, sample=False)

    def begin_evaluation(self, stream: Any) -> None:
        """Forget the anomaly scores of an earlier evaluation."""
        self.scores, self.labels = [], []

    def end_evaluation(self) -> dict[str, float]:
        """Return the areas under the ROC curve of the anomaly scores, where examples of both kinds were evaluated."""
        if not self.scores:
            return {}
        scores, labels = (torch.cat(parts).cpu().numpy() for parts in (self.scores, self.labels))
        return measure_anomalies(scores.astype(float), labels, self.classes, self.anomalies)

    def losses(self, inputs: Float[Tensor, "batch ..."], *, sample: bool) -> Metrics:
        """Return the loss, and for a variational network also its two terms.

        The loss is the mean squared error; for a variational network the negative lower bound in nats per number of
        the input, without a constant. With `sample` latents are sampled from their distribution.
        """
        with self.casting():
            mean, log_variance = self.network.distribution(inputs)  # [B, L] each
            latents = mean
            if sample and log_variance is not None:
                latents = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
            outputs = self.network.decode(latents)  # [B, ...], as the inputs
        error = reconstruction_errors(inputs, outputs).mean()
        if log_variance is None:
            return {"loss": error}
        mean, log_variance = mean.float(), log_variance.float()
        # From the standard normal distribution, in nats per example (Kingma and Welling, appendix B).
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
        # The negative log-likelihood of a normal distribution with its optimal variance, which is the error itself.
        loss = error.clamp_min(MIN_VARIANCE).log() / 2 + self.beta * divergence / inputs[0].numel()
        return {"loss": loss, "reconstruction_error": error, "kl_divergence": divergence}


def model(settings: Settings, facts: dict[str, Any]) -> LatentNetwork:
    """Build the network for images or row vectors of the shape facts["input"]. Raises SettingsError."""
    shape = tuple(facts["input"])
    if settings.network == "convolutional" and len(shape) == 1:
        raise SettingsError(_("--network convolutional is for images."), hint=_("type --network dense"))
    if settings.latent > (size := math.prod(shape)):
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="latent", value=settings.latent),
            expected=_("expected at most {count}, the number of values of an input", count=size),
        )
    return LatentNetwork(encoder(settings, shape), decoder(settings, shape))


def encoder(settings: Settings, shape: tuple[int, ...]) -> Model:
    """Build the encoder: strided convolutions (none for a dense network), then dense layers."""
    x = h = Input(*shape)
    for _size, kernels in halvings(settings, shape):
        h = Conv2d(kernels, 3, stride=2, padding=1, activation=settings.activation)(h)
    if len(h.shape) > 1:
        h = Flatten()(h)
    for units in settings.dense:
        h = Linear(units, activation=settings.activation)(h)
    # A single dense layer needs an activation: two linear layers would only learn the principal components.
    single = settings.network == "dense" and not settings.dense and not settings.beta
    latents = Linear(settings.latent, activation=settings.activation if single else None, name="latents")(h)
    if not settings.beta:
        return Model(x, latents, name="encoder")
    return Model(x, (latents, Linear(settings.latent, name="log_variance")(h)), name="encoder")


def decoder(settings: Settings, shape: tuple[int, ...]) -> Model:
    """Build the decoder: the encoder's layers in reverse. For images a sigmoid keeps pixels between 0 and 1."""
    z = h = Input(settings.latent)
    for units in reversed(settings.dense):
        h = Linear(units, activation=settings.activation)(h)
    steps = halvings(settings, shape)
    if not steps:
        h = Linear(math.prod(shape), activation="sigmoid" if len(shape) > 1 else None)(h)
        return Model(z, Reshape(shape)(h) if len(shape) > 1 else h, name="decoder")
    (height, width), kernels = steps[-1]
    height, width = half(height), half(width)
    h = Linear(kernels * height * width, activation=settings.activation)(h)
    h = Reshape((kernels, height, width))(h)
    for k in reversed(range(len(steps))):
        height, width = steps[k][0]
        h = ConvTranspose2d(
            steps[k - 1][1] if k else shape[0], 3, stride=2, padding=1,
            output_padding=(1 - height % 2, 1 - width % 2),  # 7 becomes 13 or 14, whichever was halved
            activation=settings.activation if k else "sigmoid",
        )(h)  # fmt: skip
    return Model(z, h, name="decoder")


def halvings(settings: Settings, shape: tuple[int, ...]) -> list[tuple[tuple[int, int], int]]:
    """Return the input size (height, width) and the kernels of each strided convolution; none for a dense network."""
    convolutions: list[tuple[tuple[int, int], int]] = []
    if settings.network == "dense":
        return convolutions
    size = (shape[1], shape[2])
    while not convolutions or min(size) > MAX_MAP_SIDE:
        kernels = settings.channels[min(len(convolutions), len(settings.channels) - 1)]
        convolutions.append((size, kernels))
        size = (half(size[0]), half(size[1]))
    return convolutions


def half(side: int) -> int:
    """Return the size of a side after a convolution with stride 2: half of it, rounded up."""
    return (side + 1) // 2


def read_inputs(source: Any, facts: dict[str, Any]) -> tuple[list[Any], bool] | None:
    """Convert the inputs of `predict` into rows of a table; return None for a run on images."""
    return read_rows(source, [fact["name"] for fact in facts["columns"]]) if "columns" in facts else None


def predict(
    network: LatentNetwork, settings: Settings, facts: dict[str, Any], inputs: list[Any]
) -> list[Reconstruction | DataError]:
    """Return the anomaly score and the reconstruction of each image or row."""
    return predict_inputs(answering(network, settings, facts), facts, inputs)


def generate(
    network: LatentNetwork, settings: Settings, facts: dict[str, Any], *, count: int, label: str | None, seed: int
) -> list[GeneratedImage] | list[GeneratedRow]:
    """Decode latents sampled from the standard normal distribution. Raises UsageError unless it is variational."""
    return generate_examples(network, facts, count=count, label=label, seed=seed)
