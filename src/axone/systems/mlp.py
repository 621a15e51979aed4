"""Multilayer perceptron: dense layers for small images; for tables, an ensemble of them (TabM).

The flow of shapes for images (`--network dense`; B is the batch size), by default for Fashion-MNIST:

    image [B, 1, 28, 28] -> flattened [B, 784] -> dense, ReLU [B, 128] -> logits [B, 10]

`--preset wide` has 1024 and 512 units and dropout, and flips half of the images: it shows the accuracy that dense
layers can reach on images.

The flow of shapes for tables with n numbers and c categories (`--network ensemble`; M = 8 members, K outputs):

    numbers [B, n] -> periodic features [B, 4 n];  categories [B, c] -> embeddings [B, 6 c]
    -> concatenated [B, 4 n + 6 c] -> scaled for each member [B, M, 4 n + 6 c]
    -> two dense layers with ReLU and dropout, shared by all members [B, M, 64] -> outputs of each member [B, M, K]

Each member has its own loss in training; predictions are the mean over members of probabilities, or of values. Three
things make such networks as accurate as gradient-boosted trees on tables: numbers are scaled by their quartiles and
clipped smoothly, periodic features represent steps in one column, and the ensemble reduces variance.

Where to read on: the ensemble is `tasks/tables/ensemble.py`. The training step for tables is
`tasks/tables/learner.py`; for images, `tasks/dense/learner.py`, with backpropagation written out.

Papers: Gorishniy, Kotelnikov, Babenko 2024, "TabM", arXiv:2410.24210 (the ensemble); Holzmüller, Grinsztajn,
Steinwart 2024, "Better by Default" (RealMLP), arXiv:2407.04491 (scaling, periodic features with phases); Gorishniy,
Rubachev, Babenko 2022, arXiv:2203.05556 (periodic features). Differences:

1. 8 members instead of 32, 64 units and a few hundred steps, so that training on a table takes seconds.
2. One learning rate for all parameters; RealMLP has one for each kind.

Measured by benchmarks/mlp_speed.py: test accuracy on Fashion-MNIST: --preset default 88.24 % ± 0.23 (3 seeds) in 8 s,
--preset wide 90.12 % ± 0.31 (3 seeds) in 70 s of training.

Measured by benchmarks/mlp_tables.py: mean rank 1.83 on 12 tables by accuracy or R² (XGBoost 2.96, scikit-learn,
histogram trees 2.38, scikit-learn, MLP 2.83; default settings).
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from torch import nn

from axone.data.datasets.tables import POINT_SETS
from axone.data.tables.columns import input_sizes
from axone.data.tables.sources import count_rows, is_table
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.errors import SettingsError
from axone.graph import Concatenate, Dropout, Embedding, Flatten, Input, Linear, Model
from axone.messages import _, mark
from axone.settings import option, resolve
from axone.tasks.classification import figures as image_figures
from axone.tasks.classification import predict as image_predict
from axone.tasks.classification.data import read_data
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.classification.views import views_of
from axone.tasks.dense.learner import DenseClassifier
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.settings import BATCH_RULE
from axone.tasks.tables import predict as table_predict
from axone.tasks.tables.data import default_batch_size, default_steps, read_table
from axone.tasks.tables.ensemble import Ensemble, zero_unseen
from axone.tasks.tables.figures import make_figures
from axone.tasks.tables.inputs import read_rows
from axone.tasks.tables.learner import TableLearner
from axone.tasks.tables.settings import TableSettings
from axone.tasks.tables.threshold import add_threshold, threshold_chooser

STEPS = 400  # of the training on a table, unless --epochs says otherwise; tables of more rows take more


class Settings(ImageClassificationSettings, TableSettings):
    """The settings of the network and its training."""

    UNUSED: ClassVar[frozenset[str]] = frozenset()  # of the two kinds of data

    data: str = option(
        "fashion-mnist", mark("a table (.csv, .parquet, a known name), a known image dataset, or an image folder")
    )
    network: Literal["dense", "ensemble"] = option("dense", mark("one dense network, or (tables) an ensemble of them"))
    units: tuple[int, ...] = option((128,), mark("units of each hidden layer"))
    activation: Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu"] = option("relu", mark("activation function"))
    dropout: float = option(0.0, mark("dropout rate after each hidden layer"), ge=0, lt=1)
    members: int = option(8, mark("members of the ensemble"), ge=1, le=256)
    frequencies: int = option(
        16, mark("frequencies of the periodic features of each number, in the ensemble; 0: no such features"),
        ge=0, le=256,
    )  # fmt: skip
    embedding: int = option(6, mark("dimensions of the embedding of each category"), ge=1, le=256)
    batch_size: int = option(32, mark("samples in a batch"), auto=BATCH_RULE, ge=1, le=1_000_000)
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "float32", mark("floating-point precision: auto, float32 or bfloat16")
    )

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "wide": {
            "units": (1024, 512),
            "dropout": 0.3,
            "flip": True,
            "epochs": 25,
            "batch_size": 250,
            "learning_rate": 0.002,
            "schedule": "one-cycle",
            "label_smoothing": 0.1,
            "validation": 0.05,
            "precision": "auto",
        },
        "points": {
            "data": "spirals",
            "units": (32, 32),
            "epochs": 60,
            "learning_rate": 0.01,
            "schedule": "cosine",
        },
        "table": {
            "data": "breast-cancer",
            "network": "ensemble",
            "units": (64, 64),
            "dropout": 0.1,
            "learning_rate": 0.01,
            "schedule": "cosine",
        },
    }


EXAMPLE_FACTS = {"task": "image-classification", "input": [1, 28, 28], "classes": [str(n) for n in range(10)]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the preset that suits the data and, epochs and batch size by the number of rows or images.

    Settings that were given explicitly stay as they are.
    """
    explicit = {name: getattr(settings, name) for name in settings.model_fields_set}
    if settings.preset == "default" and is_table(context.source(settings.data)):
        explicit["preset"] = "points" if settings.data in POINT_SETS else "table"
    completed = resolve(Settings, explicit)
    assert isinstance(completed, Settings)
    if not is_table(context.source(completed.data)):
        return complete_settings(completed, context)
    if completed.preset != "table" or {"epochs", "batch_size"} <= explicit.keys():
        return completed
    rows = min(count_rows(context.source(completed.data)), completed.limit or 10**9)
    batch_size = explicit.get("batch_size", default_batch_size(rows))
    epochs = max(1, round(default_steps(rows, STEPS) * batch_size / max(1, rows)))
    return Settings(**{**completed.model_dump(), "epochs": epochs, "batch_size": batch_size, **explicit})


def model(settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the network for images, or for the columns of a table."""
    if "columns" not in facts:
        if settings.network == "ensemble":
            raise SettingsError(_("--network ensemble is for tables."), hint=_("type --network dense"))
        return dense_network(settings, facts)
    if settings.network == "dense":
        return add_threshold(dense_network(settings, facts), facts)
    network = Ensemble(
        facts["columns"], output_count(facts), members=settings.members, units=settings.units,
        activation=settings.activation, dropout=settings.dropout, frequencies=settings.frequencies,
        embedding=settings.embedding,
    )  # fmt: skip
    return add_threshold(network, facts)


def dense_network(settings: Settings, facts: dict[str, Any]) -> Model:
    """Return dense layers on the pixels of an image, or on numbers and embedded categories."""
    inputs, parts = [], []
    if "columns" not in facts:
        inputs = [Input(*facts["input"])]
        parts = [Flatten()(inputs[0])]
    else:
        numbers, levels = input_sizes(facts["columns"])
        if numbers:
            inputs.append(Input(numbers))
            parts.append(inputs[-1])
        if levels:
            inputs.append(Input(len(levels), dtype="int64"))
            parts.append(Flatten()(Embedding(sum(levels), settings.embedding)(inputs[-1])))
    h = parts[0] if len(parts) == 1 else Concatenate()(*parts)
    for units in settings.units:
        h = Linear(units, activation=settings.activation)(h)
        if settings.dropout:
            h = Dropout(settings.dropout)(h)
    network = Model(inputs, Linear(output_count(facts))(h))
    for layer in network.modules():
        if isinstance(layer, nn.Embedding):
            zero_unseen(layer, facts["columns"])
    return network


def output_count(facts: dict[str, Any]) -> int:
    """Return the number of outputs: a logit for each class, or a value for each target."""
    return len(facts["classes"]) or len(facts["targets"])


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble data, network, learner and figures, for a table or for images."""
    if not is_table(context.source(settings.data)):
        return build_image_classifier(settings, context)
    table = read_table(settings, context)
    return Experiment(
        learner=TableLearner(model(settings, table.facts), settings, table.facts, table.table.weights),
        train=table.training_stream(settings.batch_size, settings.seed),
        validation=table.evaluation_stream("validation"),
        test=table.evaluation_stream("test"),
        facts=table.facts,
        monitor="loss",
        notes=table.notes,
        report=table.report,
        figures=make_figures,
        fit_postprocessing=threshold_chooser(settings, table.facts),
    )


def build_image_classifier(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble data, network, learner and figures for images."""
    data = read_data(settings, context)
    network = model(settings, data.facts)
    learner = DenseClassifier(network, settings, views_of(settings), class_weights=data.class_weights)
    return data.experiment(learner, image_figures.make_figures)


def answering(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the module that answers about raw rows (numbers, category indices) or images."""
    tasks = table_predict if "columns" in facts else image_predict
    return tasks.answering(network, settings, facts)


def read_inputs(source: Any, facts: dict[str, Any]) -> tuple[list[Any], bool] | None:
    """Convert what a person asks about into rows of a table; return None for a model of images."""
    if "columns" not in facts:
        return None
    return read_rows(source, [fact["name"] for fact in facts["columns"]])


def predict(network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: list[Any]) -> list[Any]:
    """Answer about each row or image."""
    if "columns" in facts:
        return table_predict.predict(network, facts, inputs)
    return image_predict.predict(network, settings, facts, inputs)
