"""Each item is once in a pass, in an order that each member has for itself."""

import torch

from axone.tasks.control.minibatches import draw_minibatches


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
