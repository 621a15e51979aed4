import numpy as np
import pytest
import torch

from axone.data.audio.augment import Augmentation
from axone.data.audio.recordings import Recordings, to_integers
from axone.data.audio.stream import AudioStream
from tests.helpers.data.recordings import tone


@pytest.fixture(scope="module")
def recordings():
    pieces = [to_integers(tone(0.1 + 0.02 * number, seed=number)) for number in range(7)]
    ends = np.cumsum([len(piece) for piece in pieces])
    starts = ends - [len(piece) for piece in pieces]
    return Recordings(np.concatenate(pieces), starts, ends, 8000, tuple("abcdefg"), np.zeros((7, 16), np.uint8))


def test_classes(recordings):
    labels = torch.arange(7) % 3
    stream = AudioStream(recordings, labels, indices=torch.arange(1, 7), batch_size=4, seed=1)
    batches = list(stream.batches(1))
    assert [len(batch.index) for batch in batches] == [4, 2] and stream.samples == 6
    for batch in batches:
        assert batch.targets.equal(labels[batch.index]) and batch.target_lengths.eq(1).all()
        assert batch.inputs.shape == (len(batch.index), int(batch.lengths.max()), 40)
    assert sorted(torch.cat([batch.index for batch in batches]).tolist()) == [1, 2, 3, 4, 5, 6]


def test_symbols_are_padded(recordings):
    symbols = [torch.arange(1, 2 + number) for number in range(7)]
    stream = AudioStream(recordings, symbols, indices=torch.tensor([0, 3]), batch_size=2, shuffle=False)
    (batch,) = stream.batches(1)
    assert batch.targets.tolist() == [[1, 0, 0, 0], [1, 2, 3, 4]] and batch.target_lengths.tolist() == [1, 4]


def test_augmentation_is_a_function_of_seed_epoch_and_batch(recordings):
    options = Augmentation(speeds=(0.9, 1.0, 1.1), noise=0.5, time_masks=1, band_masks=1)
    stream = AudioStream(
        recordings, torch.zeros(7, dtype=torch.int64), indices=torch.arange(7), batch_size=3, augmentation=options
    )
    whole, resumed = list(stream.batches(2)), list(stream.batches(2, 1))
    for first, second in zip(whole[1:], resumed, strict=True):
        assert first.inputs.equal(second.inputs) and first.index.equal(second.index)
    plain = stream.without_augmentation(3)
    first, again = next(plain.batches(1)), next(plain.batches(2))
    assert first.inputs.equal(again.inputs) and first.index.tolist() == [0, 1, 2]
    assert not next(stream.batches(3)).inputs.equal(whole[0].inputs)


def test_to_a_device(recordings):
    stream = AudioStream(recordings, torch.zeros(7, dtype=torch.int64), indices=torch.arange(7), batch_size=3)
    assert next(stream.to("meta").batches(1)).inputs.device.type == "meta"
