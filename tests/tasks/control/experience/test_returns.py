"""The lambda-returns of the greedy policy, worked out by hand."""

import torch

from axone.tasks.control.experience.returns import estimate_returns


def test_returns_of_the_greedy_policy_by_hand():
    rewards, values = torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1), torch.tensor([10.0, 20.0, 30.0]).view(3, 1, 1)
    no, gamma, trace = torch.zeros(3, 1, 1, dtype=torch.bool), 0.5, 0.25
    last = 3 + 0.5 * 30
    middle = 2 + 0.5 * (0.25 * last + 0.75 * 20)
    first = 1 + 0.5 * (0.25 * middle + 0.75 * 10)
    assert estimate_returns(rewards, values, no, no, gamma, trace).flatten().tolist() == [first, middle, last]
    ended = no.clone()
    ended[1] = True
    cut = estimate_returns(rewards, values, no, ended, gamma, trace).flatten().tolist()
    assert cut[1:] == [2 + 0.5 * 20, last]
    assert estimate_returns(rewards, values, ended, ended, gamma, trace)[1] == 2
