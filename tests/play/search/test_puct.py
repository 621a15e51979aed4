"""PUCT: simulations worked out by hand."""

from math import log

import pytest
import torch

from axone.play.search.puct import Puct
from axone.play.search.search import search
from tests.helpers.search import TableTree

FIXED = Puct(noise_share=0.0, temperature=0.0)
TABLE = {"priors": {"": (0.6, 0.4), "0": (0.5, 0.5)}, "values": {"": 0.2, "0": 0.5, "1": -0.5, "00": -0.25}}


def test_four_simulations_with_a_fixed_range_of_values():
    """The weight is sqrt(N) * w with w = 1.25 + log((N + 19653) / 19652): 1.2501 for N = 1, 1.2502 for N = 2 and so on.

    1. N = 1, no visits: scores 1.2501 * (0.6, 0.4): action 0. Its node has 0.5 for the opponent: returns -0.5.
    2. N = 2: 0.25 + 1.768 * 0.6 / 2 = 0.780; 0 + 1.768 * 0.4 = 0.707: action 0 again. At node 0 (N = 1) priors are
       equal: its action 0. Node 00 has -0.25: returns 0.25 to node 0 and -0.25 to the root.
    3. N = 3: Q0 = (-0.5 - 0.25) / 2 = -0.375, rescaled 0.3125; 0.3125 + 2.1654 * 0.6 / 3 = 0.746; 2.1654 * 0.4 = 0.866:
       action 1. Its node has -0.5 for the opponent: returns 0.5.
    4. N = 4: 0.3125 + 2.5005 * 0.6 / 3 = 0.813; Q1 = 0.5, rescaled 0.75; 0.75 + 2.5005 * 0.4 / 2 = 1.250: action 1,
       then (equal priors) its action 0, whose node has 0: returns 0.
    The root: (0.2 - 0.5 - 0.25 + 0.5 + 0) / 5 = -0.01.
    """
    table = TableTree(**TABLE)
    result = search(table.root(), table.advance, simulations=4, rule=FIXED)
    assert table.calls == ["0", "00", "1", "10"]
    assert result.visits.tolist() == [[2, 2]]
    assert result.values.tolist() == pytest.approx([-0.01])
    assert result.policy.tolist() == [[0.5, 0.5]]


def test_scores_with_the_range_of_the_node_and_its_actions():
    """The first simulation returns -0.5 by action 0: the root's value is (0.2 - 0.5) / 2 = -0.15.

    The smallest is -0.5, the largest -0.15: action 0 has 0, and so has action 1, which was not visited. The priors
    decide: 1.768 * 0.6 / 2 = 0.530 against 1.768 * 0.4 = 0.707: action 1, which returns -0.3. The root's value is
    (0.2 - 0.5 - 0.3) / 3 = -0.2, the largest again; action 1 has (-0.3 + 0.5) / (-0.2 + 0.5) = 2/3.
    """
    table = TableTree({"": (0.6, 0.4)}, {"": 0.2, "0": 0.5, "1": 0.3})
    rule = Puct(noise_share=0.0, temperature=0.0, value_range=None)
    tree = search(table.root(), table.advance, simulations=2, rule=rule).tree
    assert table.calls == ["0", "1"]
    assert tree.node_values(tree.roots).tolist() == pytest.approx([-0.2])
    selection = rule.begin(tree, torch.tensor([2]), None)
    assert selection.rescale(tree.roots, tree.edge_visits(tree.roots))[0].tolist() == pytest.approx([0, 2 / 3])
    assert selection.choose_root().tolist() == [1]


def test_the_weight_of_the_priors_grows_with_the_visits():
    """With base 1 and 3 visits of the node the weight is c + log(5 / 1), and not c + log(19656 / 19652)."""
    table = TableTree(priors={"": (0.55, 0.45)}, values={"0": -0.9})
    rule = Puct(c=0.0, base=1.0, noise_share=0.0, temperature=0.0)
    search(table.root(), table.advance, simulations=3, rule=rule)
    # 1: log(3) * (0.55, 0.45): 0. 2: Q0 = 0.95 + sqrt(2) * log(4) * 0.55 / 2 = 1.489 against 0.882: 0.
    # 3: Q0 = (0.9 + 0) / 2, rescaled 0.725, + sqrt(3) * log(5) * 0.55 / 3 = 1.236 against 1.254: 1.
    assert 0.725 + 3**0.5 * log(5) * 0.55 / 3 < 3**0.5 * log(5) * 0.45
    assert table.calls == ["0", "00", "1"]


def test_noise_changes_the_priors_of_the_root_and_not_those_below():
    table = TableTree(priors={"": (0.6, 0.4), "0": (0.3, 0.7), "1": (0.3, 0.7)})
    random = {"keys": torch.arange(50), "counters": torch.zeros(50, dtype=torch.int64)}
    rule = Puct(noise_share=0.5, noise_alpha=10.0)
    tree = search(table.root(50), table.advance, simulations=2, rule=rule, **random).tree
    noisy = tree.priors[tree.roots]
    assert noisy.sum(1).tolist() == pytest.approx([1] * 50)
    # Half of it is noise with a mean of 0.5 and a standard deviation of sqrt(0.25 / 21) = 0.109.
    assert noisy[:, 0].mean() == pytest.approx(0.55, abs=0.04) and noisy[:, 0].std() == pytest.approx(0.055, abs=0.02)
    assert tree.priors[tree.roots + 1].unique().tolist() == pytest.approx([0.3, 0.7])


def test_actions_are_samples_of_the_visits():
    table = TableTree(priors={"": (0.75, 0.25)})
    random = {"keys": torch.arange(2000), "counters": torch.zeros(2000, dtype=torch.int64)}
    result = search(table.root(2000), table.advance, simulations=4, rule=Puct(noise_share=0.0), **random)
    shares = torch.bincount(result.actions, minlength=2) / 2000
    assert shares.tolist() == pytest.approx(result.policy[0].tolist(), abs=0.04)
