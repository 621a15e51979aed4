"""What a neuron learns from: people, a table's numbers, or the pixels of pictures.

A column of a table is counted from its mean in standard deviations, so that no input is louder than another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.datasets.people import CLASSES, make_people
from axone.data.datasets.registry import DATASETS
from axone.data.datasets.tables import TABLES
from axone.data.split import stratified_split
from axone.data.tables.load import is_table, load_table
from axone.data.tables.row_stream import RowStream
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.errors import DataError, SettingsError, closest
from axone.messages import _, plural
from axone.numbers import number
from axone.settings import Settings
from axone.tasks.classification import image_classification
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.neuron.trace import Example, Story, introduction

PEOPLE = "people"
TEST = 0.2  # share of a table's rows that is held out to test on
CHECK_BATCH = 500
ALL = 1_000_000  # samples in a batch: more than there are

Make = Callable[[dict[str, Any], Story], Learner]  # facts, story -> what learns


@dataclass(frozen=True)
class Numbers:
    """A table as a neuron takes it: columns of numbers, and the class of each row."""

    columns: tuple[str, ...]
    values: Float[Tensor, "rows columns"]  # float64; a missing value is NaN
    labels: Int64[Tensor, " rows"]
    classes: tuple[str, ...]
    source: str
    target: str
    notes: tuple[str, ...] = ()


def experiment(
    settings: Settings, context: BuildContext, make: Make, *, positive: str = "", shown: int = 0
) -> Experiment:
    """Read what `settings.data` names and stand a learner in front of it.

    `positive` is the class that one neuron should say 1 to; `shown`, unless 0, the number of samples to train on
    with every step told. Raises DataError, ResourceError, SettingsError.
    """
    source = context.source(settings.data)
    if are_pictures(source):
        _require_known(settings.data)
        return _pictures(settings, context, make, shown)
    table = _people() if settings.data == PEOPLE else _table(settings, context)
    return _rows(settings, context, _with_positive(table, positive), make, shown)


def are_pictures(source: Any) -> bool:
    """Say whether `--data` names pictures: a known set of them, or a folder."""
    return isinstance(source, str) and source != PEOPLE and not is_table(source)


def _require_known(data: str) -> None:
    """Raise DataError for what is neither a folder nor a known set: a mistyped name of a table, perhaps."""
    names = [*TABLES, *DATASETS]
    if data not in DATASETS and not Path(data).expanduser().exists():
        near = closest(data, names)
        raise DataError(
            _("There is no file, folder or known set '{data}' (from {folder}).", data=data[:200], folder=Path.cwd())
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("known: {names}; or the path of your own data", names=", ".join(names)),
        )


def _people() -> Numbers:
    found = make_people()
    values = torch.tensor([found["age"], found["weight"]], dtype=torch.float64).T
    labels = torch.tensor([CLASSES.index(str(who)) for who in found["who"]])
    return Numbers(("age", "weight"), values, labels, CLASSES, _("drawn by Axone from published growth figures"), "who")


def _table(settings: Settings, context: BuildContext) -> Numbers:
    known = context.facts
    table = load_table(context.source(settings.data), settings.target, classes=known["classes"] if known else None)
    if table.task != "classification":
        raise DataError(
            _("The target '{name}' holds numbers: a neuron tells classes apart.", name=", ".join(table.target)),
            hint=_("choose another --target, or train a network for numbers: axone train mlp"),
        )
    words = [column.name for column in table.columns if column.kind == "category"]
    used = known["columns"] if known else [column.name for column in table.columns if column.name not in words]
    if lacking := [name for name in used if name not in table.features.columns or name in words]:
        raise DataError(
            _("'{table}' has no column of numbers '{name}', which the neuron learned from.",
              table=table.name, name=lacking[0])
        )  # fmt: skip
    if not used:
        raise DataError(
            _("No column of '{name}' holds numbers: a neuron has nothing to weigh.", name=table.name),
            hint=_("train a network that takes words too: axone train mlp"),
        )
    notes = list(table.notes)
    if words and not known:
        notes.append(_("Not used, because a neuron weighs numbers alone: {names}.", names=", ".join(words)))
    features = table.features.select(used).fill_null(float("nan")).to_numpy()
    values = torch.from_numpy(features.copy()).double()
    return Numbers(tuple(used), values, table.targets, table.classes, table.source, table.target[0], tuple(notes))


def _rows(settings: Settings, context: BuildContext, table: Numbers, make: Make, shown: int) -> Experiment:
    """Split a table, scale its columns, and make the experiment."""
    rest, tested = stratified_split(table.labels, TEST, settings.seed)
    inside, outside = stratified_split(table.labels[rest], settings.validation, settings.seed)
    kept, checked = rest[inside], rest[outside]
    limit = min(settings.limit or len(kept), shown or len(kept), len(kept))
    if limit < len(kept):
        kept = kept[_mixed(table.labels[kept], settings.seed)[:limit]]
    known = context.facts  # of a run whose weights await these rows: they are scaled as it saw its own
    mean, deviation = _moments(table.values[kept])
    if known is not None:
        mean, deviation = (torch.tensor(known[name], dtype=torch.float64) for name in ("mean", "std"))
    facts = {
        "task": "perceptron",
        "classes": list(table.classes),
        "columns": list(table.columns),
        "target": table.target,
        "input": [len(table.columns)],
        "mean": mean.tolist(),
        "std": deviation.tolist(),
        "samples": {"train": len(kept), "validation": len(checked), "test": len(tested)},
        "source": table.source,
        "fingerprint": _fingerprint(table, kept),
    }
    scaled = ((table.values - mean) / deviation).nan_to_num(0.0).float()  # a missing value counts as the mean
    batch_size = settings.batch_size or len(kept)

    def measured(rows: Int64[Tensor, " rows"]) -> RowStream | None:
        some = RowStream(scaled[rows], table.labels[rows], batch_size=CHECK_BATCH, shuffle=False)
        return some if len(rows) else None

    train = RowStream(scaled[kept], table.labels[kept], batch_size=batch_size, seed=settings.seed)
    plain = settings.optimizer == "sgd" and settings.accumulate == 1
    story = Story(
        table.columns,
        table.classes,
        (mean.tolist(), deviation.tolist()),
        batches=len(train),
        examples=_typical(table, scaled, kept),
        is_shown=shown > 0,
        is_plain=plain and not (settings.weight_decay or settings.gradient_clip),
    )
    return Experiment(
        learner=make(facts, story),
        train=train,
        validation=measured(checked),
        test=measured(tested),
        facts=facts,
        notes=[*_described(table, facts), introduction(len(kept), batch_size, settings.epochs)],
    )


def _mixed(labels: Int64[Tensor, " rows"], seed: int) -> Int64[Tensor, " rows"]:
    """Draw an order of rows of which any beginning has each class in its proportion, as well as it can."""
    drawn = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    members = functional.one_hot(labels[drawn])
    place = (members.cumsum(0) * members).sum(1)  # 1 for the first of its class
    return drawn[((place - 0.5) / members.sum(0)[labels[drawn]]).argsort(stable=True)]


def _with_positive(table: Numbers, wanted: str) -> Numbers:
    """Put the class that the neuron should say 1 to behind the other one."""
    if not wanted:
        return table
    if wanted not in table.classes or len(table.classes) != 2:
        near = closest(wanted, table.classes)
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="positive", value=wanted)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected one of two classes; there are: {classes}", classes=", ".join(table.classes[:20])),
        )
    if table.classes[1] == wanted:
        return table
    classes = (table.classes[1], table.classes[0])
    return Numbers(table.columns, table.values, 1 - table.labels, classes, table.source, table.target, table.notes)


def _moments(values: Float[Tensor, "rows columns"]) -> tuple[Float[Tensor, " columns"], Float[Tensor, " columns"]]:
    """Return the mean and the standard deviation of each column over what is not missing; never a deviation of 0."""
    mean = values.nanmean(0).nan_to_num(0.0)
    deviation = (values - mean).square().nanmean(0).nan_to_num(0.0).sqrt()
    return mean, torch.where(deviation > 0, deviation, 1.0)


def _typical(table: Numbers, scaled: Float[Tensor, "rows columns"], rows: Int64[Tensor, " kept"]) -> list[Example]:
    """Choose of each class the training row nearest to the middle of its class."""
    found = []
    for target, name in enumerate(table.classes):
        members = rows[table.labels[rows] == target]
        if not len(members):
            continue
        inputs = scaled[members]
        place = int((inputs - inputs.mean(0)).square().sum(1).argmin())
        row = table.values[members[place]]
        said = ", ".join(f"{column} {number(float(f'{v:.6g}'))}" for column, v in zip(table.columns[:4], row.tolist()))
        found.append(Example(inputs[place], target, f"{name} ({said})"))
    return found


def _described(table: Numbers, facts: Mapping[str, Any]) -> list[str]:
    """Say what was found, and what the neuron will see of it."""
    samples = {name: number(count) for name, count in facts["samples"].items()}
    lines = [
        _("{rows} rows ({source}): {train} to train on, {validation} to check progress, {test} to test.",
          rows=number(len(table.labels)), source=table.source, **samples),
        *table.notes,
    ]  # fmt: skip
    if len(table.classes) == 2:
        truth = ", ".join(f"{name} = {value}" for value, name in enumerate(table.classes))
        lines.append(_("The neuron should say {truth}.", truth=truth))
    else:
        lines.append(
            plural(
                "{count} class: a neuron for each, and softmax turns their sums into probabilities.",
                "{count} classes: a neuron for each, and softmax turns their sums into probabilities.",
                len(table.classes),
            )
        )
    shown = list(zip(table.columns, facts["mean"], facts["std"]))[:4]
    formulas = ", ".join(f"{name}' = ({name} - {number(mean)}) / {number(std)}" for name, mean, std in shown)
    more = len(table.columns) - len(shown)
    more_said = " " + plural("and {count} more", "and {count} more", more) if more else ""
    lines.append(_("Each column is counted from its mean in deviations: {formulas}.", formulas=formulas + more_said))
    if missing := int(table.values.isnan().sum()):
        lines.append(
            plural(
                "{count} missing value counts as the mean of its column.",
                "{count} missing values count as the mean of their column.",
                missing,
            )
        )
    return lines


def _fingerprint(table: Numbers, rows: Int64[Tensor, " kept"]) -> str:
    digest = hashlib.sha256(repr((table.columns, table.classes, table.target)).encode())
    for part in (table.values, table.labels, rows):
        digest.update(part.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _pictures(settings: Settings, context: BuildContext, make: Make, shown: int) -> Experiment:
    """Read pictures as every image classifier does; the neurons' inputs are their pixels."""
    shared = settings.model_dump(include=set(Settings.model_fields) - {"preset"})
    limit = round(shown / (1 - settings.validation)) or settings.limit  # some of these are held out
    shared |= {"limit": limit, "batch_size": settings.batch_size or ALL}
    made = image_classification.experiment(ImageClassificationSettings(**shared), context, lambda facts: nn.Identity())
    made.facts["task"] = "perceptron"
    story = Story((), made.facts["classes"], ((), ()), batches=len(made.train), is_shown=shown > 0)
    made.learner = make(made.facts, story)
    made.monitor = "loss"
    made.notes.append(introduction(made.train.samples, min(shared["batch_size"], made.train.samples), settings.epochs))
    return made
