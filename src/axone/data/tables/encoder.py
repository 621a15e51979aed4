"""The encoding of a table's columns as a torch module, so that training, prediction and export compute the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

CLIP = 3.0  # scaled numbers are clipped smoothly so that they stay within this distance of zero
# Indices of a category: a value that training did not see, a missing one, the first level.
UNSEEN, MISSING, FIRST_LEVEL = 0, 1, 2


class ColumnEncoder(nn.Module):
    """Scale numbers, mark missing ones, and number the categories of all columns consecutively.

    The parameters are those that `fit_columns` found in the training rows. They are float64 buffers, which are not
    part of the state dict: a date in days or a large amount differs in digits that float32 does not hold.

    Args:
        columns: The facts of the columns: `kind` and, for numbers, `center`, `scale`, `missing` and `clipped` (True
            if absent); for categories `levels`.
    """

    center: Float[Tensor, " numbers"]
    scale: Float[Tensor, " numbers"]
    is_clipped: Tensor  # [numbers], bool
    with_indicator: Int64[Tensor, " indicators"]  # the numbers whose missing values are indicated
    offsets: Int64[Tensor, " categories"]

    def __init__(self, columns: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        numbers = [fact for fact in columns if fact["kind"] != "category"]
        levels = [FIRST_LEVEL + len(fact["levels"]) for fact in columns if fact["kind"] == "category"]
        buffers = {
            "center": torch.tensor([fact["center"] for fact in numbers], dtype=torch.float64),
            "scale": torch.tensor([fact["scale"] for fact in numbers], dtype=torch.float64),
            "is_clipped": torch.tensor([fact.get("clipped", True) for fact in numbers], dtype=torch.bool),
            "with_indicator": torch.tensor([k for k, fact in enumerate(numbers) if fact["missing"]], dtype=torch.int64),
            "offsets": torch.tensor([0, *levels[:-1]][: len(levels)], dtype=torch.int64).cumsum(0),
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    def forward(
        self, numbers: Float[Tensor, "batch numbers"], categories: Int64[Tensor, "batch categories"]
    ) -> tuple[Float[Tensor, "batch inputs"], Int64[Tensor, "batch categories"]]:
        """Encode raw values.

        Args:
            numbers: The columns of numbers and dates in the table's own units, float64; NaN where missing.
            categories: The index of each category in its column: 0 for a value that training did not see, 1 for a
                missing one, then the levels in the order of the facts.

        Returns:
            Scaled numbers, float32, followed by an indicator (1: missing) for each column with missing values in
            training; and rows of one embedding table that all columns share.
        """
        missing = numbers.isnan()  # [B, N]
        scaled = torch.where(missing, 0.0, (numbers - self.center) * self.scale)
        clipped = scaled / (1 + (scaled / CLIP).square()).sqrt()
        scaled = torch.where(self.is_clipped, clipped, scaled)
        indicators = missing[:, self.with_indicator]  # [B, indicators]
        return torch.cat([scaled.float(), indicators.float()], 1), categories + self.offsets
