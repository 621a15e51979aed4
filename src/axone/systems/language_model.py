"""Language model (LSTM, GRU or RNN): learns to write like your texts, by character or by piece.

The flow of shapes, with the default settings (B windows in a batch, T = 64 symbols in a window, V symbols):

    symbols [B, T] -> embedding [B, T, 128] -> LSTM [B, T, 512] -> dropout -> projection [B, T, 128]
    -> product with the embedding of every symbol: logits of the next symbol [B, T, V]
    state (h and c) [B, 1, 512] -> the state after the window, which is the state before the next one

The windows of a row of the batch follow each other in the text, and the state is carried from one to the next, so that
the memory reaches further back than the gradient (truncated back-propagation through time). A text is written one
symbol at a time: the symbol that was drawn is the next input. `--preset long` has two layers of 640 units and drops
hidden-to-hidden weights.

Papers: Hochreiter and Schmidhuber 1997 (LSTM); Press and Wolf 2017, arXiv:1608.05859, and Inan, Khosravi and Socher
2017, arXiv:1611.01462 (one matrix is both the embedding and the output layer); Gal and Ghahramani 2016,
arXiv:1512.05287 (dropout with one mask for all steps); Merity, Keskar and Socher 2018, "Regularizing and Optimizing
LSTM Language Models", arXiv:1708.02182 (weight-drop, averaged weights). Differences from the last:

1. Characters instead of words, one layer, and minutes instead of days.
2. AdamW with a learning rate that falls as a cosine, instead of averaged stochastic gradient descent.
3. A window has a fixed length; each pass over the text begins at another symbol.
4. Dropout is weak: in minutes a model does not read its text often enough to memorize it.

Measured by benchmarks/language_model.py: nats per character on the last tenth of Tiny Shakespeare: 1.451 after 90 s
of training on 1 thread(s); n-grams with Kneser-Ney smoothing 1.517.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from torch import nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.machine.recurrent_precision import FACT, choose_recurrent_precision
from axone.figures.figure import Figure, Table
from axone.graph import RECURRENT_LAYERS, Embedding, Input, Linear, Model, VariationalDropout
from axone.messages import mark
from axone.settings import option
from axone.tasks.language.data import read_language
from axone.tasks.language.figures import make_figures
from axone.tasks.language.generate import generate as generate
from axone.tasks.language.learner import DYNAMIC_STEPS, LanguageLearner
from axone.tasks.language.predict import answering as answering
from axone.tasks.language.predict import predict as predict
from axone.tasks.language.predict import read_inputs as read_inputs
from axone.tasks.language.settings import LanguageEvaluateOptions, LanguageGenerateOptions, LanguageSettings


class GenerateOptions(LanguageGenerateOptions):
    """The flags of `axone generate`."""


class EvaluateOptions(LanguageEvaluateOptions):
    """The flags of `axone evaluate`."""


class Settings(LanguageSettings):
    """The settings of the network and of its training."""

    cell: Literal["lstm", "gru", "rnn"] = option("lstm", mark("recurrent cell: LSTM, GRU or plain RNN"))
    units: int = option(512, mark("units of each recurrent layer"), ge=1, le=8192)
    layers: int = option(1, mark("recurrent layers"), ge=1, le=8)
    embedding: int = option(128, mark("size of the embedding of a symbol"), ge=1, le=4096)
    input_dropout: float = option(0.0, mark("dropout rate of the embeddings"), ge=0, lt=1)
    dropout: float = option(0.15, mark("dropout rate after each recurrent layer"), ge=0, lt=1)
    weight_dropout: float = option(0.0, mark("dropout rate of the hidden-to-hidden weights"), ge=0, lt=1)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "fast": {"units": 256, "epochs": 8},
        "long": {
            "units": 640, "layers": 2, "input_dropout": 0.1, "dropout": 0.3, "weight_dropout": 0.2, "epochs": 60,
            "learning_rate": 3e-3, "ema": 0.999,
        },
    }  # fmt: skip


EXAMPLE_FACTS = {"task": "language", "vocabulary": {"kind": "characters", "size": 98}}


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Build the network: symbols [B, T] and the state of B texts in; logits [B, T, V] and the states after them out."""
    symbols = Input(settings.window, dtype="int64")
    state = tuple(Input(*shape) for shape in state_shapes(settings))
    embedding = Embedding(facts["vocabulary"]["size"], settings.embedding)
    h = VariationalDropout(settings.input_dropout)(embedding(symbols))
    cell = RECURRENT_LAYERS[settings.cell](
        settings.units,
        settings.layers,
        dropout=settings.dropout if settings.layers > 1 else 0.0,
        weight_dropout=settings.weight_dropout,
        precision=facts.get(FACT, "auto"),
    )
    h, after = cell(h, state=state)
    logits = embedding.project(Linear(settings.embedding)(VariationalDropout(settings.dropout)(h)))
    network = Model((symbols, *state), (logits, *(after if isinstance(after, tuple) else (after,))))
    for module in network.modules():
        if isinstance(module, nn.Embedding):  # logits are products of two of these vectors
            nn.init.normal_(module.weight, std=0.1)
    return network


def state_shapes(settings: Settings) -> tuple[tuple[int, int], ...]:
    """Return the shape of each part of a state: hidden state and, for an LSTM, memory cell."""
    return ((settings.layers, settings.units),) * (2 if settings.cell == "lstm" else 1)


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the text, and assemble network, learner and figures."""
    data = read_language(settings, context)
    train, dynamic = data.training_stream(settings), context.options is not None and context.options.dynamic
    precision = choose_recurrent_precision(
        settings, context.facts, cell=settings.cell, features=settings.embedding, hidden=settings.units,
        steps=settings.window, batch=settings.batch_size, notify=context.notify,
    )  # fmt: skip
    facts = {**data.facts, FACT: precision}
    learner = LanguageLearner(
        model(settings, facts),
        settings,
        state_shapes(settings),
        facts["characters_per_symbol"],
        dynamic=(lambda: train) if dynamic else None,
    )
    # Weights that follow a text have to read it in one row.
    held_out = data.evaluation_stream(steps=DYNAMIC_STEPS, rows=1) if dynamic else data.evaluation_stream()

    def figures(_experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_figures(learner.network, data, settings.seed, final)

    return Experiment(
        learner,
        train,
        None if context.whole else held_out,
        held_out if context.whole else None,
        facts,
        notes=data.notes,
        report=data.report,
        figures=figures,
    )
