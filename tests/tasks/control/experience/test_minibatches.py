"""Each item is once in a pass, in an order that each member has for itself."""

import torch

from axone.tasks.control.experience.minibatches import draw_minibatches, flatten_steps, to_sequences


def test_every_item_is_in_one_minibatch():
    items = {"number": torch.arange(24).view(2, 12), "pair": torch.arange(48).view(2, 12, 2)}
    parts = list(draw_minibatches(items, 4))
    assert [part["number"].shape for part in parts] == [(2, 4)] * 3
    numbers = torch.cat([part["number"] for part in parts], 1)
    assert torch.equal(numbers.sort(1).values, items["number"])
    assert not torch.equal(numbers[0], numbers[1] - 12)
    assert all(torch.equal(part["pair"][..., 0], 2 * part["number"]) for part in parts)


def test_what_is_left_over_waits_for_the_next_pass():
    parts = list(draw_minibatches({"number": torch.arange(10).view(1, 10)}, 4))
    assert [part["number"].shape for part in parts] == [(1, 4)] * 2
    assert len(list(draw_minibatches({"number": torch.arange(3).view(1, 3)}, 4))) == 1


def test_steps_and_sequences_of_a_rollout():
    values = torch.arange(2 * 3 * 4 * 5).view(2, 3, 4, 5)  # [steps, members, copies, numbers]
    steps, sequences = flatten_steps(values), to_sequences(values)
    assert steps.shape == (3, 8, 5) and sequences.shape == (3, 4, 2, 5)
    assert torch.equal(steps[1, 4 + 2], values[1, 1, 2]) and torch.equal(sequences[1, 2, 1], values[1, 1, 2])
