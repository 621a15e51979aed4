"""From values in their own units to what a network reads, and back: modules, so that an export contains them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

SMALLEST_SCALE = 0.05  # of a window, as a share of the channel's standard deviation: a flat window is not blown up

Values = Float[Tensor, "batch steps channels"]
Lengths = Int64[Tensor, " batch"]


def fit_channels(values: Float[Tensor, "steps channels"], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return name, mean, standard deviation and whether a value is missing, of each channel over training steps."""
    facts = []
    for name, channel in zip(names, values.double().T):
        known = channel[~channel.isnan()]
        deviation = float(known.std(correction=0)) if len(known) else 0.0
        mean = float(known.mean()) if len(known) else 0.0
        facts.append({"name": name, "mean": mean, "std": deviation or 1.0, "missing": len(known) < len(channel)})
    return facts


def count_features(channels: list[dict[str, Any]]) -> int:
    """Return the features of a step: each channel, and for those with missing values whether this one is known."""
    return len(channels) + sum(channel["missing"] for channel in channels)


class ChannelScaler(nn.Module):
    """Standardizes channels, for classification; missing values become 0 and are indicated.

    Args:
        channels: The facts of the channels, as `fit_channels` returns them.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, channels: list[Mapping[str, Any]]) -> None:
        super().__init__()
        self.gaps = [number for number, channel in enumerate(channels) if channel["missing"]]
        for key in ("mean", "std"):
            self.register_buffer(key, torch.tensor([float(channel[key]) for channel in channels]), persistent=False)

    def forward(self, values: Values, lengths: Lengths) -> Float[Tensor, "batch steps features"]:
        """Return the features of each step, 0 at the padding."""
        return self.join((values - self.mean) / self.std, find_known(values, lengths))

    def join(
        self, scaled: Values, known: Bool[Tensor, "batch steps channels"]
    ) -> Float[Tensor, "batch steps features"]:
        """Return scaled values with 0 where they are not known, and for channels with gaps whether they are."""
        filled = torch.where(known, scaled, torch.zeros_like(scaled))
        return torch.cat([filled, known[..., self.gaps].to(filled)], 2) if self.gaps else filled


class WindowScaler(ChannelScaler):
    """Scales each window by its own last value and standard deviation, for forecasts.

    A network then forecasts differences to the last value in units of the window's variation, so that a trend beyond
    the training values is no new range for it (Kim et al. 2022, "Reversible instance normalization", ICLR).
    """

    def measure(self, values: Values, lengths: Lengths) -> tuple[Float[Tensor, "batch 1 channels"], ...]:
        """Return the last known value of each channel and the scale of its window."""
        known = find_known(values, lengths)
        steps = torch.arange(values.shape[1], device=values.device)[:, None]
        last_step = torch.where(known, steps, torch.zeros_like(steps)).amax(1, keepdim=True)
        filled = torch.where(known, values, torch.zeros_like(values))
        count = known.sum(1, keepdim=True).clamp(min=1)
        last = torch.where(known.any(1, keepdim=True), filled.gather(1, last_step), self.mean)
        center = filled.sum(1, keepdim=True) / count
        spread = torch.where(known, values - center, torch.zeros_like(values)).square().sum(1, keepdim=True) / count
        return last, spread.sqrt().clamp(min=0) + SMALLEST_SCALE * self.std

    def forward(self, values: Values, lengths: Lengths) -> Float[Tensor, "batch steps features"]:
        """Return the features of each step, 0 at the padding."""
        last, scale = self.measure(values, lengths)
        return self.join((values - last) / scale, find_known(values, lengths))


def find_known(values: Values, lengths: Lengths) -> Bool[Tensor, "batch steps channels"]:
    """Return True where a value is known: it is a step of the series and not missing."""
    own = torch.arange(values.shape[1], device=values.device) < lengths[:, None]
    return own[..., None] & ~values.isnan()
