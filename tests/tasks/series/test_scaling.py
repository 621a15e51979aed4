"""Scaling of series: gaps and padding have no influence, and a window's own level is taken out."""

import torch

from axone.tasks.series.scaling import ChannelScaler, WindowScaler, count_features, fit_channels


def test_channels_are_measured_without_gaps():
    values = torch.tensor([[1.0, 5.0], [3.0, torch.nan], [5.0, 5.0]])
    facts = fit_channels(values, ("x", "y"))
    assert facts[0] == {"name": "x", "mean": 3.0, "std": (8 / 3) ** 0.5, "missing": False}
    assert facts[1] == {"name": "y", "mean": 5.0, "std": 1.0, "missing": True} and count_features(facts) == 3


def test_gaps_become_zero_and_are_indicated_and_the_padding_is_zero():
    facts = [{"name": "x", "mean": 2.0, "std": 2.0, "missing": True}]
    values = torch.tensor([[[4.0], [torch.nan], [9.0]]])
    assert ChannelScaler(facts)(values, torch.tensor([2])).tolist() == [[[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]]


def test_windows_are_scaled_by_their_last_known_value_and_their_deviation():
    facts = [{"name": "x", "mean": 0.0, "std": 1.0, "missing": False}]
    scaler = WindowScaler(facts)
    values = torch.randn(4, 10, 1)
    lengths = torch.full((4,), 10)
    moved = scaler(values + 100, lengths)
    assert torch.allclose(moved, scaler(values, lengths), atol=1e-4)  # a trend is no new range
    last, _scale = scaler.measure(values, lengths)
    assert torch.equal(last[:, 0], values[:, -1])
    values[0, -1] = torch.nan
    assert scaler.measure(values, lengths)[0][0, 0] == values[0, -2]
