"""Learning what examples have in common by giving them back: from pictures or rows to an experiment.

Classes are never learned from. Where the data name some, they are kept beside (facts["labels"]), to color what the
report shows, and one of them can be kept out of training, to see whether it is found unusual.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Bool, Int64

from axone.data.images.dataset import Subset
from axone.data.tables.columns import encode, fit_columns, scale_together, select_columns
from axone.data.tables.load import is_table, load_table
from axone.data.tables.report import describe, document
from axone.data.tables.row_stream import RowStream
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment, FinishContext, Stream
from axone.engine.learner import Learner
from axone.errors import DataError, SettingsError, closest
from axone.messages import _, plural
from axone.numbers import number, percent
from axone.tasks.images.splits import read_splits
from axone.tasks.reconstruction.figures import make_figures
from axone.tasks.reconstruction.latent_network import LatentNetwork, through
from axone.tasks.reconstruction.settings import UnlabeledSettings
from axone.tasks.tables.data import column_kinds, split_rows
from axone.tasks.tables.learner import EVALUATION_BATCH
from axone.tasks.tables.row_vectors import encode_vectors

AS_THEY_ARE = ((0.0,), (1.0,))  # mean and deviation that leave pixels from 0 to 1, in which errors are told
FEW = 100  # examples below which a quantile of their errors is a guess


@dataclass(frozen=True)
class Examples:
    """Batches with `inputs`, and what was found in the data."""

    train: Stream
    validation: Stream | None
    test: Stream | None
    facts: dict[str, Any]
    notes: list[str]
    report: dict[str, Any]


def experiment(
    settings: UnlabeledSettings,
    context: BuildContext,
    network: Callable[[dict[str, Any]], LatentNetwork],
    learner: Callable[[LatentNetwork], Learner],
) -> Experiment:
    """Read what `settings.data` names, and let `learner` teach `network(facts)` to give it back.

    Raises DataError, ResourceError, SettingsError.
    """
    found = (
        read_rows(settings, context) if is_table(context.source(settings.data)) else read_pictures(settings, context)
    )
    return Experiment(
        learner=learner(network(found.facts)),
        train=found.train,
        validation=found.validation,
        test=found.test,
        facts=found.facts,
        notes=found.notes,
        report=found.report,
        figures=make_figures,
        fit_postprocessing=choose_threshold(settings),
    )


def read_pictures(settings: UnlabeledSettings, context: BuildContext) -> Examples:
    """Read pictures, as numbers from 0 to 1."""
    parts = read_splits(settings, context, statistics=AS_THEY_ARE, labeled=False)
    facts, notes = dict(parts.facts), list(parts.notes)
    classes = facts.pop("classes")
    facts["labels"] = classes if len(classes) > 1 else []  # one class tells nothing apart
    if settings.without:
        train, validation = (
            Subset(part.dataset, part.indices[_stays(part.labels, settings, facts["labels"], context)])
            for part in (parts.train, parts.validation)
        )
        parts = replace(parts, train=train, validation=validation)
        facts["samples"] = {**facts["samples"], "train": len(train), "validation": len(validation)}
        facts["without"] = settings.without
        notes.append(_left_out(settings))
    _require_several(len(parts.train))
    test, validation_stream = parts.evaluation_stream(parts.test), parts.evaluation_stream(parts.validation)
    return Examples(
        parts.training_stream(), validation_stream, test, {"task": "reconstruction", **facts}, notes, parts.report
    )


def read_rows(settings: UnlabeledSettings, context: BuildContext) -> Examples:
    """Read the rows of a table, each as one line of numbers: columns of numbers scaled, categories one-hot."""
    known = context.facts
    table = load_table(
        context.source(settings.data), settings.target, kinds=column_kinds(settings, known), labeled=False,
        classes=known["labels"] or None if known else None,
    )  # fmt: skip
    parts, notes = split_rows(table, settings), []
    if settings.without:
        for part in ("train", "validation"):
            parts[part] = parts[part][_stays(table.targets[parts[part]], settings, table.classes, context)]
        notes.append(_left_out(settings))
    _require_several(len(parts["train"]))
    if known:
        columns = known["columns"]
        select_columns(table.features, columns, table.features.columns, name=table.name)  # says which column is missing
    else:
        columns = fit_columns(table, parts["train"])
        columns = scale_together(table, parts["train"], columns) if settings.scaling == "all" else columns
    inputs = encode_vectors(encode(table.features, columns), columns)
    if inputs.shape[1] < 2:
        raise DataError(
            _("'{name}' has one column only to learn from: {column}.", name=table.name, column=columns[0]["name"]),
            expected=_("expected two columns at least: one number is not told in fewer"),
        )
    facts = {
        "task": "reconstruction",
        "labels": list(table.classes),
        "input": [inputs.shape[1]],
        "columns": columns,
        "targets": [{"name": name} for name in table.target],
        "not_used": [column.name for column in table.dropped],
        "samples": {part: len(rows) for part, rows in parts.items()},
        "source": table.source,
        "fingerprint": table.fingerprint(),
        "without": settings.without,
    }
    if table.target:
        notes.append(_("Not learned from: {names}.", names=", ".join(table.target)))

    def measured(part: str) -> RowStream | None:
        rows = parts[part]
        if not len(rows):
            return None
        return RowStream(inputs[rows], table.targets[rows], batch_size=EVALUATION_BATCH, shuffle=False)

    rows = parts["train"]
    train = RowStream(inputs[rows], table.targets[rows], batch_size=settings.batch_size, seed=settings.seed)
    report = document(table, columns)
    notes = describe(table, columns, facts["samples"]) + notes
    return Examples(train, measured("validation"), measured("test"), facts, notes, report)


def _stays(
    labels: Int64[Tensor, " examples"], settings: UnlabeledSettings, classes: Sequence[str], context: BuildContext
) -> Bool[Tensor, " examples"]:
    """Return which examples are not of the class that is kept out. Raises SettingsError.

    Other data, on which a run is measured again, need not have the class.
    """
    if context.facts is not None and settings.without not in classes:
        return torch.ones(len(labels), dtype=torch.bool)
    if settings.without not in classes:
        near = closest(settings.without, classes)
        raise SettingsError(
            _("There is no class '{name}'.", name=settings.without)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected one of: {choices}", choices=", ".join(classes))
            if classes else _("these data have no classes"),
        )  # fmt: skip
    return labels != list(classes).index(settings.without)


def _left_out(settings: UnlabeledSettings) -> str:
    return _("Kept out of training, and of what is usual: '{label}'. The test part has it.", label=settings.without)


def _require_several(count: int) -> None:
    if count < 2:
        raise DataError(
            _("There is one example only to train on: nothing can be found that examples have in common.") if count
            else _("There is no example to train on."),
            expected=_("expected two at least, and hundreds for a useful result"),
        )  # fmt: skip


def choose_threshold(settings: UnlabeledSettings) -> Callable[[Experiment, FinishContext], None]:
    """Return what remembers, at the end, how large the errors of held-out examples are, and draws the line."""

    def choose(made: Experiment, ending: FinishContext) -> None:
        network = made.learner.networks["network"]
        assert isinstance(network, LatentNetwork)
        stream = made.validation or made.train
        device = network.threshold.device
        errors = torch.cat([through(network, batch.inputs.to(device))[2].cpu() for batch in stream.batches(1)])
        network.remember(errors, settings.quantile)
        where = _("held-out examples") if made.validation else _("training examples, for none were held out")
        told = _("An error above {threshold} counts as unusual: {share} of {count} {where} stay below.",
                 threshold=number(float(network.threshold)), share=percent(settings.quantile, 1),
                 count=number(len(errors)), where=where)  # fmt: skip
        if len(errors) < FEW:
            told += " " + plural("With {count} example that is a guess.", "With {count} examples that is a guess.",
                                 len(errors))  # fmt: skip
        made.learner.context.log_text(told)

    return choose
