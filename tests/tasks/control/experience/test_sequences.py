"""Sequences are cut where an episode ends, and every step returns to its place."""

import torch

from axone.graph import GRU, Input, Model
from axone.tasks.control.experience.sequences import cut_at_ends


def test_segments_lie_within_one_episode():
    ended = torch.tensor([[[0, 1, 0, 0, 0], [0, 0, 0, 0, 1]], [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]]).bool()
    segments = cut_at_ends(ended)
    assert segments.numbers.tolist() == [[[0, 0, 1, 1, 1], [2, 2, 2, 2, 2]], [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]]
    assert segments.places.tolist() == [[[0, 1, 0, 1, 2], [0, 1, 2, 3, 4]], [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]]
    assert segments.lengths().tolist() == [[2, 3, 5], [5, 5, 0]]
    values = torch.randn(2, 2, 5, 3)
    assert torch.equal(segments.gather(segments.scatter(values)), values)


def test_a_recurrent_layer_computes_as_step_by_step():
    x, lengths, state = Input(1, 3, name="x"), Input(dtype="int64", name="lengths"), Input(1, 4, name="state")
    output, final = GRU(4)(x, lengths=lengths, state=state)
    layer = Model((x, lengths, state), (output, final))
    inputs, ended, memory = torch.randn(1, 3, 6, 3), torch.rand(1, 3, 6) < 0.4, torch.randn(1, 3, 1, 4)
    segments = cut_at_ends(ended)
    placed = segments.place_memory({"state": memory})["state"]
    whole = segments.gather(layer(segments.scatter(inputs)[0], segments.lengths()[0], placed[0])[0][None])
    hidden, ones = memory[0], torch.ones(3, dtype=torch.int64)
    for step in range(6):
        result, hidden = layer(inputs[0, :, step : step + 1], ones, hidden)
        torch.testing.assert_close(whole[0, :, step], result[:, 0])
        hidden = hidden.masked_fill(ended[0, :, step, None, None], 0.0)
