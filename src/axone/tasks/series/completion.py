"""Batch size, epochs and validation set for few series: what settings leave open follows from their number."""

from __future__ import annotations

from typing import Any, TypeVar

from axone.engine.context import BuildContext
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.images.completion import fill
from axone.tasks.images.defaults import choose_batch_size, choose_epochs
from axone.tasks.series.data import load_series
from axone.tasks.series.settings import SeriesSettings

STEPS = 600  # training steps, at least
UNDIVIDED = 300  # training series of a classification below which none are held out for validation

SomeSettings = TypeVar("SomeSettings", bound=SeriesSettings)


def complete_settings(settings: SomeSettings, context: BuildContext) -> SomeSettings:
    """Return settings with batch size, epochs and validation set for the number of series to classify.

    A forecast has many windows, and keeps the settings of its preset. Raises DataError, ResourceError.
    """
    if settings.task == "forecast" or {"batch_size", "epochs", "validation"} <= settings.model_fields_set:
        return settings
    series = load_series(settings, context)
    if series.labels is None:
        return settings
    count = round(len(series) * (1 - settings.test))
    count = min(count, settings.limit or count)
    choices: dict[str, Any] = {}
    if count < UNDIVIDED and settings.patience == 0:
        choices["validation"] = 0.0
    batch_size = settings.batch_size
    if "batch_size" not in settings.model_fields_set:
        choices["batch_size"] = batch_size = choose_batch_size(count, batch_size)
    choices["epochs"] = choose_epochs(count, batch_size, settings.epochs, STEPS)
    return fill(settings, choices)


def describe_choices(settings: SeriesSettings, series: int) -> list[str]:
    """Return a sentence on what was chosen because there are few series; none where nothing was."""
    usual = {**{name: field.default for name, field in type(settings).model_fields.items()},
             **settings.PRESETS[settings.preset]}  # fmt: skip
    names = [
        name
        for name in ("batch_size", "epochs", "validation")
        if name not in settings.model_fields_set and getattr(settings, name) != usual[name]
    ]
    if not names:
        return []
    flags = ", ".join(f"--{name.replace('_', '-')} {getattr(settings, name):g}" for name in names)
    return [_("Few training series ({count}): {flags}.", count=format_number(series), flags=flags)]
