"""What simple methods reach on the same split: the figures with which those of a network are compared.

Forecast: the last value stays; a straight line through the last values; the season before; linear autoregression.
Classification: the largest class; the nearest training series by dynamic time warping.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.series.stream import SeriesBatch
from axone.data.series.warping import warp_distances
from axone.tasks.series.scaling import WindowScaler, find_known

RIDGE = 1e-2  # of the linear autoregression, on scaled values
MOST_TEMPLATES, MOST_QUERIES, MOST_STEPS = 200, 200, 48  # of the nearest neighbor: its cost grows with their product
SEASON_CORRELATION = 0.3  # from which on a series counts as seasonal

Forecast = Float[Tensor, "batch horizon channels"]


def fill_gaps(batch: SeriesBatch) -> Float[Tensor, "batch steps channels"]:
    """Return values in which a missing one is the value before it; in front of the first one, the first one."""
    known = find_known(batch.values, batch.lengths)
    steps = torch.arange(batch.values.shape[1], device=known.device)[:, None]
    before = torch.where(known, steps, torch.full_like(steps, -1)).cummax(1).values
    first = known.int().argmax(1, keepdim=True)
    return batch.values.nan_to_num(0.0).gather(1, torch.where(before < 0, first, before))


def forecast_last(batch: SeriesBatch, horizon: int) -> Forecast:
    """Return the last value at every step."""
    values = fill_gaps(batch)
    last = values[torch.arange(len(values)), batch.lengths - 1]
    return last[:, None].expand(-1, horizon, -1)


def forecast_line(batch: SeriesBatch, horizon: int) -> Forecast:
    """Return the straight line from the first to the last value of the window (the drift method)."""
    values = fill_gaps(batch)
    last = values[torch.arange(len(values)), batch.lengths - 1]
    slope = (last - values[:, 0]) / (batch.lengths - 1).clamp(min=1)[:, None]
    return last[:, None] + slope[:, None] * torch.arange(1, horizon + 1, device=values.device)[None, :, None]


def find_season(values: Float[Tensor, " steps"], longest: int) -> int:
    """Return the lag of the highest autocorrelation of the differences of a series; 0 where none is high."""
    series = values[~values.isnan()].double().diff()
    series = series - series.mean()
    best, season = SEASON_CORRELATION, 0
    for lag in range(2, min(longest, len(series) // 2) + 1):
        left, right = series[:-lag], series[lag:]
        correlation = float((left @ right) / (left.norm() * right.norm()).clamp(min=1e-12))
        if correlation > best:
            best, season = correlation, lag
    return season


def forecast_season(batch: SeriesBatch, horizon: int, season: int) -> Forecast:
    """Return the values one season before each step; the last value where the window is shorter than a season."""
    values = fill_gaps(batch)
    ahead = torch.arange(horizon, device=values.device)
    seasons = ahead // season + 1
    place = batch.lengths[:, None] + ahead - season * seasons  # [batch, horizon]
    place = torch.where(place >= 0, place, (batch.lengths - 1)[:, None])
    return values.gather(1, place[..., None].expand(-1, -1, values.shape[2]))


class LinearForecast:
    """Linear autoregression: each forecast value is a weighted sum of the window of its channel, by least squares.

    Args:
        batches: The training windows.
        scaler: Scales each window as the network's are.
        context, horizon: The numbers of steps.
    """

    def __init__(self, batches: list[SeriesBatch], scaler: WindowScaler, context: int, horizon: int) -> None:
        self.scaler = scaler
        channels = batches[0].values.shape[2]
        products = torch.zeros(channels, context + 1, context + 1, dtype=torch.float64)
        sums = torch.zeros(channels, context + 1, horizon, dtype=torch.float64)
        for batch in batches:
            inputs, last, scale = self._scale(batch)
            targets = ((batch.targets.nan_to_num(0.0) - last) / scale).permute(2, 0, 1).double()
            products += inputs.transpose(1, 2) @ inputs
            sums += inputs.transpose(1, 2) @ targets
        ridge = (
            RIDGE
            * torch.eye(context + 1, dtype=torch.float64)
            * products.diagonal(dim1=1, dim2=2).mean(1)[:, None, None]
        )
        self.weights = torch.linalg.solve(products + ridge, sums)  # [channels, context + 1, horizon]

    def _scale(self, batch: SeriesBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Return the scaled windows and a constant, [channels, batch, context + 1], and their scales."""
        last, scale = self.scaler.measure(batch.values, batch.lengths)
        filled = (fill_gaps(batch) - last) / scale
        ones = torch.ones(len(filled), 1, filled.shape[2])
        return torch.cat([filled, ones], 1).permute(2, 0, 1).double(), last, scale

    def __call__(self, batch: SeriesBatch) -> Forecast:
        """Return the forecast of a batch."""
        inputs, last, scale = self._scale(batch)
        return (inputs @ self.weights).permute(1, 2, 0).float() * scale + last


def classify_by_nearest(
    templates: list[Float[Tensor, "_ channels"]],
    labels: Int64[Tensor, " templates"],
    queries: list[Float[Tensor, "_ channels"]],
) -> Int64[Tensor, " queries"]:
    """Return the class of the nearest template of each query, by dynamic time warping.

    Args:
        templates: Standardized training series.
        labels: Their classes.
        queries: Standardized series to classify.
    """
    distances = warp_distances([shorten(one) for one in queries], [shorten(one) for one in templates])
    return labels[distances.argmin(1)]


def shorten(series: Float[Tensor, "steps channels"]) -> Float[Tensor, "shorter channels"]:
    """Return a series of at most `MOST_STEPS` steps, each the mean of neighboring ones."""
    series = series.nan_to_num(0.0)
    if len(series) <= MOST_STEPS:
        return series
    return torch.nn.functional.adaptive_avg_pool1d(series.T[None], MOST_STEPS)[0].T
