"""Batches of texts: every text once, similar lengths together, an order that depends on seed and epoch alone."""

from __future__ import annotations

import pytest
import torch

from axone.data.tokens.encoder import TextEncoder
from axone.data.tokens.stream import TextStream, gather_texts

TEXTS = [" ".join(["word"] * (1 + number % 17)) for number in range(200)]


@pytest.fixture(scope="module")
def encoded():
    encoder = TextEncoder.fit(
        TEXTS, unit="words", lowercase=True, most_tokens=9, piece_bits=4, ngram_bits=4, longest=99
    )
    return encoder.encode(TEXTS)


def stream(encoded, **options):
    targets = torch.arange(len(TEXTS))
    return TextStream(encoded, targets, indices=torch.arange(len(TEXTS)), **{"batch_size": 16, **options})


def test_an_epoch_has_every_text_once(encoded):
    for epoch in (1, 2):
        rows = torch.cat([batch.index for batch in stream(encoded).batches(epoch)])
        assert rows.sort().values.tolist() == list(range(len(TEXTS)))


def test_the_order_depends_on_seed_and_epoch_alone(encoded):
    def order(epoch, **options):
        return stream(encoded, **options).order(epoch).tolist()

    assert order(1) == order(1) != order(2) and order(1, seed=1) != order(1)


def test_a_later_start_skips_batches(encoded):
    whole = [batch.index.tolist() for batch in stream(encoded).batches(3)]
    assert [batch.index.tolist() for batch in stream(encoded).batches(3, 5)] == whole[5:]


def test_a_batch_has_little_padding(encoded):
    batches = list(stream(encoded).batches(1))
    steps = sum(batch.tokens.numel() for batch in batches)
    assert sum(int(batch.lengths.sum()) for batch in batches) > 0.8 * steps


def test_padding_is_zero_and_targets_belong_to_their_texts(encoded):
    for batch in stream(encoded, drop_last=True).batches(1):
        inside = torch.arange(batch.tokens.shape[1]) < batch.lengths[:, None]
        assert ((batch.tokens > 0) == inside).all() and not batch.pieces[~inside].any()
        assert torch.equal(batch.targets, batch.index) and len(batch.index) == 16


def test_an_evaluation_goes_by_length(encoded):
    lengths = torch.cat([batch.lengths for batch in stream(encoded, shuffle=False).batches(1)])
    assert lengths.tolist() == sorted(lengths.tolist())


def test_inputs_are_selected_by_name(encoded):
    (first, *_others) = stream(encoded).batches(1)
    assert list(first.inputs(["lengths", "tokens"])) == ["lengths", "tokens"]
    assert list(gather_texts(encoded, torch.tensor([3]))) == list(first._fields[:5])


def test_a_stream_on_a_device_has_its_batches_there(encoded):
    moved = stream(encoded).to("cpu")
    assert next(iter(moved.batches(1))).tokens.device.type == "cpu" and moved.texts is encoded
