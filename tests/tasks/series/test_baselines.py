"""Simple methods on series for which the right answer is known."""

import torch

from axone.data.series.stream import SeriesBatch
from axone.tasks.series import baselines
from axone.tasks.series.scaling import WindowScaler

FACTS = [{"name": "x", "mean": 0.0, "std": 1.0, "missing": False}]


def make_batch(rows, horizon=2):
    values = torch.tensor(rows)[..., None]
    context = values.shape[1] - horizon
    lengths = torch.full((len(values),), context)
    return SeriesBatch(values[:, :context], lengths, values[:, context:], torch.arange(len(values)))


def test_gaps_take_the_value_before_or_the_first_one():
    batch = make_batch([[torch.nan, 1.0, torch.nan, 3.0, 0.0, 0.0]])
    assert baselines.fill_gaps(batch)[0, :, 0].tolist() == [1.0, 1.0, 1.0, 3.0]


def test_last_value_line_and_season():
    batch = make_batch([[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]])
    assert baselines.forecast_last(batch, 2)[..., 0].tolist() == [[3.0, 3.0], [2.0, 2.0]]
    assert torch.allclose(baselines.forecast_line(batch, 2)[0, :, 0], torch.tensor([4.0, 5.0]))
    assert baselines.forecast_season(batch, 2, 2)[1, :, 0].tolist() == [1.0, 2.0]
    assert baselines.forecast_season(batch, 3, 2)[1, :, 0].tolist() == [1.0, 2.0, 1.0]


def test_the_season_of_a_sine_and_of_noise():
    torch.manual_seed(0)
    assert baselines.find_season((torch.arange(200) * 2 * torch.pi / 12).sin(), 48) % 12 == 0
    assert baselines.find_season(torch.randn(400).cumsum(0), 48) == 0


def test_linear_autoregression_continues_what_is_linear():
    time = torch.arange(60.0)
    rows = [(time[k : k + 10] * 0.5).sin().tolist() for k in range(50)]
    batch = make_batch(rows)
    linear = baselines.LinearForecast([batch], WindowScaler(FACTS), 8, 2)
    assert (
        (linear(batch) - batch.targets).abs().mean()
        < 0.05
        < (baselines.forecast_last(batch, 2) - batch.targets).abs().mean()
    )


def test_the_nearest_series_has_the_class():
    ramps = [torch.linspace(0, 1, steps)[:, None] for steps in (10, 30, 200)]
    flat = [torch.zeros(steps, 1) for steps in (10, 25)]
    labels = baselines.classify_by_nearest([ramps[0], flat[0]], torch.tensor([1, 0]), [ramps[1], flat[1], ramps[2]])
    assert labels.tolist() == [1, 0, 1]
