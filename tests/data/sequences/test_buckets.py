"""Batches of similar length: each sample once, a pure function of (seed, epoch), little padding."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.data.random import make_generator
from axone.data.sequences.buckets import BucketedStream, group_by_length


class Lengths(BucketedStream[torch.Tensor]):
    def __init__(self, lengths, **options):
        super().__init__(torch.arange(len(lengths)), **options)
        self.all_lengths = lengths

    @property
    def lengths(self):
        return self.all_lengths

    @property
    def index_device(self):
        return torch.device("cpu")

    def read_batch(self, index, epoch, number):
        return index

    def to(self, device):
        return self


def padding(stream, lengths):
    """Return the part of padded batches that is padding."""
    batches = list(stream.batches(1))
    padded = sum(len(batch) * int(lengths[batch].max()) for batch in batches)
    return 1 - int(lengths.sum()) / padded


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 70), batch_size=st.integers(1, 9), group=st.integers(1, 4), seed=st.integers(0, 99))
def test_each_sample_comes_once_and_a_smaller_batch_last(count, batch_size, group, seed):
    generator = make_generator("test", seed)
    lengths = torch.randint(1, 40, (count,), generator=generator)
    order = torch.randperm(count, generator=generator)
    grouped = group_by_length(order, lengths, batch_size, generator, group)
    assert grouped.sort().values.tolist() == list(range(count))
    for batch in grouped.split(batch_size):
        assert lengths[batch].tolist() == lengths[batch].sort().values.tolist()


def test_the_order_depends_on_seed_and_epoch_alone():
    lengths = torch.randint(1, 100, (1000,), generator=make_generator("test"))
    stream = Lengths(lengths, batch_size=10, seed=1)
    first = [batch.tolist() for batch in stream.batches(1)]
    assert first == [batch.tolist() for batch in Lengths(lengths, batch_size=10, seed=1).batches(1)]
    assert first[37:] == [batch.tolist() for batch in stream.batches(1, 37)]
    assert first != [batch.tolist() for batch in stream.batches(2)]
    assert first != [batch.tolist() for batch in Lengths(lengths, batch_size=10, seed=2).batches(1)]
    # Other batches, too, and not only another order of the same ones.
    together = {frozenset(batch) for batch in first}
    assert not together & {frozenset(batch.tolist()) for batch in stream.batches(2)}


def test_little_is_padding_and_lengths_are_mixed():
    lengths = torch.randint(1, 200, (3000,), generator=make_generator("test"))
    stream = Lengths(lengths, batch_size=16)
    assert padding(stream, lengths) < 0.05
    means = torch.tensor([lengths[batch].float().mean().item() for batch in stream.batches(1)])
    first, second = means.chunk(2)
    assert first.mean().item() == pytest.approx(second.mean().item(), rel=0.2)


def test_without_shuffling_sequences_come_by_length():
    lengths = torch.tensor([5, 1, 4, 1, 3])
    stream = Lengths(lengths, batch_size=2, shuffle=False)
    assert [batch.tolist() for batch in stream.batches(3)] == [[1, 3], [4, 2], [0]]


def test_a_smaller_batch_may_be_left_out():
    stream = Lengths(torch.arange(1, 12), batch_size=4, drop_last=True)
    assert [len(batch) for batch in stream.batches(1)] == [4, 4] and stream.samples == 8
