"""Worlds are checked before a run begins, so that a mistyped name leaves no folder, and opened with the settings."""

import importlib.util
import json

import pytest

from axone import cli
from axone.errors import DataNote, UsageError
from axone.play.spaces import Continuous
from axone.settings import resolve
from axone.tasks.control.settings import ControlSettings
from axone.tasks.control.worlds.actions import describe_space
from axone.tasks.control.worlds.opening import inspect_world, open_copies, require_readable, require_same_spaces


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("ppo --world cart_pol", 2, "Did you mean 'cart_pole'?"),
        ("dqn --world cart_pol", 2, "Did you mean 'cart_pole'?"),
        ("dqn --preset pqn --world acrobat", 2, "Did you mean 'acrobot'?"),
        ("dqn --world pendulum", 2, "axone train ppo --world pendulum"),
        ("dqn --replay 100", 2, "The replay memory (100) is smaller than a rollout (256)."),
        ("ppo --world breakout --cell gru", 2, "or --cell none"),
        ("ppo --world gym:CartPol-v1", 2, "closest: CartPole-v1"),
        ("ppo --world sc2:MoveToBeacn", 2, "Did you mean 'sc2:MoveToBeacon'?"),
        ("ppo --world maze:nowhere.txt", 2, "nowhere.txt"),
        ("ppo --world nowhere.py", 2, "axone new nowhere --kind world"),
        ("dqn --world broken.py", 3, "line 1"),
        ("ppo --world broken.py", 3, "line 1"),
        ("skirmish --scenario 2s4z", 2, "Did you mean '2s3z'?"),
        ("skirmish --scenario broken.csv", 3, "broken.csv"),
    ],
)
def test_what_cannot_be_opened_is_refused_before_a_run_begins(words, code, message, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text("1 / 0\n")
    (tmp_path / "broken.csv").write_text("team,unit\nally\n")
    assert cli.main(["train", *words.split()]) == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_missing_extra_is_noticed_before_a_run_begins(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for world, extra in (("gym:CartPole-v1", "gym"), ("sc2:MoveToBeacon", "sc2")):
        assert cli.main(["train", "ppo", "--world", world]) == 2
        assert f"pip install 'axone[{extra}]'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_the_space_of_actions_of_every_kind_of_world(recwarn):
    assert inspect_world("cart_pole").count == inspect_world("gym:CartPole-v1").count == 2
    assert inspect_world("gym:Pendulum-v1") == Continuous((1,), -1.0, 1.0)
    assert inspect_world("maze:four_rooms").names == ("up", "right", "down", "left")
    assert not [warning for warning in recwarn if issubclass(warning.category, DataNote)]


def test_no_game_is_started():
    assert inspect_world("sc2:MoveToBeacon@5000").count == 65


def test_observations_that_are_no_vector_and_no_pixels():
    with pytest.raises(UsageError, match=r"shape \(2, 3\)"):
        require_readable("table", Continuous((2, 3)))


def test_the_settings_reach_the_environments():
    settings = resolve(ControlSettings, {"world": "gym:CartPole-v1", "timeout": 7.0})
    worlds = open_copies(settings, 2, 2**63 + 5)
    assert (worlds.copies, worlds.timeout, worlds.processes, worlds.seed) == (2, 7.0, False, 5)


def test_a_policy_fits_only_worlds_of_the_same_spaces():
    settings = ControlSettings()
    worlds = open_copies(settings, 1, 0)
    facts = {"input": [4], "actions": describe_space(worlds.action_space)}
    require_same_spaces("cart_pole", worlds, json.loads(json.dumps(facts)))
    require_same_spaces("gym:CartPole-v1", open_copies(settings, 1, 0, world="gym:CartPole-v1"), facts)
    with pytest.raises(UsageError, match=r"does not fit the world 'acrobot'.\n.* shape 4; actions: left; right"):
        require_same_spaces("acrobot", open_copies(settings, 1, 0, world="acrobot"), facts)
    with pytest.raises(UsageError, match="does not fit the world 'pendulum'"):
        require_same_spaces("pendulum", open_copies(settings, 1, 0, world="pendulum"), facts)
