"""What all streams of data share: length, order, position, and no state."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from axone.data.stream import IndexedStream


class Numbers(IndexedStream):
    """Batches that are their own indices."""

    index_device = torch.device("cpu")

    def read_batch(self, index, epoch, number):
        return index.tolist()

    def to(self, device):
        return self


def numbers(count=10, **options):
    return Numbers(torch.arange(count) * 10, **{"batch_size": 4, "seed": 1, **options})


@given(st.integers(1, 30), st.integers(1, 9), st.booleans(), st.integers(1, 5), st.integers(0, 40))
def test_a_resumed_epoch_continues_with_the_same_batches(count, batch_size, drop_last, epoch, start):
    stream = numbers(count, batch_size=batch_size, drop_last=drop_last)
    batches = list(stream.batches(epoch))
    assert list(stream.batches(epoch, start)) == batches[start:] and len(batches) == len(stream)
    read = list(itertools.chain.from_iterable(batches))
    assert len(set(read)) == len(read) == stream.samples and set(read) <= set(stream.indices.tolist())
    assert stream.samples == count or (drop_last and stream.samples == count // batch_size * batch_size)


def test_the_order_depends_on_seed_and_epoch_alone():
    orders = {tuple(numbers(seed=seed, batch_size=size).order(epoch).tolist())
              for seed in (0, 1) for epoch in (1, 2) for size in (3, 7)}  # fmt: skip
    assert len(orders) == 4
    assert numbers(shuffle=False).order(5).tolist() == list(range(0, 100, 10))


def test_sample_weights_draw_with_replacement():
    weights = torch.tensor([0.0] * 9 + [1.0])
    assert numbers(sample_weights=weights).order(1).tolist() == [90] * 10


def test_a_small_last_batch_is_kept_where_it_is_the_only_one():
    assert [len(batch) for batch in numbers(3, drop_last=True).batches(1)] == [3]


def test_there_is_no_state_to_save():
    stream = numbers()
    assert stream.state_dict() == {}
    stream.load_state_dict({})


def test_wrong_arguments_are_errors():
    with pytest.raises(ValueError, match="batch_size"):
        numbers(batch_size=0)
    with pytest.raises(ValueError, match="start"):
        next(numbers().batches(1, -1))
