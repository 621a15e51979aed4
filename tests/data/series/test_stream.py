"""Batches of series: padded, with lengths; windows with their following steps."""

import torch

from axone.data.series.generated import make_shapes
from axone.data.series.series import Series, join_series
from axone.data.series.stream import SeriesStream, gather_window
from axone.data.series.windows import forecast_windows, whole_series


def test_whole_series_are_padded_with_zeros_and_have_their_class():
    series = make_shapes(30)
    stream = SeriesStream(series, whole_series(series, torch.arange(30)), horizon=0, batch_size=8, seed=1)
    batches = list(stream.batches(1))
    assert sorted(torch.cat([batch.index for batch in batches]).tolist()) == list(range(30))
    for batch in batches:
        assert batch.values.shape[1] == int(batch.lengths.max())
        for values, length, label, index in zip(batch.values, batch.lengths, batch.targets, batch.index):
            assert torch.equal(values[:length], series[int(index)]) and (values[length:] == 0).all()
            assert label == series.labels[index]


def test_the_order_is_a_function_of_seed_and_epoch():
    series = make_shapes(30)
    stream = SeriesStream(series, whole_series(series, torch.arange(30)), horizon=0, batch_size=8, seed=1)
    orders = [torch.cat([batch.index for batch in stream.batches(epoch)]) for epoch in (1, 1, 2)]
    assert torch.equal(orders[0], orders[1]) and not torch.equal(orders[0], orders[2])
    rest = torch.cat([batch.index for batch in stream.batches(2, start=2)])
    assert torch.equal(rest, orders[2][16:])


def test_windows_end_before_their_targets_and_begin_with_nan_at_the_start_of_a_series():
    values, starts, lengths = join_series([torch.arange(20.0)[:, None], 100 + torch.arange(20.0)[:, None]])
    series = Series("steps", "a test", values, starts, lengths, ("a", "b"), ("x",))
    windows = forecast_windows(series, 6, 2, 0.0, 0.0)["train"]
    stream = SeriesStream(series, windows, horizon=2, context=6, batch_size=64, shuffle=False)
    (batch,) = stream.batches(1)
    for row, target in zip(batch.values[..., 0], batch.targets[..., 0]):
        known = row[~row.isnan()]
        assert len(known) >= 2 and target.tolist() == [float(known[-1]) + 1, float(known[-1]) + 2]
        assert (known.diff() == 1).all() and row[-1] == known[-1]
    assert (batch.lengths == 6).all()


def test_a_window_longer_than_its_series():
    window = gather_window(torch.arange(3.0)[:, None], torch.tensor([0]), torch.tensor([3]), 5)
    assert window[0, :, 0].isnan().tolist() == [True, True, False, False, False]
