"""The parts of series that are examples: whole series to classify, windows of a number of steps to forecast from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.series.series import Series
from axone.errors import DataError
from axone.messages import _, plural

FEWEST_STEPS = 2  # of the past, from which a forecast is made


@dataclass(frozen=True)
class Windows:
    """Examples as places in `Series.values`.

    Args:
        first: The first step of each example.
        lengths: Its number of steps.
        series: Its series.
    """

    first: Int64[Tensor, " examples"]
    lengths: Int64[Tensor, " examples"]
    series: Int64[Tensor, " examples"]

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.first)

    def select(self, index: Int64[Tensor, " subset"]) -> Windows:
        """Return some of the examples."""
        return Windows(self.first[index], self.lengths[index], self.series[index])


def whole_series(series: Series, index: Int64[Tensor, " subset"]) -> Windows:
    """Return whole series as examples."""
    return Windows(series.starts[index], series.lengths[index], index)


def forecast_windows(series: Series, context: int, horizon: int, validation: float, test: float) -> dict[str, Windows]:
    """Return the windows "train", "validation" and "test": the steps from which the following `horizon` are forecast.

    The last steps of each series are the test set, those before them the validation set. Only steps of its own part
    are forecast in a split; what they are forecast from may begin before it. A window has `context` steps, or fewer
    at the beginning of a series.

    Raises DataError where every series is too short.
    """
    parts: dict[str, list[Tensor]] = {"train": [], "validation": [], "test": []}
    for number, (start, length) in enumerate(zip(series.starts.tolist(), series.lengths.tolist())):
        tested = max(horizon, round(test * length)) if test else 0
        validated = max(horizon, round(validation * length)) if validation else 0
        ends = {"train": length - tested - validated, "validation": length - tested, "test": length}
        if ends["train"] < FEWEST_STEPS + horizon:
            continue
        begins = {"train": FEWEST_STEPS, "validation": ends["train"], "test": ends["validation"]}
        for split, end in ends.items():
            following = torch.arange(begins[split], max(begins[split], end - horizon + 1))  # first step to forecast
            first = (following - context).clamp(min=0)
            columns = (first + start, following - first, torch.full_like(first, number))
            parts[split].append(torch.stack(columns))
    if not parts["train"]:
        needed = FEWEST_STEPS + horizon * (1 + (validation > 0) + (test > 0))
        raise DataError(
            plural(
                "The longest series of '{name}' has {count} step.",
                "The longest series of '{name}' has {count} steps.",
                int(series.lengths.max()),
                name=series.name,
            ),
            expected=_("expected at least {needed} for --horizon {horizon}", needed=needed, horizon=horizon),
            hint=_("type a smaller --horizon"),
        )  # fmt: skip
    empty = torch.zeros(3, 0, dtype=torch.int64)
    return {split: Windows(*torch.cat([empty, *columns], 1)) for split, columns in parts.items()}
