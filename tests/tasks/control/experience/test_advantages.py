"""Generalized advantage estimation, by hand."""

import pytest
import torch

from axone.tasks.control.experience.advantages import estimate_advantages


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


def test_advantages_are_sums_of_discounted_differences():
    steps, gamma, gae = 5, 0.9, 0.7
    rewards, values, next_values = torch.randn(3, steps, 1, 2)
    terminated = torch.tensor([[0, 1], [0, 0], [0, 0], [0, 0], [0, 0]]).bool()[:, None]
    truncated = torch.tensor([[0, 0], [0, 0], [1, 0], [0, 0], [0, 0]]).bool()[:, None]
    ended = terminated | truncated
    actual = estimate_advantages(rewards, values, next_values, terminated, ended, gamma, gae)
    for copy in range(2):
        for start in range(steps):
            expected, weight = 0.0, 1.0
            for t in range(start, steps):
                following = 0.0 if terminated[t, 0, copy] else float(next_values[t, 0, copy])
                expected += weight * float(rewards[t, 0, copy] + gamma * following - values[t, 0, copy])
                weight *= gamma * gae
                if ended[t, 0, copy]:
                    break
            assert float(actual[start, 0, copy]) == pytest.approx(expected, abs=1e-5)
