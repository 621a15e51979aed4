"""Read what a neuron is trained on: people, the numbers of a table, or the pixels of images.

Columns of a table are standardized (mean 0, standard deviation 1), so that they have the same scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.datasets.registry import DATASETS
from axone.data.datasets.tables import TABLES
from axone.data.images.stream import ImageStream
from axone.data.split import stratified_split
from axone.data.tables.row_stream import RowStream
from axone.data.tables.sources import is_table
from axone.data.tables.targets.missing import parse_missing
from axone.engine.context import BuildContext
from axone.errors import DataError, closest
from axone.messages import _, plural
from axone.numbers import format_number
from axone.tasks.images.completion import describe_choices
from axone.tasks.images.settings import ImageDataSettings, ImageFitSettings
from axone.tasks.images.splits import read_splits
from axone.tasks.neuron.labels import PEOPLE, label_names
from axone.tasks.neuron.numeric_table import NumericTable, read_numeric_table, read_people
from axone.tasks.neuron.settings import NeuronSettings
from axone.tasks.neuron.step_text import describe_training
from axone.tasks.neuron.trace import Example
from axone.tasks.tables.data import describe_measured_rows

TEST = 0.2  # fraction of the rows held out as the test set
EVALUATION_BATCH = 500
FULL_BATCH = 1_000_000  # the batch size for all images at once


@dataclass(frozen=True)
class NeuronData:
    """The splits of a dataset, with what they say about it."""

    train: RowStream | ImageStream
    validation: RowStream | ImageStream | None
    test: RowStream | ImageStream | None
    facts: dict[
        str, Any
    ]  # task, classes, input, mean, std, samples, source, fingerprint; of a table also columns, target, ...
    notes: list[str]  # sentences that are printed before training
    report: dict[str, Any] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()  # one typical row of each class
    weights: Float[Tensor, " rows"] | None = None  # of each training row in the error; None: 1


def is_image_source(source: Any) -> bool:
    """Return whether the data are images: a known image dataset, a folder, or images in memory."""
    return source != PEOPLE if isinstance(source, str) and not is_table(source) else not is_table(source)


def read_data(
    settings: NeuronSettings, context: BuildContext, *, positive: str = "", show_steps: int = 0
) -> NeuronData:
    """Read and split what `settings.data` names.

    Args:
        settings: Settings of the data and the batches.
        context: Data in memory, and the facts of a run being restored.
        positive: The class for which one neuron should answer 1; "": the last by name.
        show_steps: The number of training samples, when every step is printed; 0: all.

    Raises DataError, ResourceError, SettingsError.
    """
    if is_image_source(source := context.source(settings.data)):
        if isinstance(source, str):
            _require_known(source)
        return _read_images(settings, context, show_steps)
    table = read_people() if settings.data == PEOPLE else read_numeric_table(settings, context)
    return _split_rows(settings, context, table.with_positive(positive), show_steps)


def _require_known(data: str) -> None:
    """Raise DataError for what is neither a folder nor a known dataset: perhaps the mistyped name of a table."""
    names = [*TABLES, *DATASETS]
    if data not in DATASETS and not Path(data).expanduser().exists():
        near = closest(data, names)
        raise DataError(
            _("There is no file, folder or known set '{data}' (from {folder}).", data=data[:200], folder=Path.cwd())
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("known: {names}; or the path of your own data", names=", ".join(names)),
        )


def _split_rows(settings: NeuronSettings, context: BuildContext, table: NumericTable, show_steps: int) -> NeuronData:
    rest, test = stratified_split(table.labels, TEST, settings.seed)
    inside, outside = stratified_split(table.labels[rest], settings.validation, settings.seed)
    train, validation = rest[inside], rest[outside]
    if context.whole:
        train = test = torch.arange(len(table.labels))
        validation = train[:0]
        context.notify(describe_measured_rows(len(train), table.source))
    limit = min(settings.limit or len(train), show_steps or len(train), len(train))
    if limit < len(train) and not context.whole:
        train = train[stratified_order(table.labels[train], settings.seed)[:limit]]
    mean, deviation = column_statistics(table.values[train])
    if context.facts is not None:  # the weights of a run expect the scale of its training set
        mean, deviation = (torch.tensor(context.facts[name], dtype=torch.float64) for name in ("mean", "std"))
    facts = {
        "task": "perceptron",
        "classes": list(table.classes),
        "columns": list(table.columns),
        "target": table.target,
        "input": [len(table.columns)],
        "mean": mean.tolist(),
        "std": deviation.tolist(),
        "written": describe_columns(table, train) if context.facts is None else context.facts["written"],
        "not_used": list(table.not_used) if context.facts is None else context.facts["not_used"],
        "missing_words": parse_missing(settings.missing),
        "samples": {"train": len(train), "validation": len(validation), "test": len(test)},
        "source": table.source,
        "fingerprint": table.fingerprint(train),
    }
    scaled = standardize(table.values, mean, deviation)
    batch_size = settings.batch_size or len(train)

    def evaluation_stream(rows: Int64[Tensor, " rows"]) -> RowStream | None:
        stream = RowStream(scaled[rows], table.labels[rows], batch_size=EVALUATION_BATCH, shuffle=False)
        return stream if len(rows) else None

    return NeuronData(
        train=RowStream(scaled[train], table.labels[train], batch_size=batch_size, seed=settings.seed),
        validation=evaluation_stream(validation),
        test=evaluation_stream(test),
        facts=facts,
        notes=[
            *_describe_rows(table, facts, settings.data),
            describe_training(len(train), batch_size, settings.epochs),
        ],
        examples=tuple(_typical_rows(table, scaled, train, settings.data)),
        weights=None if table.weights is None else table.weights[train],
    )


def describe_columns(table: NumericTable, rows: Int64[Tensor, " rows"]) -> list[dict[str, Any]]:
    """Return how each column is written, and whether it has missing values in these rows, as facts of a run."""
    missing = table.values[rows].isnan().any(0).tolist()
    return [{**written, "missing": has_gaps} for written, has_gaps in zip(table.written, missing, strict=True)]


def _read_images(settings: NeuronSettings, context: BuildContext, show_steps: int) -> NeuronData:
    shared = settings.model_dump(include=set(ImageFitSettings.model_fields) - {"preset"})
    limit = round(show_steps / (1 - settings.validation)) or settings.limit  # the validation set is a part of these
    shared |= {"limit": limit, "batch_size": settings.batch_size or FULL_BATCH}
    splits = read_splits(ImageDataSettings(**shared), context)
    train = splits.training_stream()
    return NeuronData(
        train=train,
        validation=splits.evaluation_stream(splits.validation),
        test=splits.evaluation_stream(splits.test),
        facts={"task": "perceptron", **splits.facts},
        notes=[
            *splits.notes,
            *describe_choices(settings, len(splits.train)),
            describe_training(train.samples, min(shared["batch_size"], train.samples), settings.epochs),
        ],
        report=splits.report,
    )


def stratified_order(labels: Int64[Tensor, " rows"], seed: int) -> Int64[Tensor, " rows"]:
    """Return a random order whose every beginning has the classes in their proportions, as far as possible."""
    drawn = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    one_hot = functional.one_hot(labels[drawn])
    rank = (one_hot.cumsum(0) * one_hot).sum(1)  # 1 for the first row of its class
    return drawn[((rank - 0.5) / one_hot.sum(0)[labels[drawn]]).argsort(stable=True)]


def column_statistics(
    values: Float[Tensor, "rows columns"],
) -> tuple[Float[Tensor, " columns"], Float[Tensor, " columns"]]:
    """Return the mean and the standard deviation of each column without its missing values; 1 for a deviation of 0."""
    mean = values.nanmean(0).nan_to_num(0.0)
    deviation = (values - mean).square().nanmean(0).nan_to_num(0.0).sqrt()
    return mean, torch.where(deviation > 0, deviation, 1.0)


def standardize(
    values: Float[Tensor, "rows columns"], mean: Float[Tensor, " columns"], std: Float[Tensor, " columns"]
) -> Float[Tensor, "rows columns"]:
    """Return float32 values less the mean, divided by the standard deviation; 0, the mean, for missing values."""
    return ((values - mean) / std).nan_to_num(0.0).float()


def _typical_rows(
    table: NumericTable, scaled: Float[Tensor, "rows columns"], rows: Int64[Tensor, " train"], data: str
) -> list[Example]:
    """Return for each class the training row nearest to the mean of the class."""
    examples, columns = [], label_names(table.columns, data)
    for target, name in enumerate(label_names(table.classes, data)):
        members = rows[table.labels[rows] == target]
        if not len(members):
            continue
        inputs = scaled[members]
        nearest = int((inputs - inputs.mean(0)).square().sum(1).argmin())
        values = zip(columns[:4], table.values[members[nearest]].tolist())
        described = ", ".join(f"{column} {format_number(float(f'{value:.6g}'))}" for column, value in values)
        examples.append(Example(inputs[nearest], target, f"{name} ({described})"))
    return examples


def _describe_rows(table: NumericTable, facts: Mapping[str, Any], data: str) -> list[str]:
    samples = {name: format_number(count) for name, count in facts["samples"].items()}
    lines = [
        _("{rows} rows ({source}): {train} for training, {validation} for validation, {test} for testing.",
          rows=format_number(len(table.labels)), source=table.source, **samples),
        *table.notes,
    ]  # fmt: skip
    if len(table.classes) == 2:
        targets = ", ".join(f"{name} = {value}" for value, name in enumerate(label_names(table.classes, data)))
        lines.append(_("Targets of the neuron: {targets}.", targets=targets))
    else:
        lines.append(
            plural(
                "{count} class: one neuron for each; softmax turns their sums into probabilities.",
                "{count} classes: one neuron for each; softmax turns their sums into probabilities.",
                len(table.classes),
            )
        )
    first = list(zip(label_names(table.columns, data), facts["mean"], facts["std"]))[:4]
    formulas = ", ".join(
        f"{name}' = ({name} - {format_number(mean)}) / {format_number(std)}" for name, mean, std in first
    )
    more = len(table.columns) - len(first)
    formulas += " " + plural("and {count} more", "and {count} more", more) if more else ""
    lines.append(_("Standardized columns: {formulas}.", formulas=formulas))
    if missing := int(table.values.isnan().sum()):
        lines.append(
            plural(
                "{count} missing value is replaced by the mean of its column.",
                "{count} missing values are replaced by the means of their columns.",
                missing,
            )
        )
    return lines
