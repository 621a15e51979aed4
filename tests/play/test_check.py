"""What a world may do wrong: each mistake is found, and its error names function, part, step, expected and got."""

import pytest
import torch

from axone.errors import DataError
from axone.play.check import check_world
from axone.play.simulation import Outcome, World
from axone.play.spaces import Continuous, Discrete
from axone.play.worlds.registry import WORLDS, make_world


class Line(World):
    """A line of cells; the right end rewards."""

    name = "line"
    observations = Continuous((2,), -1.0, 1.0)
    actions = Discrete(2)
    max_steps = 12

    def reset(self, keys):
        zeros = torch.zeros_like(keys)
        return {"key": keys, "counter": zeros, "steps": zeros, "cell": zeros}

    def step(self, state, actions):
        cell, steps = state["cell"] + 2 * actions - 1, state["steps"] + 1
        ended = cell == 3
        return {**state, "cell": cell, "steps": steps}, Outcome(
            ended.float(), ended, ~ended & (steps >= self.max_steps)
        )

    def observe(self, state):
        return torch.stack([state["cell"] / 12, state["steps"] / 12], 1).float()

    def render_image(self, state, copy=0):
        return torch.zeros(1, 1, 3, dtype=torch.uint8)


def refuse(broken, *words):
    with pytest.raises(DataError) as caught:
        check_world(broken())
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("name", WORLDS)
def test_our_own_worlds_keep_the_contract(name):
    check_world(make_world(name), steps=60)


def test_a_small_world_keeps_it_too():
    check_world(Line())


def changed_step(change):
    """A line whose step returns what `change` makes of its results."""

    class Changed(Line):
        def step(self, state, actions):
            return change(*super().step(state, actions))

    return Changed


def test_attributes():
    refuse(type("Broken", (Line,), {"actions": 2}), "actions", "Discrete or Continuous", "int")
    refuse(type("Broken", (Line,), {"observations": None}), "observations", "Continuous", "None")
    refuse(type("Broken", (Line,), {"max_steps": -1}), "max_steps")


def test_a_state_without_a_required_key_or_of_another_kind():
    refuse(changed_step(lambda state, outcome: ({k: v for k, v in state.items() if k != "steps"}, outcome)),
           "step()", "state['steps']", "step 1")  # fmt: skip
    refuse(changed_step(lambda state, outcome: ([state], outcome)), "dict", "list")
    refuse(changed_step(lambda state, outcome: ({**state, "cell": state["cell"].float()}, outcome)),
           "state['cell']", "int64 [8]", "float32 [8]")  # fmt: skip
    refuse(changed_step(lambda state, outcome: ({**state, "cell": torch.tensor(0)}, outcome)), "Tensor [8, ...]")
    refuse(changed_step(lambda state, outcome: ({**state, "more": state["cell"]}, outcome)), "state['more']", "reset()")
    refuse(changed_step(lambda state, outcome: ({**state, "steps": state["steps"] * 2}, outcome)), "state['steps']")
    refuse(changed_step(lambda state, outcome: ({**state, "key": state["key"] + 1}, outcome)), "state['key']")


def test_results_of_another_shape_or_type_and_rewards_that_are_no_numbers():
    refuse(changed_step(lambda state, outcome: (state, tuple(outcome))), "Outcome", "tuple")
    refuse(changed_step(lambda state, outcome: (state, outcome._replace(rewards=outcome.rewards.double()))),
           "outcome.rewards", "float32 [8]", "float64 [8]")  # fmt: skip
    refuse(changed_step(lambda state, outcome: (state, outcome._replace(terminated=outcome.rewards))),
           "outcome.terminated", "bool [8]", "float32 [8]")  # fmt: skip
    nan = torch.tensor([0.0, 0, 0, torch.nan, 0, 0, 0, 0])
    refuse(changed_step(lambda state, outcome: (state, outcome._replace(rewards=outcome.rewards + nan))),
           "outcome.rewards", "step 1", "nan [copy 3]")  # fmt: skip


def test_nan_in_a_later_step_names_the_step():
    refuse(changed_step(lambda state, outcome: (state, outcome._replace(
        rewards=torch.where(state["steps"] == 7, torch.inf, outcome.rewards)))), "step 7", "inf")  # fmt: skip


def test_an_episode_that_never_ends():
    refuse(changed_step(lambda state, outcome: (state, outcome._replace(truncated=outcome.truncated & False))),
           "outcome.truncated", "step 12", "time limit", "False")  # fmt: skip


def test_observations():
    class Broken(Line):
        def observe(self, state):
            return change(super().observe(state))

    change = torch.Tensor.double
    refuse(Broken, "observe()", "float32 [8, 2]", "float64 [8, 2]")
    change = lambda values: values[:, :1]  # noqa: E731
    refuse(Broken, "float32 [8, 2]", "float32 [8, 1]")
    change = lambda values: values + 5  # noqa: E731
    refuse(Broken, "-1 ... 1", "5 ... 5")
    change = lambda values: values / 0  # noqa: E731
    refuse(Broken, "finite numbers", "nan [copy 0]")


def test_a_function_that_changes_its_argument():
    class Broken(Line):
        def step(self, state, actions):
            state["cell"] += 1
            return super().step(state, actions)

    refuse(Broken, "step()", "state['cell']", "no argument is changed")


def test_random_numbers_that_do_not_come_from_the_key():
    class Broken(Line):
        def reset(self, keys):
            return {**super().reset(keys), "cell": torch.randint(-(10**9), 10**9, keys.shape)}

    refuse(Broken, "reset()", "state['cell']", "the same arguments")


def test_a_copy_that_depends_on_the_others():
    refuse(changed_step(lambda state, outcome: ({**state, "cell": state["cell"] + state["cell"].sum()}, outcome)),
           "step()", "its own state alone")  # fmt: skip


def test_legal_actions():
    class Broken(Line):
        def legal_actions(self, state):
            return mask

    mask = torch.zeros(8, 2, dtype=torch.bool)
    refuse(Broken, "legal_actions()", "a legal action in each copy")
    mask = torch.ones(8, 3, dtype=torch.bool)
    refuse(Broken, "bool [8, 2]", "bool [8, 3]")


def test_renderings():
    refuse(type("Broken", (Line,), {"render_text": lambda self, state, copy=0: 3}), "render_text()", "str", "int")
    refuse(type("Broken", (Line,), {"render_image": lambda self, state, copy=0: torch.zeros(2, 2)}), "render_image()")
