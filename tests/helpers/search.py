"""Worlds for tests of tree search: one written down as tables, and a random one of any depth."""

import importlib.util
from pathlib import Path

import torch

from axone.play.random import make_keys, random_bits, uniform
from axone.play.search.interface import Advance, Root
from axone.play.simulation import Game, Outcome
from axone.play.spaces import Continuous, Discrete

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def load_benchmark(name):
    """Import a module of the folder `benchmarks`."""
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TableTree:
    """Evaluations by the sequence of actions that leads to a node, such as "" for the root and "01" for two actions.

    Args:
        priors: For each node the prior policy; nodes that are not there have a uniform one.
        values: For each node the value for the player to move; others have 0.
        wins: The nodes which end the game, with the reward for the player who moves there.
        actions: The number of actions.
    """

    def __init__(self, priors=None, values=None, wins=None, actions=2):
        self.priors, self.values, self.wins, self.actions = priors or {}, values or {}, wins or {}, actions
        self.calls = []  # the nodes that were evaluated, in order

    def _evaluate(self, names):
        uniform_policy = (1 / self.actions,) * self.actions
        policy = torch.tensor([self.priors.get(name, uniform_policy) for name in names])
        return policy.log(), torch.tensor([self.values.get(name, 0.0) for name in names])

    def root(self, trees=1):
        return Root(*self._evaluate([""] * trees), {"digits": torch.full((trees, 12), -1)})

    def advance(self, state, actions):
        digits = state["digits"].clone()
        lengths = (digits >= 0).sum(1)
        digits[torch.arange(len(digits)), lengths] = actions
        names = ["".join(str(digit) for digit in row if digit >= 0) for row in digits.tolist()]
        self.calls += names
        rewards = torch.tensor([float(self.wins.get(name, 0)) for name in names])
        discounts = torch.tensor([0.0 if name in self.wins else -1.0 for name in names])
        legal = torch.ones(len(names), self.actions, dtype=torch.bool)
        return Advance(rewards, discounts, *self._evaluate(names), {"digits": digits}, legal)


class RandomTree:
    """A game tree whose evaluations, ends and legal actions are functions of random bits, which are its state."""

    def __init__(self, actions=5, ends=0.1):
        self.actions, self.ends = actions, ends

    def _evaluate(self, bits):
        numbers = uniform(bits[:, None], torch.arange(self.actions + 1))
        return (4 * numbers[:, 1:]).float(), (2 * numbers[:, 0] - 1).float()

    def legal(self, bits):
        legal = uniform(bits[:, None], torch.arange(50, 50 + self.actions)) < 0.8
        legal[:, 0] = True
        return legal

    def root(self, trees, seed=0):
        bits = make_keys(seed, trees)
        return Root(*self._evaluate(bits), {"bits": bits}), self.legal(bits)

    def advance(self, state, actions):
        bits = random_bits(state["bits"], actions + 100)
        draw = uniform(bits, torch.full_like(bits, 200))
        has_ended = draw < self.ends
        rewards = torch.where(has_ended, torch.where(draw < self.ends / 2, 1.0, -1.0), 0.0)
        discounts = torch.where(has_ended, 0.0, -1.0)
        return Advance(rewards, discounts, *self._evaluate(bits), {"bits": bits}, self.legal(bits))


class TakeStones(Game):
    """One or two stones are taken in turn; who takes the last one wins.

    Args:
        stones: The stones at the start.
        passes: Whether a player who leaves three stones moves again, because the other one has to pass.
    """

    name = "take_stones"
    board = (1, 1)
    actions = Discrete(2, ("one", "two"))

    def __init__(self, stones=7, passes=False):
        self.stones, self.passes, self.max_moves = stones, passes, stones
        self.observations = Continuous((1, 1, 1))

    def reset(self, keys):
        zeros = torch.zeros_like(keys)
        return {
            "player": zeros, "stones": zeros + self.stones, "finished": zeros > 0, "result": torch.zeros(len(keys)),
        }  # fmt: skip

    def step(self, state, actions):
        stones = (state["stones"] - 1 - actions).clamp(min=0)
        ends = (stones == 0) & ~state["finished"]
        moves_again = state["finished"] | ((stones == 3) & self.passes)
        sign = 1.0 - 2.0 * state["player"]
        after = {
            "player": torch.where(moves_again, state["player"], 1 - state["player"]),
            "stones": stones,
            "finished": state["finished"] | ends,
            "result": torch.where(ends, sign, state["result"]),
        }
        return after, Outcome(ends.float(), ends, ends & False)

    def observe(self, state):
        return state["stones"][:, None, None, None].float()

    def legal_actions(self, state):
        return torch.stack((state["stones"] >= 1, state["stones"] >= 2), 1)

    def render_image(self, state, copy=0):
        return torch.zeros(1, 1, 3, dtype=torch.uint8)
