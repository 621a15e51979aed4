"""Answers about series: the class of a whole series, or the steps that follow it, in the units of its channels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.series.read import read_known_series
from axone.data.series.stream import gather_window
from axone.data.tables.known_columns import warn_of
from axone.errors import DataError
from axone.figures.figure import Figure
from axone.messages import _, plural
from axone.numbers import format_number
from axone.tasks.answers import NotebookAnswer, Prediction, with_note
from axone.tasks.batched import answer_in_batches
from axone.tasks.classification.predict import rank_classes
from axone.tasks.named_input import NamedInput
from axone.tasks.series.charts import Curve, draw_curves
from axone.tasks.series.data import EVALUATION_BATCH
from axone.tasks.series.scaling import ChannelScaler, WindowScaler

LISTED = 4  # values of a forecast that are written on its line
DRAWN = 3  # times the horizon: steps of the past in a drawing


@dataclass(frozen=True)
class SeriesInput(NamedInput):
    """One series that a person asks about."""

    values: Float[Tensor, "steps channels"]


@dataclass(frozen=True)
class Forecast(NotebookAnswer):
    """The steps that follow a series.

    Args:
        name: The series.
        channels: The channels that are forecast.
        values: Their values, in their units.
        past: The last steps before them.
        note: A remark for people.
    """

    name: str
    channels: tuple[str, ...]
    values: Float[Tensor, "horizon channels"]
    past: Float[Tensor, "steps channels"]
    note: str = ""

    def text(self) -> str:
        """Return the first values of each channel, and the note."""
        parts = []
        for channel, values in zip(self.channels, self.values.T.tolist()):
            listed = ", ".join(format_number(float(f"{value:.4g}")) for value in values[:LISTED])
            rest = len(values) - LISTED
            more = " " + plural("and {count} more", "and {count} more", rest) if rest > 0 else ""
            parts.append(f"{channel} {listed}{more}")
        return with_note("; ".join(parts), self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the values of each channel, and the note where there is one."""
        values = {channel: column for channel, column in zip(self.channels, self.values.T.tolist())}
        return {"forecast": values} | ({"note": self.note} if self.note else {})

    def files(self) -> dict[str, bytes]:
        """Return a table with a row for each step, and a drawing of the past and the forecast."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["step", *self.channels])
        writer.writerows([number, *row] for number, row in enumerate(self.values.tolist(), 1))
        return {".csv": text.getvalue().encode(), ".svg": self.draw().encode()}

    def draw(self) -> str:
        """Return a drawing of the past and the forecast as SVG."""
        length = len(self.past)
        following = range(length, length + len(self.values))
        curves = []
        for number, channel in enumerate(self.channels):
            name = f"{channel}: " if len(self.channels) > 1 else ""
            curves.append(Curve(name + _("past"), range(length), self.past[:, number].tolist(), number, is_soft=True))
            curves.append(Curve(name + _("forecast"), following, self.values[:, number].tolist(), number))
        return draw_curves([(self.name, curves)], x_label=_("step"))

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the drawing."""
        return Figure("forecast", self.name, self.draw(), self.note)._repr_html_()


class SeriesAnswering(nn.Module):
    """A network together with the scaling of its inputs and outputs.

    Args:
        network: Takes features (batch, steps, features) and lengths.
        facts: `channels`, `predicted`, `horizon`.
    """

    def __init__(self, network: nn.Module, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.network, self.horizon, self.predicted = network, facts["horizon"], list(facts["predicted"])
        self.scaler = (WindowScaler if self.horizon else ChannelScaler)(facts["channels"])
        self.to(next(network.parameters()).device)
        self.eval()

    def forward(
        self, values: Float[Tensor, "batch steps channels"], lengths: Int64[Tensor, " batch"]
    ) -> Float[Tensor, "batch ..."]:
        """Answer about series in their own units, NaN where a value is missing.

        Returns:
            The probability of each class, or the following steps (batch, horizon, predicted channels).
        """
        features = self.scaler(values, lengths)
        if not self.horizon:
            return self.network(features, lengths).softmax(1)
        assert isinstance(self.scaler, WindowScaler)
        last, scale = self.scaler.measure(values, lengths)
        return self.network(features) * scale[..., self.predicted] + last[..., self.predicted]


def answering(network: nn.Module, facts: Mapping[str, Any]) -> SeriesAnswering:
    """Return the module that answers about raw series."""
    return SeriesAnswering(network, facts)


def read_inputs(source: Any, facts: Mapping[str, Any]) -> tuple[list[SeriesInput], bool]:
    """Return the series of a table (a file, a frame, rows) or of an array (steps, channels), which is a single one.

    A list that does not consist of rows gives the series of all its members.

    Raises DataError, ResourceError.
    """
    if isinstance(source, SeriesInput):
        return [source], True
    if isinstance(source, list | tuple) and source and not isinstance(source[0], Mapping):
        return [item for one in source for item in read_inputs(one, facts)[0]], False
    if isinstance(source, np.ndarray | Tensor):
        values = torch.as_tensor(source).float()
        values = values[:, None] if values.ndim == 1 else values
        return [SeriesInput(_("series"), values)], True
    series = read_known_series(source, {**facts, "task": "forecast" if facts["horizon"] else "classification"})
    warn_of(series.notes)
    return [SeriesInput(name, series[number]) for number, name in enumerate(series.names)], False


def predict(
    network: nn.Module, facts: Mapping[str, Any], inputs: Sequence[SeriesInput]
) -> list[Prediction | Forecast | DataError]:
    """Answer about each series; one that cannot be answered gets its error instead."""
    module = answering(network, facts)
    device = next(network.parameters()).device
    channels = facts["channels"]

    def read(item: SeriesInput) -> SeriesInput:
        if item.values.ndim != 2 or item.values.shape[1] != len(channels) or not len(item.values):
            raise DataError(
                _("'{name}' has the shape {shape}.", name=item.name, shape=tuple(item.values.shape)),
                expected=_("expected (steps, {count}): {names}", count=len(channels),
                           names=", ".join(channel["name"] for channel in channels[:20])),
            )  # fmt: skip
        for number, channel in enumerate(channels):
            if not channel["missing"] and bool(item.values[:, number].isnan().any()):
                step = int(item.values[:, number].isnan().float().argmax()) + 1
                raise DataError(
                    _("'{name}': '{channel}' has no value in step {step}, and training saw no missing values.",
                      name=item.name, channel=channel["name"], step=format_number(step)),
                    hint=_("fill the gap, or train on series with gaps"),
                )  # fmt: skip
        return item

    def answer(batch: list[SeriesInput]) -> Iterator[Prediction | Forecast]:
        lengths = torch.tensor([len(item.values) for item in batch])
        if facts["horizon"]:
            ends = lengths.cumsum(0)
            joined = torch.cat([item.values for item in batch])
            padded = gather_window(joined, ends - lengths, ends, facts["context"])
            lengths = torch.full_like(lengths, facts["context"])
        else:
            padded = torch.nn.utils.rnn.pad_sequence([item.values for item in batch], batch_first=True)
        with torch.inference_mode():
            outputs = module(padded.to(device), lengths.to(device)).cpu()
        for item, row in zip(batch, outputs):
            if not facts["horizon"]:
                yield rank_classes(row, facts["classes"])
                continue
            past = item.values[-DRAWN * facts["horizon"] :][:, facts["predicted"]]
            names = tuple(channels[number]["name"] for number in facts["predicted"])
            yield Forecast(item.name, names, row, past)

    return answer_in_batches(inputs, read, answer, EVALUATION_BATCH)
