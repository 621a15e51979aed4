"""Generalized advantage estimation, by hand."""

import torch

from axone.tasks.control.advantages import estimate_advantages


def column(*values):
    return torch.tensor(values).reshape(-1, 1, 1)


def test_advantages_by_hand():
    rewards, values, following = column(1.0, 0.0, 2.0), column(0.5, 1.0, 0.0), column(1.0, 9.0, 3.0)
    ended = column(False, True, False)
    advantages = estimate_advantages(rewards, values, following, ended, ended, 0.5, 0.5)
    # delta: 1 + 0.5 - 0.5 = 1; 0 - 1 = -1 (nothing follows); 2 + 1.5 - 0 = 3.5
    assert advantages.flatten().tolist() == [1 - 0.25, -1, 3.5]


def test_ends_are_broadcast_over_several_values_of_an_episode():
    values = torch.rand(5, 2, 3)
    ended = torch.rand(5, 2, 1) < 0.5
    together = estimate_advantages(values, values, values, ended, ended, 0.9, 0.8)
    alone = estimate_advantages(*(values[..., 1:2],) * 3, ended, ended, 0.9, 0.8)
    assert torch.equal(together[..., 1:2], alone)
