"""Series in one tensor."""

from dataclasses import replace

import torch

from axone.data.series.series import Series, join_series


def test_series_of_different_lengths():
    values, starts, lengths = join_series([torch.ones(2, 1), 2 * torch.ones(3, 1)])
    series = Series("name", "a test", values, starts, lengths, ("a", "b"), ("x",))
    assert len(series) == 2 and series[1].tolist() == [[2.0]] * 3 and not series.has_missing
    changed = values.clone()
    changed[0] = torch.nan
    other = replace(series, values=changed)
    assert other.has_missing and other.fingerprint() != series.fingerprint()
