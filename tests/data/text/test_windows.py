"""Windows follow each other, cover the text, begin elsewhere in each pass; an evaluation counts each symbol once."""

from itertools import pairwise

import pytest
import torch

from axone.data.text.windows import EvaluationWindows, TrainingWindows

TEXT = torch.arange(1000, dtype=torch.int16)


def test_a_row_continues_in_the_next_batch():
    stream = TrainingWindows(TEXT, rows=4, steps=10, seed=1)
    batches = [window for epoch in (1, 2) for window in stream.batches(epoch)]
    assert len(stream) == 25 and stream.samples == 1000
    for window in batches:
        assert window.inputs.shape == (4, 10)
        assert ((window.inputs + 1) % 1000).equal(window.targets)
    for before, after in pairwise(batches[:25]):
        assert before.targets[:, -1].equal(after.inputs[:, 0])
    covered = torch.cat([window.inputs.flatten() for window in batches[:25]])
    assert covered.sort().values.equal(torch.arange(1000))
    assert int(batches[25].inputs[0, 0]) != 0  # another beginning


def test_short_epochs_continue_the_pass():
    whole = TrainingWindows(TEXT, rows=4, steps=10, seed=1)
    short = TrainingWindows(TEXT, rows=4, steps=10, seed=1, epoch_symbols=400)
    assert len(short) == 10
    windows = [window for epoch in range(1, 6) for window in short.batches(epoch)]
    for one, other in zip(windows, [*whole.batches(1), *whole.batches(2)]):
        assert one.inputs.equal(other.inputs)
    assert next(iter(short.batches(2, start=7))).inputs.equal(windows[17].inputs)


def test_a_short_text_has_fewer_rows():
    stream = TrainingWindows(TEXT[:25], rows=64, steps=10, seed=0)
    assert stream.rows == 2 and len(list(stream.batches(1))) == 1
    with pytest.raises(ValueError, match="too few"):
        TrainingWindows(TEXT[:10], rows=1, steps=10, seed=0)


@pytest.mark.parametrize(("length", "rows"), [(2, None), (999, 3), (1000, 7), (1000, 1)])
def test_an_evaluation_counts_every_symbol_once(length, rows):
    stream = EvaluationWindows(TEXT[:length], steps=16, rows=rows)
    windows = list(stream.batches(1))
    assert len(windows) == len(stream)
    counted = torch.cat([window.targets[window.targets >= 0] for window in windows])
    assert counted.sort().values.equal(torch.arange(1, length)) and stream.samples == length - 1
    for window in windows:
        own = window.targets >= 0
        assert (window.inputs[own] + 1).equal(window.targets[own])
