"""What is known about worlds: settings that a system has, written as flags that can be pasted."""

import pytest

from axone.play.worlds.registry import WORLDS
from axone.settings import read_flags, resolve
from axone.systems import ppo
from axone.tasks.control.worlds.world_settings import PPO, SOLVED, complete_settings, describe_settings


@pytest.mark.parametrize("world", PPO)
def test_the_flags_that_are_printed_give_the_same_settings(world):
    completed = complete_settings(resolve(ppo.Settings, {"world": world}), PPO)
    flags = describe_settings(completed, PPO)
    typed = resolve(ppo.Settings, read_flags(ppo.Settings, ["--world", world, *flags.split()]))
    assert typed == completed and flags.count("--") == len(PPO[world])


def test_worlds_are_those_that_exist():
    assert {name for name in (*PPO, *SOLVED) if ":" not in name} <= WORLDS.keys()


def test_what_was_set_is_not_replaced():
    completed = complete_settings(resolve(ppo.Settings, {"world": "pendulum", "gamma": 0.5}), PPO)
    assert completed.gamma == 0.5 and "--gamma" not in describe_settings(completed, PPO)
