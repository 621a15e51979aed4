"""Read the series that `--data` names, split them, and measure their channels.

table or generated series -> Series -> task: classification or forecast
                                    -> windows: train, validation, test
                                    -> facts: channels (mean, std), classes, layout, columns
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.random import make_generator
from axone.data.series.read import read_known_series, read_series
from axone.data.series.series import Series
from axone.data.series.stream import SeriesStream
from axone.data.series.windows import Windows, forecast_windows, whole_series
from axone.data.split import stratified_split
from axone.data.tables.targets.missing import parse_missing
from axone.data.tables.values.kinds import parse_kinds
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError
from axone.messages import _, plural
from axone.numbers import format_number
from axone.tasks.series.scaling import fit_channels
from axone.tasks.series.settings import SeriesSettings

EVALUATION_BATCH = 512  # examples that are evaluated together
LISTED = 8  # names in a note


@dataclass(frozen=True)
class SeriesData:
    """Series with their splits, ready to train on."""

    series: Series
    splits: dict[str, Windows]
    facts: dict[str, Any]
    notes: list[str]

    @property
    def horizon(self) -> int:
        """The number of steps to forecast; 0 for a classification."""
        horizon: int = self.facts["horizon"]
        return horizon

    def training_stream(self, batch_size: int, seed: int) -> SeriesStream:
        """Return shuffled batches of the training set."""
        return SeriesStream(
            self.series, self.splits["train"], horizon=self.horizon, context=self.facts["context"],
            batch_size=batch_size, seed=seed,
        )  # fmt: skip

    def evaluation_stream(self, split: str) -> SeriesStream | None:
        """Return the batches of a split in the order of the data; None where it is empty."""
        if not len(self.splits[split]):
            return None
        return SeriesStream(
            self.series, self.splits[split], horizon=self.horizon, context=self.facts["context"],
            batch_size=EVALUATION_BATCH, shuffle=False,
        )  # fmt: skip

    @property
    def report(self) -> dict[str, Any]:
        """The content of `data_report.json`."""
        lengths = self.series.lengths
        return {
            "version": 1, "name": self.series.name, "source": self.series.source, "task": self.facts["task"],
            "series": len(self.series), "steps": int(lengths.sum()), "shortest": int(lengths.min()),
            "longest": int(lengths.max()), "channels": self.facts["channels"], "classes": self.facts["classes"],
            "samples": self.facts["samples"], "notes": self.notes,
        }  # fmt: skip


def read_data(settings: SeriesSettings, context: BuildContext) -> SeriesData:
    """Read, split and measure the series that `settings.data` names.

    With `context.facts` they are read as those of the run that these facts describe.
    Raises DataError, ResourceError, SettingsError.
    """
    context.progress(_("reading the series"), 0, 0)
    known = context.facts
    series = read_known_series(context.source(settings.data), known) if known else load_series(settings, context)
    task = known["task"] if known else choose_task(settings, series)
    horizon = 0 if task == "series-classification" else settings.horizon
    splits = (_split_steps if horizon else _split_series)(series, settings, context)
    channels = known["channels"] if known else fit_channels(_training_steps(series, splits["train"]), series.channels)
    layout = dict(series.layout)
    columns = layout.pop("columns", [])
    facts = {
        "task": task,
        "classes": known["classes"] if known else list(series.classes) if not horizon else [],
        "channels": channels,
        "predicted": known["predicted"] if known else _predicted_channels(settings, series, horizon),
        "horizon": horizon,
        "context": settings.context,
        "layout": known["layout"] if known else layout,
        "columns": known["columns"] if known else columns,
        "missing_words": known.get("missing_words") if known else parse_missing(settings.missing),
        "samples": {name: len(windows) for name, windows in splits.items()},
        "source": series.source,
        "fingerprint": series.fingerprint(),
    }
    return SeriesData(series, splits, facts, _describe(series, facts))


def load_series(settings: SeriesSettings, context: BuildContext) -> Series:
    """Return the series that `settings.data` names, to learn from. Raises as `read_series` does."""
    return read_series(
        context.source(settings.data), form=settings.layout, series=settings.series, time=settings.time,
        target=settings.target or "", task=settings.task, kinds=parse_kinds(settings.columns),
        missing=parse_missing(settings.missing),
    )  # fmt: skip


def choose_task(settings: SeriesSettings, series: Series) -> str:
    """Return "series-classification" or "series-forecast". Raises SettingsError where classes are not there."""
    if settings.task == "classification" and series.labels is None:
        raise SettingsError(
            _("--task classification needs a column with the class of each series."), hint=_("type --target COLUMN")
        )
    return "series-forecast" if settings.task == "forecast" or series.labels is None else "series-classification"


def _predicted_channels(settings: SeriesSettings, series: Series, horizon: int) -> list[int]:
    """Return the positions of the channels that are forecast: the target, or all."""
    if not horizon:
        return []
    if settings.target in series.channels:
        return [series.channels.index(settings.target)]
    return list(range(len(series.channels)))


def _split_series(series: Series, settings: SeriesSettings, context: BuildContext) -> dict[str, Windows]:
    """Return whole series as splits, with each class in its share in all of them."""
    if series.labels is None:
        raise DataError(_("The series of '{name}' have no classes.", name=series.name), hint=_("type --target COLUMN"))
    everything = torch.arange(len(series))
    if context.whole:
        context.notify(_describe_measured(len(series), series.source))
        parts: dict[str, Int64[Tensor, " _"]] = {"train": everything, "validation": everything[:0], "test": everything}
    else:
        rest, test = stratified_split(series.labels, settings.test, settings.seed)
        remaining, held_out = stratified_split(series.labels[rest], settings.validation, settings.seed)
        parts = {"train": rest[remaining], "validation": rest[held_out], "test": test}
    if settings.limit and not context.whole:
        parts["train"] = parts["train"][_draw(len(parts["train"]), settings)]
    return {name: whole_series(series, index) for name, index in parts.items()}


def _split_steps(series: Series, settings: SeriesSettings, context: BuildContext) -> dict[str, Windows]:
    """Return windows as splits: the last steps of each series are the test set."""
    if context.whole:
        context.notify(_describe_measured(len(series), series.source))
        windows = forecast_windows(series, settings.context, settings.horizon, 0.0, 0.0)["train"]
        return {"train": windows, "validation": windows.select(torch.arange(0)), "test": windows}
    splits = forecast_windows(series, settings.context, settings.horizon, settings.validation, settings.test)
    if settings.limit:
        splits["train"] = splits["train"].select(_draw(len(splits["train"]), settings))
    return splits


def _draw(count: int, settings: SeriesSettings) -> Int64[Tensor, " drawn"]:
    """Return as many of `count` indices as the limit allows, drawn at random, sorted."""
    return torch.randperm(count, generator=make_generator("limit", settings.seed))[: settings.limit].sort().values


def _training_steps(series: Series, windows: Windows) -> Tensor:
    """Return the steps that training examples consist of, each once."""
    used = torch.zeros(len(series.values) + 1)
    used.index_add_(0, windows.first, torch.ones(len(windows)))
    used.index_add_(0, windows.first + windows.lengths, -torch.ones(len(windows)))
    return series.values[used.cumsum(0)[:-1] > 0]


def _describe_measured(series: int, source: str) -> str:
    return plural("{count} series is measured: {source}.", "All {count} series are measured: {source}.", series,
                  source=source)  # fmt: skip


def _describe(series: Series, facts: Mapping[str, Any]) -> list[str]:
    """Return the sentences about the data that are printed before training."""
    samples = {name: format_number(count) for name, count in facts["samples"].items()}
    lines = [
        _("{name}: {source}.", name=series.name, source=series.source),
        plural("{count} series of {shortest} to {longest} steps, channels: {channels}.",
               "{count} series of {shortest} to {longest} steps, channels: {channels}.", len(series),
               shortest=format_number(int(series.lengths.min())), longest=format_number(int(series.lengths.max())),
               channels=", ".join(series.channels[:LISTED])),
    ]  # fmt: skip
    if facts["horizon"]:
        names = ", ".join(series.channels[number] for number in facts["predicted"][:LISTED])
        lines.append(
            _("Forecast of {horizon} steps of {names} from the {context} before them; the last ones are the test set.",
              horizon=facts["horizon"], names=names, context=facts["context"])
        )  # fmt: skip
        lines.append(_("{train} training windows, {validation} validation windows, {test} test windows.", **samples))
    else:
        assert series.labels is not None
        counts = torch.bincount(series.labels, minlength=len(facts["classes"])).tolist()
        sizes = ", ".join(f"{name} {format_number(count)}" for name, count in zip(facts["classes"], counts))
        lines.append(_("Classes: {classes}.", classes=sizes))
        lines.append(_("{train} training series, {validation} validation series, {test} test series.", **samples))
    if gaps := [channel["name"] for channel in facts["channels"] if channel["missing"]]:
        lines.append(_("Missing values: {columns}. They become 0 after scaling and are indicated.",
                       columns=", ".join(gaps[:LISTED])))  # fmt: skip
    return lines + list(series.notes)
