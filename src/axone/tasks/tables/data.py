"""Read the table that `--data` names, split its rows, encode its columns and its targets.

table file or frame -> Table -> splits (train, validation, test)
                             -> columns fitted on the training rows -> Encoded (numbers, categories)
                             -> targets: class indices, or standardized numbers
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from axone.data.tables.columns import Encoded, encode, fit_columns
from axone.data.tables.known_columns import warn_of
from axone.data.tables.load import hold_out, load_table
from axone.data.tables.report import build_report, describe
from axone.data.tables.stream import TableStream
from axone.data.tables.table import Table
from axone.data.tables.targets.missing import parse_missing
from axone.data.tables.targets.notes import describe_choice, describe_small_classes
from axone.data.tables.values.kinds import parse_kinds
from axone.engine.context import BuildContext
from axone.messages import plural
from axone.tasks.tables.learner import EVALUATION_BATCH
from axone.tasks.tables.settings import RowSettings, TableSettings


@dataclass(frozen=True)
class TableData:
    """A table with its splits, ready to train on."""

    table: Table
    rows: Encoded  # of all splits
    targets: Shaped[Tensor, "rows ..."]  # int64 class indices [rows], or standardized float32 numbers [rows, targets]
    splits: dict[str, Int64[Tensor, " _"]]  # "train", "validation", "test" -> row numbers
    facts: dict[str, Any]  # task, classes, columns, targets, not_used, missing_words, samples, source, fingerprint

    @property
    def notes(self) -> list[str]:
        """Sentences about the data that are printed before training."""
        return describe(self.table, self.facts["columns"], self.facts["samples"])

    @property
    def report(self) -> dict[str, Any]:
        """The content of `data_report.json`."""
        return build_report(self.table, self.facts["columns"])

    def training_stream(self, batch_size: int, seed: int) -> TableStream:
        """Return shuffled batches of the training set; an incomplete last batch is left out."""
        return TableStream(
            self.rows, self.targets, indices=self.splits["train"], batch_size=batch_size, seed=seed, drop_last=True
        )

    def evaluation_stream(self, split: str) -> TableStream | None:
        """Return the batches of a split in the order of the table; None when the split is empty."""
        if not len(self.splits[split]):
            return None
        return TableStream(
            self.rows, self.targets, indices=self.splits[split], batch_size=EVALUATION_BATCH, shuffle=False
        )


def read_table(settings: TableSettings, context: BuildContext) -> TableData:
    """Read, split and encode the table that `settings.data` names.

    With `context.facts` the columns are encoded and the targets standardized as in the run that these facts describe.
    Raises DataError, ResourceError, SettingsError.
    """
    known = context.facts
    missing = parse_missing(settings.missing)
    if known:
        table = load_table(
            context.source(settings.data), settings.target, task=known["task"].removeprefix("table-"),
            missing=missing, known=known, classes=known["classes"] or None,
        )  # fmt: skip
        warn_of(table.notes)
    else:
        table = load_table(
            context.source(settings.data), settings.target, kinds=parse_kinds(settings.columns), task=settings.task,
            missing=missing,
        )  # fmt: skip
        choice = describe_choice(table) if settings.task == "auto" else []
        table = replace(table, notes=(*table.notes, *choice, *describe_small_classes(table)))
    splits = split_rows(table, settings, context)
    if known:
        columns, targets = known["columns"], known["targets"]
    else:
        columns, targets = fit_columns(table, splits["train"]), fit_targets(table, splits["train"])
    facts = {
        "task": f"table-{table.task}",
        "classes": list(table.classes),
        "columns": columns,
        "targets": targets,
        "not_used": known["not_used"] if known else [column.name for column in table.dropped],
        "missing_words": missing,
        "samples": {name: len(rows) for name, rows in splits.items()},
        "source": table.source,
        "fingerprint": table.fingerprint(),
    }
    return TableData(table, encode(table.features, columns), encode_targets(table, targets), splits, facts)


def split_rows(table: Table, settings: RowSettings, context: BuildContext) -> dict[str, Int64[Tensor, " _"]]:
    """Return the row numbers of the splits "train", "validation" and "test", stratified by the target.

    All rows of other data on which a run is evaluated are test rows; what is measured is said.
    """
    if context.whole:
        context.notify(describe_measured_rows(table.rows, table.source))
        rows = torch.arange(table.rows)
        return {"train": rows, "validation": rows[:0], "test": rows}
    rest, test = hold_out(table, torch.arange(table.rows), settings.test, settings.seed)
    train, validation = hold_out(table, rest, settings.validation, settings.seed)
    if settings.limit:
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(settings.seed))
        train = train[order][: settings.limit]
    return {"train": train, "validation": validation, "test": test}


def describe_measured_rows(rows: int, source: str) -> str:
    """Say how many rows of other data are measured."""
    return plural("{count} row is measured: {source}.", "All {count} rows are measured: {source}.",
                  rows, source=source)  # fmt: skip


def fit_targets(table: Table, rows: Int64[Tensor, " rows"]) -> list[dict[str, Any]]:
    """Return name, mean and standard deviation of each target over the training rows; 0 and 1 for classes."""
    if table.classes:
        return [{"name": name, "mean": 0.0, "std": 1.0} for name in table.target]
    values = table.targets[rows]
    deviations = values.std(0, correction=0).tolist()
    written = {
        column.name: {"kind": column.kind, "notation": dict(column.notation)}
        for column in table.target_columns
        if column.kind in ("number", "date")
    }
    return [
        {"name": name, "mean": mean, "std": deviation or 1.0, **written.get(name, {})}
        for name, mean, deviation in zip(table.target, values.mean(0).tolist(), deviations)
    ]


def encode_targets(table: Table, targets: Sequence[Mapping[str, Any]]) -> Shaped[Tensor, "rows ..."]:
    """Return the class index of each row, or its targets less their mean, divided by their standard deviation."""
    if table.classes:
        return table.targets
    mean, std = (torch.tensor([target[key] for target in targets], dtype=torch.float64) for key in ("mean", "std"))
    return ((table.targets - mean) / std).float()


def default_batch_size(rows: int) -> int:
    """Return the power of two next above a twentieth of the rows, from 32 to 256."""
    return int(min(256, max(32, 2 ** math.ceil(math.log2(max(1, rows) / 20)))))


def default_steps(rows: int, least: int) -> int:
    """Return how many training steps a table gets: `least` up to 2,000 rows, then growing with their square root."""
    return round(least * max(1.0, math.sqrt(rows / 2000)))
