"""Dense layers that predict a column of a table, or name what a picture shows.

The flow of shapes, for the course's network on Fashion-MNIST (`network = "chain"`):

    (1, 28, 28) -> flat (784) -> dense 128, ReLU -> one logit a class (10)

(`--preset wide`: 1024 and 512 units, dropout, half of the pictures mirrored: how far dense layers get with pictures),
and for a table with n columns of numbers and c of categories (`network = "ensemble"`):

    numbers (n) -> 4 periodic features each (4 n);  categories (c) -> an embedding each (6 c)
        -> side by side -> each of 8 members' view of them (8, 4 n + 6 c)
        -> dense 64, ReLU, dropout, twice, the same weights for all members (8, 64) -> a head a member (8, outputs)

The members learn each by itself and answer together: their probabilities, or values, are averaged. What makes such
networks the equals of trees on tables: numbers are scaled by their quartiles and clipped smoothly, periodic features
let them see a step in one column, and the ensemble steadies them.

Papers: Gorishniy, Kotelnikov, Babenko 2024, "TabM", arXiv:2410.24210 (the ensemble); Holzmüller, Grinsztajn,
Steinwart 2024, "Better by Default" (RealMLP), arXiv:2407.04491 (scaling, periodic features with phases); Gorishniy,
Rubachev, Babenko 2022, arXiv:2203.05556 (periodic features). How we differ: 8 members instead of 32, small layers and
few steps, because a table should be learned in seconds; no learning rate of its own for each kind of weight.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from axone.data.datasets.tables import POINT_SETS
from axone.data.tables.columns import input_sizes
from axone.data.tables.files import count_rows
from axone.data.tables.load import is_table
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.errors import SettingsError
from axone.graph import Concatenate, Dropout, Embedding, Flatten, Input, Linear, Model
from axone.messages import _, mark
from axone.settings import option, resolve
from axone.tasks.classification import image_classification
from axone.tasks.classification.predict import predict as predict_images
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.dense.learner import ChainClassifier
from axone.tasks.tables import tabular
from axone.tasks.tables.ensemble import MemberHeads, MemberScaling
from axone.tasks.tables.inputs import read_rows
from axone.tasks.tables.periodic import PeriodicEmbedding
from axone.tasks.tables.settings import TableSettings
from axone.tasks.tables.tabular import batch_for, steps_for

MOST_PERIODIC = 100  # columns of numbers up to which periodic features are worth their time


class Settings(ImageClassificationSettings, TableSettings):
    """What can be changed about the network and its training."""

    data: str = option("fashion-mnist", mark("a table (.csv, .parquet, or a known one), a known set, or a folder"))
    network: Literal["chain", "ensemble"] = option("chain", mark("layers in a row, or many such networks in one"))
    units: tuple[int, ...] = option((128,), mark("units of each dense layer before the last"))
    activation: Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu"] = option("relu", mark("non-linearity"))
    dropout: float = option(0.0, mark("share of the units left out at each step"), ge=0, lt=1)
    members: int = option(8, mark("networks in the ensemble"), ge=1, le=256)
    frequencies: int = option(16, mark("waves that each number passes, in the ensemble; 0: none"), ge=0, le=256)
    embedding: int = option(6, mark("numbers that stand for each category"), ge=1, le=256)
    batch_size: int = option(32, mark("samples in a batch"), ge=1, le=1_000_000)
    precision: Literal["auto", "float32", "bfloat16"] = option("float32", mark("number format of the products"))

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


STEPS = 400  # of a training on a table, unless --epochs says otherwise; more rows take more, see `steps_for`

EXAMPLE_FACTS = {"task": "image-classification", "input": [1, 28, 28], "classes": [str(n) for n in range(10)]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Take what was not asked for from the preset that suits the data; a table's rows say how long to train."""
    asked = {name: getattr(settings, name) for name in settings.model_fields_set}
    if settings.preset == "default" and is_table(context.source(settings.data)):
        asked["preset"] = "points" if settings.data in POINT_SETS else "table"
    found = resolve(Settings, asked)
    assert isinstance(found, Settings)
    changes: dict[str, Any] = {}
    if found.preset == "table" and not {"epochs", "batch_size"} <= asked.keys():
        rows = min(count_rows(context.source(found.data)), found.limit or 10**9)
        batch_size = asked.get("batch_size", batch_for(rows))
        epochs = max(1, round(steps_for(rows, STEPS) * batch_size / max(1, rows)))
        changes = {"epochs": epochs, "batch_size": batch_size}
    return Settings(**{**found.model_dump(), **changes, **asked})


def model(settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Write the chosen network down for these pictures, or for a table's columns and target."""
    if settings.network == "ensemble":
        if "columns" not in facts:
            raise SettingsError(_("--network ensemble is for tables."), hint=_("type --network chain"))
        return tabular.keep_threshold(Ensemble(settings, facts), facts)
    network = chain(settings, facts)
    return tabular.keep_threshold(network, facts) if "columns" in facts else network


def chain(settings: Settings, facts: dict[str, Any]) -> Model:
    """Dense layers in a row, on pixels, or on numbers and embedded categories side by side."""
    inputs, parts = [], []
    if "columns" not in facts:
        inputs = [Input(*facts["input"])]
        parts = [Flatten()(inputs[0])]
    else:
        numbers, slots = input_sizes(facts["columns"])
        if numbers:
            inputs.append(Input(numbers))
            parts.append(inputs[-1])
        if slots:
            inputs.append(Input(len(slots), dtype="int64"))
            parts.append(Flatten()(Embedding(sum(slots), settings.embedding)(inputs[-1])))
    h = parts[0] if len(parts) == 1 else Concatenate()(*parts)
    for units in settings.units:
        h = Linear(units, activation=settings.activation)(h)
        if settings.dropout:
            h = Dropout(settings.dropout)(h)
    network = Model(inputs, Linear(outputs(facts))(h))
    for layer in network.modules():
        if isinstance(layer, nn.Embedding):
            tabular.blank_unseen(layer, facts)
    return network


class Ensemble(nn.Module):
    """Features of the columns, as many views of them as there are members, shared layers, a head a member."""

    def __init__(self, settings: Settings, facts: dict[str, Any]) -> None:
        super().__init__()
        numbers, slots = input_sizes(facts["columns"])
        features = 0
        self.features = nn.ModuleList()  # one for each input: numbers, categories
        if numbers:
            periodic = settings.frequencies > 0 and numbers <= MOST_PERIODIC
            made = PeriodicEmbedding(numbers, settings.frequencies) if periodic else nn.Identity()
            self.features.append(made)
            features += numbers * (made.width if isinstance(made, PeriodicEmbedding) else 1)
        if slots:
            embedding = nn.Embedding(sum(slots), settings.embedding)
            nn.init.normal_(embedding.weight, std=0.5)
            tabular.blank_unseen(embedding, facts)
            self.features.append(nn.Sequential(embedding, nn.Flatten()))
            features += len(slots) * settings.embedding
        self.views = MemberScaling(settings.members, features)
        view = h = Input(features)
        for units in settings.units:
            h = Linear(units, activation=settings.activation)(h)
            if settings.dropout:
                h = Dropout(settings.dropout)(h)
        self.body = Model(view, h) if settings.units else nn.Identity()
        self.heads = MemberHeads(settings.members, settings.units[-1] if settings.units else features, outputs(facts))

    def forward(self, *parts: Shaped[Tensor, "batch _"]) -> Shaped[Tensor, "batch members outputs"]:
        """Return what each member answers to numbers, categories, or both, in this order."""
        found = [feature(part) for feature, part in zip(self.features, parts, strict=True)]
        views = self.views(found[0] if len(found) == 1 else torch.cat(found, 1))
        hidden = self.body(views.flatten(0, 1))
        return self.heads(hidden.unflatten(0, views.shape[:2]))


def outputs(facts: dict[str, Any]) -> int:
    """Count what the network answers: a logit a class, or a number a target."""
    return len(facts["classes"]) or len(facts["targets"])


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the table or the pictures, and stand the network in front of them."""
    if is_table(context.source(settings.data)):
        return tabular.experiment(settings, context, lambda facts: model(settings, facts))
    return image_classification.experiment(
        settings, context, lambda facts: model(settings, facts), learner=ChainClassifier
    )


def read_inputs(given: Any, facts: dict[str, Any]) -> tuple[list[Any], bool] | None:
    """Turn what a person asks about into rows of a table; None where it is pictures."""
    if "columns" not in facts:
        return None
    return read_rows(given, [fact["name"] for fact in facts["columns"]])


def predict(network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: list[Any]) -> list[Any]:
    """Answer about each row, or name what each picture shows."""
    if "columns" in facts:
        return tabular.predict(network, facts, inputs)
    return predict_images(network, settings, facts, inputs)
