"""An encoder and a decoder with few numbers between them: what examples share, without labels.

The flow of shapes, by default, for Fashion-MNIST:

    encoder: (1, 28, 28) -> convolution 3x3, stride 2, 32 kernels -> (32, 14, 14) -> the same, 64 -> (64, 7, 7)
                         -> flat (3136) -> dense 256 -> latents (32)
    decoder: latents (32) -> dense 256 -> dense 3136 -> (64, 7, 7)
                         -> transposed convolution 3x3, stride 2 -> (32, 14, 14) -> the same, sigmoid -> (1, 28, 28)

Larger pictures are halved until their maps are at most 8 wide; rows of a table pass dense layers alone. The course's
network (`--preset course`) has one dense layer in and one out: (784) -> 32, ReLU -> 784, sigmoid. What is learned is to
make the squared error between an input and what comes back small. An example that comes back worse than nearly all
held-out ones is unusual: that is the anomaly score of `axone predict`.

A variational autoencoder (`--preset variational`) encodes an input into a normal distribution, draws from it, and is
pulled towards the standard normal one, from which new examples can then be drawn (`axone generate`).

Papers: Rumelhart, Hinton, Williams 1986, "Learning internal representations by error propagation" (the idea); Hinton,
Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks" (against principal components); Kingma,
Welling 2014, "Auto-encoding variational Bayes", arXiv:1312.6114; Rybkin, Daniilidis, Levine 2021, "Simple and
effective VAE training with calibrated decoders", arXiv:2006.13202 (section 3: the decoder's variance is the error
itself); Higgins and others 2017, "beta-VAE" (divergence that counts more than once). How we differ: no layer is
trained by itself first; pixels are taken as numbers with a normal error, not as coin tosses; held-out examples are
measured at the mean of their latents, not at a draw.

Measured by benchmarks/autoencoder.py: mean squared error of the pixels (0 to 1) of Fashion-MNIST's test pictures
0.02676 with 2 latents (PCA 0.04610), 0.01341 with 8 latents (PCA 0.02661), 0.00935 with 32 latents (PCA 0.01514), in
2.9 minutes at most; AMD EPYC, 1 cores.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.tables.files import count_rows
from axone.data.tables.load import is_table
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimizer import Optimizer
from axone.errors import DataError, SettingsError
from axone.graph import Conv2d, ConvTranspose2d, Flatten, Input, Linear, Model, Reshape
from axone.messages import _, mark
from axone.settings import option, resolve
from axone.tasks.answers import GeneratedImage, GeneratedRow
from axone.tasks.reconstruction import data
from axone.tasks.reconstruction.latent_network import LatentNetwork, error_of
from axone.tasks.reconstruction.predict import Judgement, drawn, judge_pictures, judge_rows
from axone.tasks.reconstruction.settings import UnlabeledSettings
from axone.tasks.tables.data import default_batch_size, default_steps
from axone.tasks.tables.inputs import read_rows

SMALL = 8  # positions along the shorter side of a map that is not halved any more
LEAST = 1e-6  # error below which the variance of the decoder does not fall
STEPS = 1000  # of a training on a table, unless --epochs says otherwise


class Settings(UnlabeledSettings):
    """What can be changed about the network and its training."""

    network: Literal["convolutional", "dense"] = option("convolutional", mark("layers of both halves"))
    latent: int = option(32, mark("numbers between encoder and decoder"), ge=1, le=65_536)
    channels: tuple[int, ...] = option(
        (32, 64), mark("kernels at each halving of a picture; the last as often as needed"), min_length=1
    )
    dense: tuple[int, ...] = option((256,), mark("units of the dense layers before the latents, and behind them"))
    activation: Literal["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu"] = option("relu", mark("non-linearity"))
    beta: float = option(
        0.0, mark("pull of the latents towards the normal distribution: 1 is the variational bound; 0: none"), ge=0
    )
    epochs: int = option(5, mark("times the network sees the training set"), ge=1, le=1_000_000)
    learning_rate: float = option(3e-3, mark("highest learning rate"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option(
        "one-cycle", mark("how the learning rate moves during training")
    )

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "course": {"network": "dense", "dense": (), "epochs": 10},
        "variational": {"latent": 8, "beta": 2.0},  # at 1 latents say more, and new pictures look less like old ones
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
    """Take the preset for tables where the data are one; its rows say how long to train."""
    asked = {name: getattr(settings, name) for name in settings.model_fields_set}
    if settings.preset == "default" and is_table(settings.data):
        asked["preset"] = "table"
    found = resolve(Settings, asked)
    assert isinstance(found, Settings)
    if found.preset != "table":
        return found
    rows = min(count_rows(context.source(found.data)), found.limit or 10**9)
    batch_size = asked.get("batch_size", default_batch_size(rows))
    epochs = max(1, round(default_steps(rows, STEPS) / max(1, math.ceil(rows / batch_size))))
    return Settings(**{**found.model_dump(), "epochs": epochs, "batch_size": batch_size, **asked})


def verbs(settings: Settings) -> list[str]:
    """Say what a run can be used for: distributions alone can be drawn from."""
    return ["predict", "generate"] if settings.beta else ["predict"]


def model(settings: Settings, facts: dict[str, Any]) -> LatentNetwork:
    """Write encoder and decoder down for these pictures, or for the numbers of a table's rows."""
    shape = tuple(facts["input"])
    if settings.network == "convolutional" and len(shape) == 1:
        raise SettingsError(_("--network convolutional is for pictures."), hint=_("type --network dense"))
    if settings.latent > (most := math.prod(shape)):
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="latent", value=settings.latent),
            expected=_("expected at most {count}, the numbers of an input: more would tell nothing", count=most),
        )
    return LatentNetwork(encoder(settings, shape), decoder(settings, shape))


def encoder(settings: Settings, shape: tuple[int, ...]) -> Model:
    """Halve a picture again and again, then dense layers; or dense layers alone."""
    x = h = Input(*shape)
    for _size, kernels in halvings(settings, shape):
        h = Conv2d(kernels, 3, stride=2, padding=1, activation=settings.activation)(h)
    if len(h.shape) > 1:
        h = Flatten()(h)
    for units in settings.dense:
        h = Linear(units, activation=settings.activation)(h)
    # One layer alone has the activation: without any, both halves would find the plane of the principal components.
    alone = settings.network == "dense" and not settings.dense and not settings.beta
    latents = Linear(settings.latent, activation=settings.activation if alone else None, name="latents")(h)
    if not settings.beta:
        return Model(x, latents, name="encoder")
    return Model(x, (latents, Linear(settings.latent, name="log_variance")(h)), name="encoder")


def decoder(settings: Settings, shape: tuple[int, ...]) -> Model:
    """The encoder's way back; pixels end in a sigmoid, which keeps them between 0 and 1."""
    z = h = Input(settings.latent)
    for units in reversed(settings.dense):
        h = Linear(units, activation=settings.activation)(h)
    steps = list(halvings(settings, shape))
    if not steps:
        h = Linear(math.prod(shape), activation="sigmoid" if len(shape) > 1 else None)(h)
        return Model(z, Reshape(shape)(h) if len(shape) > 1 else h, name="decoder")
    height, width = (half(side) for side in steps[-1][0])
    h = Linear(steps[-1][1] * height * width, activation=settings.activation)(h)
    h = Reshape((steps[-1][1], height, width))(h)
    for place in range(len(steps) - 1, -1, -1):
        size = steps[place][0]
        last = place == 0
        h = ConvTranspose2d(
            shape[0] if last else steps[place - 1][1], 3, stride=2, padding=1,
            output_padding=(1 - size[0] % 2, 1 - size[1] % 2),  # 7 becomes 13, or 14: what was halved
            activation="sigmoid" if last else settings.activation,
        )(h)  # fmt: skip
    return Model(z, h, name="decoder")


def halvings(settings: Settings, shape: tuple[int, ...]) -> list[tuple[tuple[int, int], int]]:
    """Return, for each convolution, the size (height, width) that it halves, and how many kernels do so."""
    found: list[tuple[tuple[int, int], int]] = []
    if settings.network == "dense":
        return found
    size = (shape[1], shape[2])
    while not found or min(size) > SMALL:
        found.append((size, settings.channels[min(len(found), len(settings.channels) - 1)]))
        size = (half(size[0]), half(size[1]))
    return found


def half(side: int) -> int:
    """Return the positions that are left of a side; of an odd one the larger half."""
    return (side + 1) // 2


class Reconstruction(Learner):
    """Teaches encoder and decoder together; batches have `inputs`, which are also what is right."""

    def __init__(self, network: LatentNetwork, settings: Settings) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)
        self.beta = settings.beta

    def train_step(self, batch: Any) -> Metrics:
        """Descend on the loss of one batch."""
        metrics = self.losses(batch.inputs, draw=True)
        self.optimizer.step(metrics["loss"])
        return {name: value.detach() for name, value in metrics.items()}

    def eval_step(self, batch: Any) -> Metrics:
        """Measure one batch, at the mean of latents that are distributions."""
        return self.losses(batch.inputs, draw=False)

    def losses(self, inputs: Float[Tensor, "batch ..."], *, draw: bool) -> Metrics:
        """Return the mean squared error; of a variational network the bound (nats a number), error and divergence."""
        with self.casting():
            mean, log_variance = self.network.distribution(inputs)
            latents = mean
            if draw and log_variance is not None:
                latents = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
            made = self.network.decode(latents)
        error = error_of(inputs, made).mean()
        if log_variance is None:
            return {"loss": error}
        mean, log_variance = mean.float(), log_variance.float()
        # Of the normal distribution around each latent from the standard one, in nats (Kingma and Welling, appendix B).
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
        # A normal error of the likeliest variance, which is the error itself: its logarithm is what remains.
        loss = error.clamp_min(LEAST).log() / 2 + self.beta * divergence / inputs[0].numel()
        return {"loss": loss, "error": error, "divergence": divergence}


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read pictures or a table, and let the network give back what it sees."""
    return data.experiment(
        settings, context, lambda facts: model(settings, facts), lambda network: Reconstruction(network, settings)
    )


def read_inputs(given: Any, facts: dict[str, Any]) -> tuple[list[Any], bool] | None:
    """Turn what a person asks about into rows of a table; None where it is pictures."""
    return read_rows(given, [fact["name"] for fact in facts["columns"]]) if "columns" in facts else None


def predict(
    network: LatentNetwork, settings: Settings, facts: dict[str, Any], inputs: list[Any]
) -> list[Judgement | DataError]:
    """Say of each picture or row how unusual it is, with what came back."""
    judge = judge_rows if "columns" in facts else judge_pictures
    return judge(network, facts, inputs)


def generate(
    network: LatentNetwork, settings: Settings, facts: dict[str, Any], *, count: int, label: str | None, seed: int
) -> list[GeneratedImage] | list[GeneratedRow]:
    """Decode latents that are drawn from the standard normal distribution. Raises UsageError for other presets."""
    hint = _("type: axone train autoencoder --preset variational")
    return drawn(network, facts, count=count, label=label, seed=seed, hint=hint)
