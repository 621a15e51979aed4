"""Predicting a column of a table from the others: from a file or a frame to an experiment, to answers.

What differs between systems, the network, stays in the system's own file; what the report shows is in
`table_exhibits`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.tables.columns import UNSEEN, Encoded, encode, find_unseen, fit_columns, input_sizes, select_columns
from axone.data.tables.files import read_content
from axone.data.tables.load import Table, hold_out, load_table
from axone.data.tables.report import describe, document
from axone.data.tables.stream import TableStream
from axone.data.tables.types import parse_kinds
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment, FinishContext
from axone.errors import DataError
from axone.messages import _
from axone.numbers import number
from axone.tasks.answers import Answer, Prediction, with_note
from axone.tasks.tables.classification_metrics import best_threshold
from axone.tasks.tables.figures import make_figures
from axone.tasks.tables.inputs import Row
from axone.tasks.tables.learner import MOST_ROWS, TableLearner, outputs
from axone.tasks.tables.settings import RowSettings, TableSettings


@dataclass(frozen=True)
class Estimate(Answer):
    """The numbers predicted for a row: target -> value; `note` says what of the row was never seen in training."""

    values: dict[str, float]
    note: str = ""

    @property
    def value(self) -> float:
        """The number, where there is one target."""
        return next(iter(self.values.values()))

    def text(self) -> str:
        """Return the targets and their values, and the note."""
        return with_note(", ".join(f"{name} {number(value)}" for name, value in self.values.items()), self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the values by target, and the note where there is one."""
        return {"values": self.values, **({"note": self.note} if self.note else {})}


def experiment(
    settings: TableSettings, context: BuildContext, network: Callable[[dict[str, Any]], nn.Module], **options: Any
) -> Experiment:
    """Read the table that `settings.data` names and stand `network(facts)` in front of its rows.

    `options` go to the optimizer. Raises DataError, ResourceError, SettingsError.
    """
    known = context.facts
    table = load_table(
        context.source(settings.data), settings.target, kinds=kinds_of(settings, known), task=settings.task,
        classes=known["classes"] or None if known else None,
    )  # fmt: skip
    parts = divide(table, settings)
    if known:
        columns, targets = known["columns"], known["targets"]
        select_columns(table.features, columns, table.features.columns, name=table.name)  # says which column is missing
    else:
        columns, targets = fit_columns(table, parts["train"]), _scales(table, parts["train"])
    facts = {
        "task": f"table-{table.task}",
        "classes": list(table.classes),
        "columns": columns,
        "targets": targets,
        "not_used": [column.name for column in table.dropped],
        "samples": {part: len(rows) for part, rows in parts.items()},
        "source": table.source,
        "fingerprint": table.fingerprint(),
    }
    rows, answers = encode(table.features, columns), _answers(table, targets)

    def measured(part: str) -> TableStream | None:
        if not len(parts[part]):
            return None
        return TableStream(rows, answers, indices=parts[part], batch_size=MOST_ROWS, shuffle=False)

    train = TableStream(
        rows, answers, indices=parts["train"], batch_size=settings.batch_size, seed=settings.seed, drop_last=True
    )
    return Experiment(
        learner=TableLearner(network(facts), settings, facts, **options),
        train=train,
        validation=measured("validation"),
        test=measured("test"),
        facts=facts,
        monitor="loss",
        notes=describe(table, columns, facts["samples"]),
        report=document(table, columns),
        figures=make_figures,
        finish=_choose_threshold(settings) if len(table.classes) == 2 and settings.threshold != "half" else None,
    )


def batch_for(rows: int) -> int:
    """Return a batch of a power of two, a twentieth of the rows at least, from 32 to 256."""
    return int(min(256, max(32, 2 ** math.ceil(math.log2(max(1, rows) / 20)))))


def steps_for(rows: int, least: int) -> int:
    """Return the steps that a table is worth: `least`, and more with the square root of its rows from 2,000 on."""
    return round(least * max(1.0, math.sqrt(rows / 2000)))


def kinds_of(settings: RowSettings, known: Mapping[str, Any] | None) -> dict[str, str]:
    """Return what columns hold: as the run found it once, or as it is asked for."""
    if known is None:
        return parse_kinds(settings.columns)
    return {fact["name"]: fact["kind"] for fact in known["columns"]} | dict.fromkeys(known["not_used"], "drop")


def divide(table: Table, settings: RowSettings) -> dict[str, Tensor]:
    """Return the rows to train on, to check progress on and to test on, by the name of the part."""
    rest, test = hold_out(table, torch.arange(table.rows), settings.test, settings.seed)
    kept, checked = hold_out(table, rest, settings.validation, settings.seed)
    if settings.limit:
        kept = kept[torch.randperm(len(kept), generator=torch.Generator().manual_seed(settings.seed))][: settings.limit]
    return {"train": kept, "validation": checked, "test": test}


def _scales(table: Table, rows: Tensor) -> list[dict[str, Any]]:
    """Return name, mean and deviation of each target that is a number; for classes the name alone matters."""
    if table.classes:
        return [{"name": name, "mean": 0.0, "std": 1.0} for name in table.target]
    values = table.targets[rows]
    deviations = values.std(0, correction=0).tolist()
    return [
        {"name": name, "mean": mean, "std": deviation or 1.0}
        for name, mean, deviation in zip(table.target, values.mean(0).tolist(), deviations)
    ]


def _answers(table: Table, targets: Sequence[Mapping[str, Any]]) -> Tensor:
    if table.classes:
        return table.targets
    mean, std = (torch.tensor([target[key] for target in targets], dtype=torch.float64) for key in ("mean", "std"))
    return ((table.targets - mean) / std).float()


def blank_unseen(embedding: nn.Embedding, facts: Mapping[str, Any]) -> None:
    """Begin with nothing for what training never saw; rows with rare categories teach it, where there are some."""
    counts = input_sizes(facts["columns"])[1]
    starts = np.cumsum([0, *counts[:-1]])
    with torch.no_grad():
        embedding.weight[torch.from_numpy(starts) + UNSEEN] = 0


def keep_threshold(network: nn.Module, facts: Mapping[str, Any]) -> nn.Module:
    """Give a network for two classes the place where a chosen threshold is kept with its weights."""
    if len(facts["classes"]) == 2:
        network.register_buffer("threshold", torch.tensor(0.5))
    return network


def _choose_threshold(settings: TableSettings) -> Callable[[Experiment, FinishContext], None]:
    """Return what chooses, on the held-out rows, from which probability on the second class is the answer."""

    def choose(made: Experiment, ending: FinishContext) -> None:
        stream, network = made.validation or made.train, made.learner.networks["network"]
        assert isinstance(stream, TableStream)
        rows = Encoded(stream.numbers[stream.indices], stream.categories[stream.indices])
        chances = outputs(network, rows, classes=True)[:, 1].double().numpy()
        found = best_threshold(stream.targets[stream.indices].cpu().numpy(), chances, settings.threshold)
        network.get_buffer("threshold").fill_(found)

    return choose


def predict(
    network: nn.Module, facts: Mapping[str, Any], inputs: Sequence[Row]
) -> list[Prediction | Estimate | DataError]:
    """Answer about each row; one that lacks a column, or has an unknown one, gets its error, in its place."""
    answers: list[Any] = [fault(row, facts) for row in inputs]
    good = [place for place, fault in enumerate(answers) if fault is None]
    if good:
        names = [fact["name"] for fact in facts["columns"]]
        columns = {name: [inputs[place][name] for place in good] for name in names}
        frame = select_columns(read_content(columns).frame, facts["columns"])
        strange = find_unseen(frame, facts["columns"])
        values = predicted(network, facts, frame)
        for row, place in enumerate(good):
            note = _("never seen in training: {values}", values="; ".join(strange[row])) if row in strange else ""
            answers[place] = _answer(values[row], facts, network, note)
    return answers


def predicted(
    network: nn.Module, facts: Mapping[str, Any], frame: Any, *, exact: bool = False
) -> Float[Tensor, "rows outputs"]:
    """Return probabilities of classes, or values in the targets' own units, for a prepared frame.

    With `exact` they are computed in float64: then a row's answer does not depend on the rows asked beside it.
    """
    rows = encode(frame, facts["columns"])
    if exact:
        network, rows = copy.deepcopy(network).double(), Encoded(rows.numbers.double(), rows.categories)
    found = outputs(network, rows, bool(facts["classes"])).double()
    if not facts["classes"]:
        mean, std = (found.new_tensor([target[key] for target in facts["targets"]]) for key in ("mean", "std"))
        found = found * std + mean
    return found


def _answer(values: Tensor, facts: Mapping[str, Any], network: nn.Module, note: str) -> Prediction | Estimate:
    if not facts["classes"]:
        return Estimate({target["name"]: float(v) for target, v in zip(facts["targets"], values)}, note)
    order = values.argsort(descending=True, stable=True).tolist()
    if len(order) == 2:  # at a chosen threshold the less likely class may be the answer
        second = int(values[1] >= float(network.get_buffer("threshold")))
        order = [second, 1 - second]
    ranked = {facts["classes"][place]: float(values[place]) for place in order}
    label = next(iter(ranked))
    return Prediction(label, ranked[label], ranked, note)


def fault(row: Row, facts: Mapping[str, Any]) -> DataError | None:
    """Say what is wrong with a row's columns; None when nothing is."""
    names = [fact["name"] for fact in facts["columns"]]
    allowed = {*names, *facts["not_used"], *(target["name"] for target in facts["targets"])}
    missing, strange = [name for name in names if name not in row], [name for name in row if name not in allowed]
    if not missing and not strange:
        return None
    text = (
        _("The row has no column {names}.", names=", ".join(map(repr, missing[:5]))) if missing
        else _("The row has a column that the model does not know: {names}.", names=", ".join(map(repr, strange[:5])))
    )  # fmt: skip
    return DataError(text, expected=_("columns: {names}", names=", ".join(names[:20])))
