"""The data of an autoencoder: images or rows of a table, without labels.

Class labels are no input and no target. Where the data have some, they are stored (facts["labels"]) to color the
figures of the report, and one class can be excluded from training, to check that its examples get high scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.data.images.dataset import Subset
from axone.data.images.report import count_classes
from axone.data.tables.columns import encode, fit_columns, scale_together
from axone.data.tables.known_columns import warn_of
from axone.data.tables.load import load_table
from axone.data.tables.report import build_report, describe
from axone.data.tables.row_stream import RowStream
from axone.data.tables.sources import is_table
from axone.data.tables.targets.missing import parse_missing
from axone.data.tables.values.kinds import parse_kinds
from axone.engine.context import BuildContext
from axone.engine.experiment import Stream
from axone.errors import DataError, SettingsError, closest
from axone.messages import _
from axone.tasks.images.splits import read_splits
from axone.tasks.reconstruction.anomalies import describe_anomalies, find_anomalies
from axone.tasks.reconstruction.row_vectors import encode_vectors
from axone.tasks.reconstruction.settings import ReconstructionSettings
from axone.tasks.tables.data import split_rows
from axone.tasks.tables.learner import EVALUATION_BATCH

UNIT_RANGE = ((0.0,), (1.0,))  # mean and standard deviation that leave pixels from 0 to 1, the unit of the errors
MIN_EXAMPLES = 2


@dataclass(frozen=True)
class Examples:
    """Streams of batches with `inputs`, and the facts, notes and report of the data."""

    train: Stream
    validation: Stream | None
    test: Stream | None
    facts: dict[str, Any]
    notes: list[str]
    report: dict[str, Any]


def read_examples(settings: ReconstructionSettings, context: BuildContext) -> Examples:
    """Read the images or the table that `settings.data` names.

    Raises DataError, ResourceError, SettingsError.
    """
    if is_table(context.source(settings.data)):
        return read_rows(settings, context)
    return read_images(settings, context)


def read_images(settings: ReconstructionSettings, context: BuildContext) -> Examples:
    """Read images, with pixels from 0 to 1."""
    splits = read_splits(settings, context, statistics=UNIT_RANGE, labeled=False)
    facts, notes = dict(splits.facts), list(splits.notes)
    classes = facts.pop("classes")
    facts["labels"] = classes if len(classes) > 1 else []  # a single class colors nothing
    unseen = list(splits.unseen)
    if settings.exclude_class:
        unseen.append(settings.exclude_class)
        train, validation = (
            Subset(part.dataset, part.indices[_is_included(part.labels, facts["labels"], settings, context)])
            for part in (splits.train, splits.validation)
        )
        splits = replace(splits, train=train, validation=validation)
        facts["samples"] = {**facts["samples"], "train": len(train), "validation": len(validation)}
        facts["exclude_class"] = settings.exclude_class
        notes.append(_describe_exclusion(settings))
    facts |= anomaly_facts(facts["labels"], context, unseen)
    if splits.unseen:
        counts = dict(zip(classes, count_classes(splits.test.labels, len(classes)), strict=True))
        notes.append(describe_anomalies(facts["anomalies"], counts))
    if not context.whole:
        _require_examples(len(splits.train))
    return Examples(
        train=splits.training_stream(),
        validation=splits.evaluation_stream(splits.validation),
        test=splits.evaluation_stream(splits.test),
        facts={"task": "reconstruction", **facts},
        notes=notes,
        report=splits.report,
    )


def anomaly_facts(classes: Sequence[str], context: BuildContext, unseen: Sequence[str]) -> dict[str, list[str]]:
    """Return the facts "anomalies" and "trained_classes": the classes that training does not see, and the others."""
    anomalies = find_anomalies(classes, context.facts if context.whole else None, unseen)
    return {"anomalies": anomalies, "trained_classes": [name for name in classes if name not in anomalies]}


def read_rows(settings: ReconstructionSettings, context: BuildContext) -> Examples:
    """Read the rows of a table as vectors: scaled numbers and one-hot categories."""
    known = context.facts
    missing = parse_missing(settings.missing)
    table = load_table(
        context.source(settings.data), settings.target, kinds={} if known else parse_kinds(settings.columns),
        missing=missing, labeled=False, known=known, classes=known["labels"] or None if known else None,
    )  # fmt: skip
    if known:
        warn_of(table.notes)
    splits, notes = split_rows(table, settings, context), []
    if settings.exclude_class:
        for name in ("train", "validation"):
            labels = table.targets[splits[name]]
            splits[name] = splits[name][_is_included(labels, table.classes, settings, context)]
        notes.append(_describe_exclusion(settings))
    if not context.whole:
        _require_examples(len(splits["train"]))
    if known:
        columns = known["columns"]
    else:
        columns = fit_columns(table, splits["train"])
        columns = scale_together(table, splits["train"], columns) if settings.scaling == "all" else columns
    inputs = encode_vectors(encode(table.features, columns), columns)  # [N, W]
    if inputs.shape[1] < 2:
        raise DataError(
            _("'{name}' has a single column to learn from: {column}.", name=table.name, column=columns[0]["name"]),
            expected=_("expected at least two columns: one column cannot be compressed"),
        )
    facts = {
        "task": "reconstruction",
        "labels": list(table.classes),
        "input": [inputs.shape[1]],
        "columns": columns,
        "targets": [{"name": name} for name in table.target],
        "not_used": known["not_used"] if known else [column.name for column in table.dropped],
        "missing_words": missing,
        "samples": {name: len(rows) for name, rows in splits.items()},
        "source": table.source,
        "fingerprint": table.fingerprint(),
        "exclude_class": settings.exclude_class,
        **anomaly_facts(table.classes, context, [settings.exclude_class]),
    }
    if table.target:
        notes.append(_("Not an input: {names}.", names=", ".join(table.target)))

    def evaluation_stream(name: str) -> RowStream | None:
        rows = splits[name]
        if not len(rows):
            return None
        return RowStream(inputs[rows], table.targets[rows], batch_size=EVALUATION_BATCH, shuffle=False)

    rows = splits["train"]
    return Examples(
        train=RowStream(inputs[rows], table.targets[rows], batch_size=settings.batch_size, seed=settings.seed),
        validation=evaluation_stream("validation"),
        test=evaluation_stream("test"),
        facts=facts,
        notes=describe(table, columns, facts["samples"]) + notes,
        report=build_report(table, columns),
    )


def _is_included(
    labels: Int64[Tensor, " examples"],
    classes: Sequence[str],
    settings: ReconstructionSettings,
    context: BuildContext,
) -> Bool[Tensor, " examples"]:
    """Return which examples are not of the excluded class. Raises SettingsError for an unknown class.

    Other data on which a run is evaluated need not have the class.
    """
    if settings.exclude_class in classes:
        return labels != list(classes).index(settings.exclude_class)
    if context.facts is not None:
        return torch.ones(len(labels), dtype=torch.bool)
    near = closest(settings.exclude_class, classes)
    raise SettingsError(
        _("There is no class '{name}'.", name=settings.exclude_class)
        + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
        expected=_("expected one of: {choices}", choices=", ".join(classes))
        if classes else _("these data have no classes"),
    )  # fmt: skip


def _describe_exclusion(settings: ReconstructionSettings) -> str:
    return _("The class '{label}' is left out of training and validation; the test set has it.",
             label=settings.exclude_class)  # fmt: skip


def _require_examples(count: int) -> None:
    if count < MIN_EXAMPLES:
        raise DataError(
            _("There is only one example to train on.") if count else _("There is no example to train on."),
            expected=_("expected at least two examples, and hundreds for a useful result"),
        )
