"""Batches of rows: each once an epoch, an order that depends on seed and epoch alone, resumable anywhere."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.data.tables import stream as module
from axone.data.tables.columns import Encoded
from axone.data.tables.stream import TableStream


def stream(rows=23, **options):
    encoded = Encoded(torch.arange(rows * 2.0).reshape(rows, 2), torch.arange(rows)[:, None])
    return TableStream(encoded, torch.arange(rows), **{"batch_size": 4, "seed": 1, **options})


@given(st.integers(1, 40), st.integers(1, 9), st.booleans(), st.integers(0, 12), st.integers(1, 50))
@settings(max_examples=80, deadline=None)
def test_no_row_is_lost_or_repeated_wherever_it_begins(rows, size, drop, start, gather):
    module.GATHERED_TOGETHER, previous = gather, module.GATHERED_TOGETHER
    try:
        row_stream = stream(rows, batch_size=size, drop_last=drop)
        whole = [batch.index.tolist() for batch in row_stream.batches(3)]
        continued = [batch.index.tolist() for batch in row_stream.batches(3, min(start, len(row_stream)))]
    finally:
        module.GATHERED_TOGETHER = previous
    assert continued == whole[min(start, len(row_stream)) :] and len(whole) == len(row_stream)
    seen = [row for batch in whole for row in batch]
    assert len(set(seen)) == len(seen) == row_stream.samples
    assert (drop and rows >= size) or len(seen) == rows


def test_parts_belong_together():
    for batch in stream().batches(2):
        assert torch.equal(batch.targets, batch.index) and torch.equal(batch.categories[:, 0], batch.index)
        assert torch.equal(batch.numbers[:, 0], 2.0 * batch.index)


def test_epochs_differ_and_seeds_too():
    orders = [stream(seed=seed).order(epoch).tolist() for seed in (0, 1) for epoch in (1, 2)]
    assert len({tuple(order) for order in orders}) == 4
    assert stream(shuffle=False).order(5).tolist() == list(range(23))
    assert stream(indices=torch.tensor([3, 5]), shuffle=False).order(1).tolist() == [3, 5]


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="batch_size"):
        stream(batch_size=0)
    with pytest.raises(ValueError, match="start"):
        next(stream().batches(1, -1))
    with pytest.raises(ValueError, match="targets"):
        TableStream(Encoded(torch.zeros(3, 1), torch.zeros(3, 0).long()), torch.zeros(2), batch_size=1)
