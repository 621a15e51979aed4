"""Text classifier: a BiLSTM with attention, and linear members that start as naive Bayes.

The flow of shapes (B is the batch size, T the longest text of the batch, K the number of classes, M members):

    words [B, T] -> embedded, plus the embedded pieces of each word (hashed 3- to 5-grams of characters) [B, T, 64]
    -> BiLSTM [B, T, 256] -> attention over the words [B, 256] -> logits [B, K]
    n-grams of 1 and 2 words of the text [B, N] -> one weight for each class, added up [B, K]
    n-grams of 2 to 6 characters, the same [B, K]
    -> logits of the members [B, M, K]

Each member has its own loss in training, with a fifth of the words unknown; an answer is the softmax of their mean
logits. The linear members begin as naive Bayes: the weight of an n-gram is its log-count ratio, so that they are good
after no step at all, and are then trained like everything else, with most of the n-grams of a text left out. Where
texts are names or single words, a step of the sequence is a character instead of a word. A text may have several
labels: then each class has its own yes or no, a sigmoid.

Where to read on: the training step is `tasks/text/learner.py`; naive Bayes is `tasks/text/log_counts.py`; what a text
is for the network, `data/tokens/encoder.py`; why an answer, `tasks/text/explain.py`.

Papers: Hochreiter and Schmidhuber 1997 (LSTM); Schuster and Paliwal 1997 (both directions); Yang et al. 2016,
"Hierarchical Attention Networks" (attention); Wang and Manning 2012, "Baselines and Bigrams" (naive Bayes as a scale);
Bojanowski et al. 2017, arXiv:1607.04606 (pieces of words); Iyyer et al. 2015 (word dropout). Differences:

1. Naive Bayes gives initial weights instead of fixed scales, and there is no support vector machine.
2. The members are trained together, each with its own loss, and their logits are averaged.

Measured by benchmarks/text_classifier.py: accuracy 78.9 % on film reviews (rt-polarity, 5 folds; best linear model
78.4 %); 76.0 % on the language of a word, of twenty (best linear model 76.2 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import torch
from torch import nn

from axone.data.tokens.encoder import MOST_PIECES, TextEncoder
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.machine.recurrent_precision import FACT as PRECISION
from axone.engine.machine.recurrent_precision import choose_recurrent_precision
from axone.graph import (
    RECURRENT_LAYERS,
    AttentionPooling,
    Concatenate,
    Dropout,
    Embedding,
    Input,
    Linear,
    Model,
    Node,
    VariationalDropout,
)
from axone.messages import mark
from axone.settings import option
from axone.tasks.text import explain as text_explain
from axone.tasks.text import predict as text_predict
from axone.tasks.text.data import TextData, read_texts
from axone.tasks.text.figures import make_figures
from axone.tasks.text.inputs import read_text_inputs
from axone.tasks.text.learner import TextLearner
from axone.tasks.text.log_counts import log_count_ratios
from axone.tasks.text.settings import TextClassificationSettings

ATTENTION = 64  # hidden units of the attention's scores
LENGTHS = 24, 48, 256  # steps, n-grams of words and of characters of the text that descriptions of the network assume


class Settings(TextClassificationSettings):
    """The settings of the network and its training."""

    cell: Literal["lstm", "gru", "rnn"] = option("lstm", mark("recurrent cell: lstm, gru or rnn"))
    bidirectional: bool = option(True, mark("read the text in both directions"))
    units: int = option(128, mark("units of the cell in each direction"), ge=1, le=4096)
    layers: int = option(1, mark("recurrent layers"), ge=1, le=8)
    embedding: int = option(64, mark("numbers of the vector of a word"), ge=1, le=2048)
    members: int = option(1, mark("recurrent members, whose logits are averaged"), ge=1, le=32)
    linear: bool = option(True, mark("linear members that start as naive Bayes, on n-grams of words and characters"))
    ngram_bits: int = option(17, mark("binary logarithm of the number of buckets for n-grams"), ge=8, le=24)
    word_dropout: float = option(0.2, mark("fraction of the words that are unknown in training"), ge=0, lt=1)
    input_dropout: float = option(0.3, mark("dropout of the words' vectors, the same at all steps"), ge=0, lt=1)
    dropout: float = option(0.5, mark("dropout before the output"), ge=0, lt=1)
    ngram_dropout: float = option(0.7, mark("fraction of the n-grams that are left out in training"), ge=0, lt=1)

    epochs: int = option(5, mark("number of passes over the training set"), ge=1, le=1_000_000)
    batch_size: int = option(64, mark("number of examples in a batch"), ge=1, le=1_000_000)
    learning_rate: float = option(6e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    schedule: Literal["constant", "cosine", "one-cycle"] = option("cosine", mark("learning rate schedule"))
    gradient_clip: float = option(1.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "reviews": {"epochs": 4, "learning_rate": 3e-3},
        "course": {"linear": False, "epochs": 10},
    }


EXAMPLE_FACTS = {
    "task": "text-classification",
    "classes": ["negative", "positive"],
    "several_labels": False,
    "encoder": {
        "unit": "words", "lowercase": True, "vocabulary": ["a", "bad", "film", "good"], "piece_bits": 15,
        "ngram_bits": 18, "longest": 256,
    },
}  # fmt: skip


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Return the network: {"logits": [members, classes], "attention": [recurrent members, steps]}."""
    encoder, classes = TextEncoder.from_facts(facts), len(facts["classes"])
    steps, words, characters = LENGTHS
    tokens = Input(steps, dtype="int64", name="tokens")
    pieces = Input(steps, MOST_PIECES, dtype="int64", name="pieces")
    lengths = Input(dtype="int64", name="lengths")
    word_ngrams = Input(words, dtype="int64", name="word_ngrams")
    character_ngrams = Input(characters, dtype="int64", name="character_ngrams")

    logits, attention = [], []
    for number in range(1, settings.members + 1):
        h = Embedding(encoder.token_count, settings.embedding, padding_idx=0, name=f"words_{number}")(tokens)
        parts = Embedding(encoder.piece_count, settings.embedding, padding_idx=0, name=f"pieces_{number}")(pieces)
        count = (pieces > 0).sum(-1).clamp(min=1)[..., None]  # of the pieces of each word
        h = h + parts.sum(-2) * count.rsqrt()
        h = VariationalDropout(settings.input_dropout)(h)
        cell = RECURRENT_LAYERS[settings.cell](
            settings.units, num_layers=settings.layers, bidirectional=settings.bidirectional,
            dropout=settings.input_dropout if settings.layers > 1 else 0.0, precision=facts.get(PRECISION, "auto"),
        )  # fmt: skip
        h, _state = cell(h, lengths=lengths)
        pooled, weights = AttentionPooling(ATTENTION).with_weights(h, lengths)
        logits.append(Linear(classes)(Dropout(settings.dropout)(pooled)))
        attention.append(weights)
    linear = {"linear_words": word_ngrams, "linear_characters": character_ngrams} if settings.linear else {}
    if encoder.unit == "characters":
        linear.pop("linear_words", None)  # names are words that occur once
    for name, ngrams in linear.items():
        logits.append(add_weights(ngrams, encoder.ngram_count, classes, settings.ngram_dropout, name))
    outputs = {"logits": stack_members(logits), "attention": stack_members(attention)}
    network = Model([tokens, pieces, lengths, *linear.values()], outputs)
    for name, table in network.named_modules():
        if isinstance(table, nn.Embedding):
            scale = 0.0 if name.startswith("linear") else 0.1
            nn.init.normal_(table.weight, 0.0, scale)
            with torch.no_grad():
                table.weight[0] = 0.0
    return network


def add_weights(ngrams: Node, count: int, classes: int, dropout: float, name: str) -> Node:
    """Return the sum of the weights of a text's n-grams for each class; in training some are left out."""
    mask = Dropout(dropout)((ngrams > 0) * 1.0)  # [n-grams]
    return (Embedding(count, classes, padding_idx=0, name=name)(ngrams) * mask[..., None]).sum(-2)


def stack_members(members: Sequence[Node]) -> Node:
    """Return the nodes of members in a new first dimension."""
    rows = [member[:, None] for member in members]
    return rows[0] if len(rows) == 1 else Concatenate(dim=1)(*rows)


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble data, network, learner and figures."""
    data = read_texts(settings, context, settings.ngram_bits)
    data.facts[PRECISION] = choose_recurrent_precision(
        settings, context.facts, cell=settings.cell, features=settings.embedding, hidden=settings.units,
        steps=int(data.encoded.tokens.lengths.float().mean()), batch=settings.batch_size, notify=context.notify,
    )  # fmt: skip
    network = model(settings, data.facts)
    if not context.facts:
        start_as_naive_bayes(network, data)
    return Experiment(
        learner=TextLearner(network, settings, data.facts, word_dropout=settings.word_dropout,
                            text_weights=data.collection.weights),
        train=data.training_stream(settings.batch_size, settings.seed),
        validation=data.evaluation_stream("validation"),
        test=data.evaluation_stream("test"),
        facts=data.facts,
        monitor="loss",
        notes=data.notes,
        report=data.report,
        figures=make_figures(data),
    )  # fmt: skip


def start_as_naive_bayes(network: Model, data: TextData) -> None:
    """Set the weights of the linear members to the log-count ratios of the training texts."""
    texts, tables = data.encoded, dict(network.named_modules())
    for name, ngrams in (("linear_words", texts.word_ngrams), ("linear_characters", texts.character_ngrams)):
        table = tables.get(name)
        if isinstance(table, nn.Embedding):
            count, classes = table.weight.shape
            ratios = log_count_ratios(ngrams, data.targets, data.parts["train"], size=count, classes=classes)
            table.weight.data.copy_(ratios)


def answering(network: Model, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the module that answers about encoded texts with probabilities."""
    return text_predict.TextAnswering(network, facts)


def read_inputs(source: Any, facts: dict[str, Any]) -> tuple[list[Any], bool]:
    """Convert what a person asks about into texts, files and rows."""
    return read_text_inputs(source, facts)


def predict(network: Model, settings: Settings, facts: dict[str, Any], inputs: list[Any]) -> list[Any]:
    """Answer about each text."""
    return text_predict.predict(network, facts, inputs)


def explain(
    network: Model, settings: Settings, facts: dict[str, Any], inputs: list[Any], *, label: str | None
) -> list[Any]:
    """Return for each text how much each of its words speaks for a class, and the attention."""
    return text_explain.explain(network, facts, inputs, label=label)
