"""The loop of the search: trees worked out by hand, exact terminal values, trees that do not depend on others."""

import pytest
import torch

from axone.errors import DataError
from axone.play.bodies import has_numba
from axone.play.search.gumbel import Gumbel
from axone.play.search.interface import Root
from axone.play.search.puct import Puct
from axone.play.search.reuse import reuse
from axone.play.search.rule import Decision, Rule, Selection
from axone.play.search.search import search
from axone.play.simulation import select
from tests.helpers.search import RandomTree, TableTree, load_benchmark

GREEDY = Puct(noise_share=0.0, temperature=0.0)
RESCALED = Puct(noise_share=0.0, temperature=0.0, value_range=None)
BODIES = ["torch", "numba"] if has_numba() else ["torch"]
RULES = [GREEDY, RESCALED, Gumbel(scale=0.0, considered=4), Puct(), Gumbel(considered=4)]


def test_values_change_their_sign_from_level_to_level():
    """The only action of each node is followed: root -> 0 -> 00 -> 000, with the values 0.1, 0.2, 0.4, 0.8.

    What is returned to the root: -0.2, then 0.4 (two changes of side), then -0.8. Its value is the mean of these and of
    its own 0.1: (0.1 - 0.2 + 0.4 - 0.8) / 4 = -0.125. Node 0: (0.2 - 0.4 + 0.8) / 3 = 0.2.
    """
    table = TableTree(values={"": 0.1, "0": 0.2, "00": 0.4, "000": 0.8}, actions=1)
    result = search(table.root(), table.advance, simulations=3, rule=GREEDY)
    assert table.calls == ["0", "00", "000"]
    assert result.values.tolist() == pytest.approx([-0.125])
    assert result.tree.node_values(torch.tensor([1])).tolist() == pytest.approx([0.2])
    assert result.visits.tolist() == [[3]]


def test_a_win_in_one_move_is_exact_and_evaluated_once():
    """Action 1 wins. Once it was followed its estimate is 1, the largest there is, and each simulation returns 1.

    Simulation 1 follows action 0, because priors and estimates are equal. Its value is 0.
    Simulations 2 to 5 follow action 1 and return 1. The root: (0 + 0 + 4 * 1) / 6.
    """
    table = TableTree(wins={"1": 1})
    result = search(table.root(), table.advance, simulations=5, rule=RESCALED)
    assert table.calls == ["0", "1"]
    assert result.visits.tolist() == [[1, 4]]
    assert result.values.tolist() == pytest.approx([4 / 6])
    assert result.actions.tolist() == [1]


def test_a_move_after_which_the_opponent_wins_is_avoided():
    """After action 0 the opponent wins by 00; action 1 leads to values of 0. Priors: 0.7 for the losing move."""
    table = TableTree(priors={"": (0.7, 0.3), "0": (0.9, 0.1)}, wins={"00": 1})
    result = search(table.root(), table.advance, simulations=40, rule=GREEDY)
    assert result.actions.tolist() == [1]
    assert result.tree.edge_values(result.tree.roots)[0, 0] < -0.5


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_tree_does_not_depend_on_the_others_of_its_batch(rule):
    world = RandomTree()
    root, legal = world.root(6)
    keys, counters = torch.arange(6) + 5, torch.arange(6)
    budgets = torch.tensor([20, 3, 20, 0, 7, 20])
    legal[5] = False  # a game that is over
    whole = search(root, world.advance, simulations=budgets, rule=rule, legal=legal, keys=keys, counters=counters)
    assert whole.visits.sum(1).tolist() == [20, 3, 20, 0, 7, 0]
    for copy in range(6):
        one = slice(copy, copy + 1)
        alone = search(
            root._replace(logits=root.logits[one], values=root.values[one], state=select(root.state, one)),
            world.advance, simulations=int(budgets[copy]), rule=rule, legal=legal[one], keys=keys[one],
            counters=counters[one],
        )  # fmt: skip
        for ours, theirs in zip(alone[:4], whole[:4], strict=True):
            assert torch.equal(ours[0], theirs[copy])


def test_visits_are_those_of_a_plain_search():
    plain = load_benchmark("plain_search")
    world = RandomTree()
    root, legal = world.root(8)
    result = search(root, world.advance, simulations=60, rule=GREEDY, legal=legal)

    def convert(step, legal):
        priors = step.logits.masked_fill(~legal, -torch.inf).softmax(1)[0].tolist()
        allowed = {action: prior for action, prior in enumerate(priors) if legal[0, action]}
        reward, discount = (float(step.rewards), float(step.discounts)) if hasattr(step, "rewards") else (0.0, -1.0)
        value = float(step.values) if discount else 0.0
        return plain.Step(reward, discount, allowed, value, step.state)

    def advance(state, action):
        step = world.advance(state, torch.tensor([action]))
        return convert(step, step.legal)

    for copy in range(8):
        one = slice(copy, copy + 1)
        start = root._replace(logits=root.logits[one], values=root.values[one], state=select(root.state, one))
        top = plain.search_plainly(convert(start, legal[one]), advance, 60)
        visits = [top.children[action].visits if action in top.children else 0 for action in range(5)]
        assert visits == result.visits[copy].tolist()
        assert top.value_sum / top.visits == pytest.approx(float(result.values[copy]), abs=1e-5)


def test_actions_that_are_not_legal_have_no_visits_and_no_policy():
    table = TableTree(actions=3)
    legal = torch.tensor([[False, True, True], [False, False, True]])
    for rule in (GREEDY, Gumbel(scale=0.0)):
        result = search(table.root(2), table.advance, simulations=6, rule=rule, legal=legal)
        assert (result.visits[~legal] == 0).all() and (result.policy[~legal] == 0).all()
        assert result.policy.sum(1).tolist() == pytest.approx([1, 1])


def test_without_simulations_the_policy_is_the_prior():
    table = TableTree(priors={"": (0.7, 0.3)}, values={"": 0.4})
    result = search(table.root(), table.advance, simulations=0, rule=GREEDY)
    assert result.policy[0].tolist() == pytest.approx([0.7, 0.3])
    assert result.values.tolist() == pytest.approx([0.4])


def test_random_numbers_are_a_function_of_key_and_counter():
    """The same position 16 times, with 4 keys and 4 counters."""
    root, legal = RandomTree().root(1)
    same = Root(root.logits.expand(16, -1), root.values.expand(16), {"bits": root.state["bits"].expand(16)})
    numbers = torch.arange(16)
    for rule in (Puct(noise_share=0.9), Gumbel(scale=3.0)):
        setting = {"simulations": 8, "rule": rule, "legal": legal.expand(16, -1)}
        results = [
            search(same, RandomTree().advance, keys=numbers // 4, counters=numbers % 4, **setting) for _again in (1, 2)
        ]
        assert torch.equal(results[0].visits, results[1].visits)
        assert len(results[0].visits[::4].unique(dim=0)) > 1 and len(results[0].visits[:4].unique(dim=0)) > 1
        with pytest.raises(ValueError, match="keys and counters"):
            search(same, RandomTree().advance, **setting)


@pytest.mark.parametrize("body", BODIES)
def test_a_network_that_returns_nan_is_an_error(body):
    nan = float("nan")
    for table in (TableTree(values={"0": nan}), TableTree(priors={"0": (nan, 0.5)}), TableTree(values={"": nan})):
        with pytest.raises(DataError, match="not a finite number"):
            search(table.root(), table.advance, simulations=2, rule=GREEDY, body=body)


@pytest.mark.parametrize("body", BODIES)
def test_the_value_of_a_terminal_node_does_not_count(body):
    table = TableTree(wins={"1": 1}, values={"1": float("nan")})
    result = search(table.root(), table.advance, simulations=5, rule=RESCALED, body=body)
    assert result.values.tolist() == pytest.approx([4 / 6])


def test_shapes_that_do_not_fit_are_an_error(unchecked):
    table = TableTree()

    def advance(state, actions):
        step = table.advance(state, actions)
        return step._replace(values=step.values[:, None])

    with pytest.raises(ValueError, match=r"values of shape \(1, 1\) instead of \(1,\)"):
        search(table.root(), advance, simulations=2, rule=GREEDY)


@pytest.mark.skipif(not has_numba(), reason="numba is not installed")
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_kernels_and_tensor_operations_build_the_same_trees(rule):
    world = RandomTree(actions=7)
    root, legal = world.root(50)
    legal[3] = False
    setting = {"rule": rule, "legal": legal, "keys": torch.arange(50), "counters": torch.zeros(50, dtype=torch.int64)}
    budgets = torch.arange(50) + 10
    results = [search(root, world.advance, simulations=budgets, body=body, **setting) for body in ("torch", "numba")]
    parts = [reuse(result.tree, results[0].actions) for result in results]
    results += [
        search(root, world.advance, simulations=20, body=body, tree=part, **setting)
        for body, part in zip(("torch", "numba"), parts, strict=True)
    ]
    for torch_one, numba_one in (results[:2], results[2:]):
        assert torch.equal(torch_one.tree.children, numba_one.tree.children)
        assert torch.equal(torch_one.visits, numba_one.visits) and torch.equal(torch_one.actions, numba_one.actions)
        assert torch.allclose(torch_one.policy, numba_one.policy, atol=1e-5)
        assert torch.allclose(torch_one.values, numba_one.values, atol=1e-6)


@pytest.mark.skipif(not has_numba(), reason="numba is not installed")
def test_a_rule_of_your_own_runs_as_tensor_operations():
    """The rule follows the first legal action everywhere."""

    class FirstSelection(Selection):
        def __init__(self, tree):
            self.tree = tree

        def choose(self, rows):
            return (self.tree.logits[rows] > -torch.inf).long().argmax(1)

        def choose_root(self):
            return self.choose(self.tree.roots)

        def decide(self):
            return Decision(self.choose_root(), self.tree.priors[self.tree.roots])

    class First(Rule):
        def begin(self, tree, budgets, keys):
            return FirstSelection(tree)

    table = TableTree()
    search(table.root(), table.advance, simulations=3, rule=First())
    assert table.calls == ["0", "00", "000"]
