"""Gumbel search: sequential halving and completed estimates worked out by hand."""

import pytest
import torch

from axone.play.search.gumbel import Gumbel, considered_visits
from axone.play.search.search import search
from tests.helpers.search import TableTree

PLAIN = Gumbel(scale=0.0)


@pytest.mark.parametrize(
    ("considered", "simulations", "sequence"),
    [
        # Two rounds of about 4 simulations: 4 actions once, then the better 2 actions twice.
        (4, 8, (0, 0, 0, 0, 1, 1, 2, 2)),
        # Two rounds of about 8: 4 actions twice, then 2 actions four times.
        (4, 16, (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5)),
        # Three actions: 2 rounds; 3 actions once (7 // (2 * 3)), then 2 of them (never fewer) until the end.
        (3, 7, (0, 0, 0, 1, 1, 2, 2)),
        (1, 3, (0, 1, 2)),
        (0, 2, (0, 1)),
        (16, 5, (0, 0, 0, 0, 0)),
    ],
)  # fmt: skip
def test_sequential_halving(considered, simulations, sequence):
    assert considered_visits(considered, simulations) == sequence


def test_the_better_half_of_the_actions_is_visited_more():
    """Equal priors; the values for the opponent are 0.8, -0.4, 0.4, -0.8, so that actions 3 and 1 are the better ones.

    Every node below has the value of its first action with the sign of the player, so that no estimate changes.
    """
    values = {"0": 0.8, "1": -0.4, "2": 0.4, "3": -0.8}
    deeper = {a + b: -value for a, value in values.items() for b in "0123"}
    deepest = {name + b: -value for name, value in deeper.items() for b in "0123"}
    table = TableTree(values={**values, **deeper, **deepest}, actions=4)
    result = search(table.root(), table.advance, simulations=8, rule=PLAIN)
    assert table.calls[:4] == ["0", "1", "2", "3"]
    assert result.visits.tolist() == [[1, 3, 1, 3]]
    assert result.actions.tolist() == [3]
    assert result.policy[0].argsort(descending=True).tolist() == [3, 1, 2, 0]


def test_only_the_most_likely_actions_are_considered():
    table = TableTree(priors={"": (0.1, 0.4, 0.2, 0.3)}, actions=4)
    result = search(table.root(), table.advance, simulations=4, rule=Gumbel(considered=2, scale=0.0))
    assert (result.visits > 0).tolist() == [[False, True, False, True]]


def test_completed_estimates_and_the_policy():
    """One simulation follows action 0 (prior 0.6), which returns -0.5. The root's raw value is 0.2.

    Mixed value: the mean of the visited estimates under the priors is -0.5; (0.2 + 1 * -0.5) / (1 + 1) = -0.15.
    Completed: (-0.5, -0.15). With a scale of (50 + 1) * 0.1 = 5.1 they are (-2.55, -0.765); rescaled to [0, 1] first,
    (0, 5.1). The policy is softmax(log(0.6) - 2.55, log(0.4) - 0.765): 0.4 / 0.6 * exp(1.785) = 3.973 to 1.
    """
    table = TableTree(priors={"": (0.6, 0.4)}, values={"": 0.2, "0": 0.5})
    rule = Gumbel(scale=0.0, rescale=False)
    result = search(table.root(), table.advance, simulations=1, rule=rule)
    assert result.policy[0].tolist() == pytest.approx([1 / 4.973, 3.973 / 4.973], abs=1e-4)
    selection = rule.begin(result.tree, torch.tensor([1]), None)
    visits = result.tree.edge_visits(result.tree.roots)
    assert selection.complete_values(result.tree.roots, visits)[0].tolist() == pytest.approx([-2.55, -0.765])
    rescaled = PLAIN.begin(result.tree, torch.tensor([1]), None)
    assert rescaled.complete_values(result.tree.roots, visits)[0].tolist() == pytest.approx([0, 5.1])


def test_below_the_root_visits_follow_the_improved_policy():
    """One action at the root; below it priors of 0.6 and 0.4, all values 0: estimates add nothing.

    Visits of node 0, from its second visit on: (0.6, 0.4) -> 0; (0.6 - 1/2, 0.4) -> 1; (0.6 - 1/3, 0.4 - 1/3) -> 0;
    (0.6 - 2/4, 0.4 - 1/4) -> 1; (0.6 - 2/5, 0.4 - 2/5) -> 0.
    """
    table = TableTree(priors={"0": (0.6, 0.4)})
    legal = torch.tensor([[True, False]])
    search(table.root(), table.advance, simulations=6, rule=PLAIN, legal=legal)
    assert [name[1] for name in table.calls[1:]] == ["0", "1", "0", "1", "0"]


def test_noise_samples_actions_by_their_priors():
    """With one considered action and no simulation more, the action is the largest of logits + noise: a sample."""
    table = TableTree(priors={"": (0.7, 0.3)})
    random = {"keys": torch.arange(3000), "counters": torch.zeros(3000, dtype=torch.int64)}
    result = search(table.root(3000), table.advance, simulations=1, rule=Gumbel(considered=1), **random)
    assert float((result.actions == 0).float().mean()) == pytest.approx(0.7, abs=0.03)
