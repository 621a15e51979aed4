"""Recurrent network that composes: learns pieces of music, writes new ones, harmonizes melodies.

The flow of shapes with the default settings, note by note (`--objective notes`; B pieces of T tokens):

    previous token [B, T] -> embedding (64)        }
    rank in the chord [B, T] -> embedding (16)     }
    position in the bar [B, T] -> embedding (16)   } concatenated [B, T, 352] -> dropout -> LSTM [B, T, 256]
    four notes of the two steps before [B, T, 4]   }
        -> embedding (64 each) [B, T, 256]         }
    -> dropout, concatenated with the notes of the steps before [B, T, 512] -> linear: logits of 128 pitches and END

A step of the grid is its pitches from high to low, then END. Pitches that are not below the one before have
probability 0, so that each set of pitches can be written in one way, and the product of the probabilities of its tokens
is exactly the probability of the set. The loss is the negative logarithm of that, in nats a step.

With `--objective sigmoids`, the classic benchmark (Boulanger-Lewandowski, Bengio, Vincent 2012, "Modeling temporal
dependencies in high-dimensional sequences", arXiv:1206.6392), each pitch has a probability of its own:

    pitches of the step before [B, S, 128], position -> embedding (16) -> LSTM [B, S, 256]
    -> concatenated with the pitches before [B, S, 384] -> linear: 128 logits

Papers: Hochreiter and Schmidhuber 1997, "Long short-term memory"; Huang et al. 2017, "Counterpoint by convolution"
(the chorales note by note); Doucet, de Freitas, Gordon 2001, "Sequential Monte Carlo methods in practice" (melodies).
Differences:

1. The notes of the steps before are inputs at each token, and skip the LSTM on their way to the output: voice leading
   need not be found in the state. This is worth more than any other change (docs/lab-notes.md).
2. Training pieces are transposed at random; one mask of dropout holds for all steps of a sequence.
3. A melody is harmonized by the same network: its notes are given as each step's highest, and of many harmonizations
   those under which it remains likely are continued (`tasks/music/harmonize.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from axone.data.notes.corpus import NAMES
from axone.data.notes.load import CADENCES
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.machine.recurrent_precision import FACT, choose_recurrent_precision
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.figures.figure import Figure, Table
from axone.graph import (
    RECURRENT_LAYERS,
    Concatenate,
    Embedding,
    Input,
    Linear,
    Model,
    Node,
    Reshape,
    VariationalDropout,
)
from axone.messages import mark
from axone.settings import option
from axone.tasks.music import generate as composing
from axone.tasks.music import predict as answers
from axone.tasks.music.data import read_music
from axone.tasks.music.figures import make_figures
from axone.tasks.music.settings import MusicOptions, MusicSettings
from axone.tasks.music.state import initial_state
from axone.tasks.music.stream import NoteBatch, StepBatch
from axone.tasks.music.tokens import CONTEXT, IGNORED, POSITIONS, RANKS, TOKENS, mask_impossible

PITCHES = TOKENS - 1
PLACE = 16  # dimensions of the embeddings of rank and position
EXAMPLE_STEPS = 64  # of the input of a network that is described; others have as many as they have


class Settings(MusicSettings):
    """The settings of the network and its training."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"target", "label_smoothing"})

    objective: Literal["notes", "sigmoids"] = option(
        "notes", mark("notes: one after the other, exact; sigmoids: all notes of a step independently")
    )
    cell: Literal["lstm", "gru", "rnn"] = option("lstm", mark("recurrent cell"))
    units: int = option(256, mark("units of each recurrent layer"), ge=1, le=4096)
    layers: int = option(1, mark("recurrent layers"), ge=1, le=8)
    embedding: int = option(64, mark("dimensions of the embedding of a note"), ge=1, le=1024)
    dropout: float = option(0.5, mark("dropout rate after the recurrent layers"), ge=0, lt=1)
    input_dropout: float = option(0.1, mark("dropout rate before the recurrent layers"), ge=0, lt=1)
    epochs: int = option(30, mark("number of passes over the training set"), ge=1, le=1_000_000)
    batch_size: int = option(16, mark("number of examples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(8e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("adamw", mark("optimizer"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option("cosine", mark("learning rate schedule"))
    weight_decay: float = option(0.01, mark("weight decay"), ge=0, le=10)
    gradient_clip: float = option(1.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "sigmoids": {
            "objective": "sigmoids", "dropout": 0.3, "batch_size": 4, "learning_rate": 3e-3, "epochs": 45,
            "lowest": 0, "highest": 0,
        },
        "long": {"epochs": 120, "units": 384, "ema": 0.998},
    }  # fmt: skip


class GenerateOptions(MusicOptions):
    """What `axone generate` composes."""


RARE = -4.0  # the logit of a pitch before training: few of them sound together

EXAMPLE_FACTS = {
    "task": "music", "grid": 2, "bar": 8, "pitches": [36, 81], "melody": [60, 79], "most_notes": 4,
}  # fmt: skip


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the grid by the data, where it is left open."""
    if "grid" in settings.model_fields_set or settings.data in (*NAMES, CADENCES):
        return settings
    return settings.model_copy(update={"grid": 4})


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build the network: what is read at each token, or step, and the state before -> logits and the state after."""
    steps, precision = EXAMPLE_STEPS, facts.get(FACT, "float32")
    positions = Input(steps, dtype="int64", name="positions")
    state = tuple(Input(settings.layers, settings.units, name=name) for name in state_names(settings))
    position = Embedding(POSITIONS, PLACE)(positions)
    if settings.objective == "sigmoids":
        previous = Input(steps, PITCHES, name="previous")
        h, last = add_cell(settings, precision, Concatenate(2)(previous, position), state)
        logits = Linear(PITCHES, name="logits")(Concatenate(2)(h, previous))  # most notes of a step are those before
        network = Model((previous, positions, *state), (logits, *last))
        nn.init.constant_(network.get_parameter("logits.bias"), RARE)
        return network
    previous, ranks = Input(steps, dtype="int64", name="previous"), Input(steps, dtype="int64", name="ranks")
    context = Input(steps, CONTEXT, dtype="int64", name="context")
    embed = Embedding(TOKENS, settings.embedding)
    notes = Reshape((-1, CONTEXT * settings.embedding))(embed(context))
    rank = Embedding(RANKS, PLACE)(ranks)
    h, last = add_cell(settings, precision, Concatenate(2)(embed(previous), rank, position, notes), state)
    logits = Linear(TOKENS, name="logits")(Concatenate(2)(h, notes))
    return Model((previous, ranks, positions, context, *state), (logits, *last))


def count_features(settings: Settings) -> int:
    """Return the number of features that the recurrent layer reads at each token, or step."""
    return PITCHES + PLACE if settings.objective == "sigmoids" else (1 + CONTEXT) * settings.embedding + 2 * PLACE


def state_names(settings: Settings) -> tuple[str, ...]:
    """Return the names of the inputs for the state: an LSTM has a memory cell besides its output."""
    return ("hidden", "cell") if settings.cell == "lstm" else ("hidden",)


def add_cell(settings: Settings, precision: str, x: Node, state: tuple[Node, ...]) -> tuple[Node, tuple[Node, ...]]:
    """Add dropout, the recurrent layers and dropout; return the output and the state after the last step."""
    cell = RECURRENT_LAYERS[settings.cell](
        settings.units, num_layers=settings.layers, dropout=settings.dropout if settings.layers > 1 else 0.0,
        precision=precision,
    )  # fmt: skip
    h, last = cell(VariationalDropout(settings.input_dropout)(x), state=state if len(state) > 1 else state[0])
    return VariationalDropout(settings.dropout)(h), last if isinstance(last, tuple) else (last,)


class MusicLearner(Learner):
    """Trains a network on batches of pieces; the loss is in nats a step of the grid."""

    def __init__(self, network: Model, settings: Settings) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)

    def size(self, batch: NoteBatch | StepBatch) -> int:
        """Return the number of steps, so that means over batches are nats a step."""
        return batch.steps

    def compute_loss(self, batch: NoteBatch | StepBatch) -> Float[Tensor, ""]:
        """Return the negative log-likelihood of a batch, in nats a step."""
        if isinstance(batch, StepBatch):
            start = initial_state(self.network, len(batch.previous))
            logits = self.network(batch.previous, batch.positions, *start)[0].float()  # [B, S, 128]
            losses = functional.binary_cross_entropy_with_logits(logits, batch.targets, reduction="none")
            return (losses.sum(2) * batch.own).sum() / batch.steps
        previous, ranks, positions, context, targets = batch.tokens
        start = initial_state(self.network, len(previous))
        logits = self.network(previous, ranks, positions, context, *start)[0].float()  # [B, T, 129]
        logits = mask_impossible(logits, previous, ranks)
        total = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum")
        return total / batch.steps

    def train_step(self, batch: NoteBatch | StepBatch) -> Metrics:
        """Update the weights once, by the gradient of the loss of a batch."""
        loss = self.compute_loss(batch)
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def eval_step(self, batch: NoteBatch | StepBatch) -> Metrics:
        """Measure a batch of whole pieces."""
        return {"loss": self.compute_loss(batch)}


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pieces, and assemble network, learner and figures."""
    music = read_music(settings, context)
    stream = music.training_stream(settings, settings.objective)
    music.facts[FACT] = choose_recurrent_precision(
        settings, context.facts, cell=settings.cell, features=count_features(settings), hidden=settings.units,
        steps=stream.mean_length, batch=settings.batch_size, notify=music.notes.append,
    )  # fmt: skip
    learner = MusicLearner(model(settings, music.facts), settings)

    def figures(_experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_figures(learner.network, music, settings.objective, settings.seed, final)

    return Experiment(
        learner,
        stream,
        music.evaluation_stream("validation", settings.objective),
        music.evaluation_stream("test", settings.objective),
        music.facts,
        notes=music.notes,
        report=dict(music.data.report),
        figures=figures,
    )


def answering(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the module that computes the surprise of each token, or of each pitch of each step."""
    return answers.answering(network)


def read_inputs(source: Any, facts: dict[str, Any]) -> tuple[list[Any], bool]:
    """Convert what a person asks about into paths of pieces."""
    return answers.read_inputs(source)


def predict(network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: list[Any]) -> list[Any]:
    """Answer how surprising each piece is."""
    return answers.predict(network, facts, inputs)


def generate(
    network: nn.Module, settings: Settings, facts: dict[str, Any], *, count: int, label: str | None, seed: int,
    options: GenerateOptions,
) -> Iterator[Any]:  # fmt: skip
    """Compose pieces, or harmonize a melody."""
    return composing.generate(network, facts, count, seed, options)
