"""Two streams together: the shorter starts again, and a resumed epoch continues with the same batches."""

import itertools

import pytest
import torch

from axone.data.images.pairs import PairStream
from axone.data.images.stream import ImageStream, ImageTransform


def stream(count, batch=4, seed=0, shuffle=True):
    pixels = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(count, 2, 2, 1)
    labels = torch.zeros(count, dtype=torch.int64)
    transform = ImageTransform(std=(1 / 255,))
    return ImageStream.from_pixels(pixels, labels, batch_size=batch, seed=seed, shuffle=shuffle, transform=transform)


@pytest.mark.parametrize(("one", "other"), [(20, 8), (8, 20), (12, 12), (1, 20)])
def test_the_shorter_stream_starts_again_and_misses_none(one, other):
    sides = PairStream(stream(one), stream(other, seed=1))
    assert len(sides) == 5 if 20 in (one, other) else 3
    assert sides.samples == max(one, other)
    seen = [batch for epoch in (1, 2) for batch in sides.batches(epoch)]
    assert len(seen) == 2 * len(sides)
    for count, name in ((one, "index"), (other, "target_index")):
        drawn = torch.cat([getattr(batch, name) for batch in seen])
        epochs = drawn[: len(drawn) - len(drawn) % count].reshape(-1, count)
        assert all(sorted(epoch.tolist()) == list(range(count)) for epoch in epochs)
    assert all(torch.equal(batch.inputs.flatten(1)[:, 0].long(), batch.index) for batch in seen)
    assert all(torch.equal(batch.targets.flatten(1)[:, 0].long(), batch.target_index) for batch in seen)


@pytest.mark.parametrize("start", [0, 1, 3, 5])
def test_a_resumed_epoch_continues_with_the_same_batches(start):
    def make_stream():
        return PairStream(stream(20), stream(12, seed=5))

    whole = [batch for epoch in (1, 2, 3) for batch in make_stream().batches(epoch)]
    rest = list(make_stream().batches(2, start))
    assert len(rest) == 5 - start and make_stream().state_dict() == {}
    for batch, again in zip(itertools.islice(whole, 5 + start, 10), rest, strict=True):
        assert torch.equal(batch.index, again.index) and torch.equal(batch.target_index, again.target_index)


def test_streams_of_one_seed_are_pairs():
    sides = PairStream(stream(10, seed=3), stream(10, seed=3))
    assert all(torch.equal(batch.index, batch.target_index) for batch in sides.batches(4))
    assert sides.to("cpu").source.device == torch.device("cpu")
