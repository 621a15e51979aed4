"""Windows to forecast from: no step of the validation or the test set is a target of training."""

import pytest
import torch

from axone.data.series.series import Series, join_series
from axone.data.series.windows import forecast_windows, whole_series
from axone.errors import DataError


def make_series(*lengths):
    values, starts, sizes = join_series([torch.arange(length, dtype=torch.float32)[:, None] for length in lengths])
    return Series("steps", "a test", values, starts, sizes, tuple(map(str, range(len(lengths)))), ("x",))


def test_targets_of_the_splits_do_not_overlap():
    series = make_series(50, 100)
    splits = forecast_windows(series, context=8, horizon=5, validation=0.1, test=0.2)
    targets = {
        name: {int(step) + k for step in windows.first + windows.lengths for k in range(5)}
        for name, windows in splits.items()
    }
    assert not targets["train"] & targets["validation"] and not targets["validation"] & targets["test"]
    assert targets["test"] == {*range(40, 50), *range(50 + 80, 50 + 100)}
    assert int(splits["train"].lengths.min()) == 2 and int(splits["train"].lengths.max()) == 8
    assert (splits["train"].first >= series.starts[splits["train"].series]).all()


def test_short_series_are_left_out_and_an_error_where_all_are():
    splits = forecast_windows(make_series(6, 60), 8, 5, 0.1, 0.2)
    assert set(splits["train"].series.tolist()) == {1}
    with pytest.raises(DataError, match="'steps' has 6 steps") as caught:
        forecast_windows(make_series(6, 5), 8, 5, 0.1, 0.2)
    assert "at least 17 for --horizon 5" in str(caught.value)


def test_whole_series_are_examples():
    windows = whole_series(make_series(3, 4), torch.tensor([1]))
    assert windows.first.tolist() == [3] and windows.lengths.tolist() == [4] and len(windows) == 1
