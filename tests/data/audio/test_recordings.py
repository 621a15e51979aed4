import numpy as np
import pytest
import torch

from axone.data.audio.recordings import Recordings, to_integers


@pytest.fixture
def recordings():
    samples = to_integers(np.array([1.0, -1.0, 0.5, 0.25, 0.0, 1.0], np.float32))
    starts, ends = np.array([0, 2, 3]), np.array([2, 3, 6])
    return Recordings(samples, starts, ends, 8000, ("a", "b", "c"), np.arange(48, dtype=np.uint8).reshape(3, 16))


def test_samples_and_lengths(recordings):
    assert len(recordings) == 3 and recordings.lengths.tolist() == [2, 1, 3] and recordings.seconds == 6 / 8000
    assert recordings.read(2).tolist() == pytest.approx([0.25, 0, 1], abs=1e-4)


def test_a_batch_is_padded_on_the_right(recordings):
    samples, lengths = recordings.read_batch(torch.tensor([2, 1]))
    assert samples.flatten().tolist() == pytest.approx([0.25, 0, 1, 0.5, 0, 0], abs=1e-4) and lengths.tolist() == [3, 1]


def test_a_selection_shares_the_samples(recordings):
    some = recordings.select([2, 0])
    assert some.names == ("c", "a") and some.samples is recordings.samples
    assert some.read(1).tolist() == [1, -1] and some.hashes[0, 0] == 32
