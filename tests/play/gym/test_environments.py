"""Gymnasium's environments as worlds: equal to Gymnasium's own vector form, and each of their mistakes is an error."""

import os
import threading
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from axone.errors import DataError, DataNote, UsageError, WorkerError
from axone.play.batch import AUTORESET_MODE
from axone.play.gym import environments
from axone.play.gym.environments import DEFAULT_LIMIT, GymWorlds
from axone.play.worlds.registry import make_worlds

NOWHERE = Path(os.devnull)  # never a file


class Steps(gymnasium.Env):
    """Counts its steps; each test changes one thing."""

    observation_space = spaces.Box(-10, 10, (2,), np.float32)
    action_space = spaces.Discrete(2)
    changes: dict = {}  # noqa: RUF012

    def __init__(self, **changes):
        self.changes = changes
        self.observation_space = changes.get("observation_space", self.observation_space)
        self.action_space = changes.get("action_space", self.action_space)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        observation = np.array([0.0, self.np_random.random()], dtype=np.float32)
        return observation if self.changes.get("old_reset") else (observation, {})

    def step(self, action):
        self.count += 1
        if self.count == self.changes.get("waits"):
            threading.Event().wait()
        if self.count == self.changes.get("dies") and not self.changes.get("once", NOWHERE).is_file():
            self.changes.get("once", NOWHERE).touch()
            os._exit(1)
        if self.count == self.changes.get("raises"):
            raise RuntimeError("the motor is broken")
        value = np.nan if self.count == self.changes.get("nan_observation") else self.count
        reward = np.inf if self.count == self.changes.get("nan_reward") else 1.0
        result = (np.array([value, 0.5], dtype=np.float32), reward, False, False, {})
        return (*result[:3], {}) if self.changes.get("old_step") else result


@pytest.fixture
def make():
    """Return a function that registers and opens an environment with one thing changed."""
    names, worlds = [], []

    def open_changed(max_episode_steps=5, options=(), **changes):
        name = f"Steps{len(names)}-v0"
        gymnasium.register(name, entry_point=Steps, max_episode_steps=max_episode_steps, kwargs=changes)
        names.append(name)
        worlds.append(make_worlds(f"gym:{name}", 3, **dict(options)))
        return worlds[-1]

    yield open_changed
    for opened in worlds:
        opened.close()
    for name in names:
        del gymnasium.registry[name]


def test_episodes_are_those_of_gymnasium():
    worlds = make_worlds("gym:CartPole-v1", 4, seed=2)
    assert isinstance(worlds, GymWorlds) and worlds.max_steps == 500 and worlds.observations.shape == (4, 4)
    assert worlds.environments.metadata["autoreset_mode"].value == AUTORESET_MODE
    others = [gymnasium.make("CartPole-v1") for _ in range(4)]
    for copy, other in enumerate(others):
        other.reset()
        other.unwrapped.state = worlds.environments.envs[copy].unwrapped.state
    ended = 0
    for count in range(40):
        actions = torch.tensor([1, 0, count % 2, 1])
        step = worlds.step(actions)
        assert not (step.terminated & step.truncated).any()
        for copy, other in enumerate(others):
            observation, reward, terminated, _truncated, _info = other.step(int(actions[copy]))
            assert step.final_observations[copy].tolist() == observation.tolist()
            assert (float(step.rewards[copy]), bool(step.terminated[copy])) == (reward, terminated)
            if terminated:
                ended += 1
                assert not torch.equal(step.observations[copy], step.final_observations[copy])
                other.reset()
                other.unwrapped.state = worlds.environments.envs[copy].unwrapped.state
    assert ended > 8


def test_a_time_limit_truncates(make):
    worlds = make()
    steps = [worlds.step(torch.zeros(3, dtype=torch.int64)) for _ in range(6)]
    assert [bool(step.truncated.all()) for step in steps] == [False] * 4 + [True, False]
    assert steps[4].final_observations[:, 0].tolist() == [5, 5, 5] and steps[4].observations[:, 0].tolist() == [0, 0, 0]


def test_a_resumed_run_begins_new_episodes_that_are_always_the_same(make):
    worlds = make()
    for _ in range(3):
        worlds.step(torch.zeros(3, dtype=torch.int64))
    state, first = worlds.state_dict(), worlds.observations
    with pytest.warns(DataNote, match="new episodes begin"):
        worlds.load_state_dict(state)
    again = worlds.observations
    assert again[:, 0].tolist() == [0, 0, 0] and not torch.equal(again, first)
    other = make()
    with pytest.raises(DataError, match="saved episodes"):
        other.load_state_dict(state)
    worlds.step(torch.ones(3, dtype=torch.int64))
    with pytest.warns(DataNote):
        worlds.load_state_dict(state)
    assert torch.equal(worlds.observations, again)


def test_bounded_actions_are_scaled_and_byte_observations_are_planes(make):
    worlds = make(
        action_space=spaces.Box(np.array([0, -2], "f4"), np.array([4, 2], "f4")),
        observation_space=spaces.Box(-1, 1, (2,), np.float32),
    )
    assert (worlds.action_space.low, worlds.action_space.high, worlds.action_space.shape) == (-1, 1, (2,))
    chosen = worlds._actions.convert(np.array([[-1, 0], [1, 9], [0, 0.5]], "f4"))
    assert chosen.tolist() == [[0, 0], [4, 2], [2, 1]]


@pytest.mark.parametrize(("name", "shape"), [("FrozenLake-v1", (16,)), ("Taxi-v4", (500,)), ("Pendulum-v1", (3,))])
def test_environments_with_other_spaces(name, shape):
    if name not in gymnasium.registry:
        pytest.skip("another version of Gymnasium")
    worlds = make_worlds(f"gym:{name}", 2)
    assert worlds.observations.shape == (2, *shape)
    space = worlds.action_space
    actions = torch.zeros(2, *space.shape) if hasattr(space, "shape") else torch.zeros(2, dtype=torch.int64)
    assert worlds.step(actions).final_observations.shape == (2, *shape)


def test_an_unknown_id_is_answered_with_the_closest_ones():
    with pytest.raises(UsageError, match=r"closest: .*LunarLander-v") as caught:
        make_worlds("gym:LunarLandr-v3", 2)
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError, match="names a module"):
        make_worlds("gym:os:Env-v0", 2)


def test_spaces_that_are_not_supported_are_refused_with_those_that_are(make):
    with pytest.raises(UsageError, match="Box, Discrete, MultiBinary"):
        make(observation_space=spaces.Dict({"a": spaces.Discrete(2)}))
    with pytest.raises(UsageError, match="supported: Discrete, Box"):
        make(action_space=spaces.MultiDiscrete([2, 3]))


def test_the_old_interface_is_quoted(make):
    with pytest.raises(DataError, match=r"reset\(\) returns ndarray") as caught:
        make(old_reset=True)
    assert caught.value.exit_code == 3
    with pytest.raises(DataError, match=r"step\(\) returns a tuple of ndarray, float, bool, dict"):
        make(old_step=True)


@pytest.mark.parametrize(("change", "part"), [("nan_observation", "observation"), ("nan_reward", "reward")])
def test_what_is_not_finite_names_copy_and_step(make, change, part):
    worlds = make(**{change: 3})
    with pytest.raises(DataError, match=f"the {part} of copy 0 is not finite in step 3") as caught:
        for _ in range(3):
            worlds.step(torch.zeros(3, dtype=torch.int64))
    assert caught.value.exit_code == 3


def test_an_environment_that_raises_is_quoted_with_the_step(make):
    worlds = make(raises=4)
    with pytest.raises(WorkerError, match=r"step\(\), step 4: RuntimeError: the motor is broken") as caught:
        for _ in range(4):
            worlds.step(torch.zeros(3, dtype=torch.int64))
    assert caught.value.exit_code == 7


def test_an_environment_without_a_time_limit_gets_one_with_a_warning(make):
    with pytest.warns(DataNote, match="no time limit"):
        worlds = make(max_episode_steps=None)
    assert worlds.max_steps == DEFAULT_LIMIT
    assert worlds.environments.envs[0].spec.max_episode_steps == DEFAULT_LIMIT


def test_images(make):
    worlds = make_worlds("gym:CartPole-v1", 1)
    if worlds.draws and pytest.importorskip("pygame"):
        assert worlds.render_image().shape[2] == 3
    with pytest.raises(UsageError, match="draws no images"):
        make().render_image()


PROCESSES = {"processes": True}
RIGHT = torch.ones(3, dtype=torch.int64)


def test_a_step_that_does_not_end_is_interrupted(make):
    worlds = make(options={"timeout": 0.3}, waits=2)
    worlds.step(RIGHT)
    with pytest.raises(
        WorkerError, match=r"'gym:Steps0-v0': step\(\) has not ended after 0.3 seconds, in step 2"
    ) as caught:
        worlds.step(RIGHT)
    assert caught.value.exit_code == 7
    assert "--timeout 3 (0: no limit)" in caught.value.hint and "--processes" in caught.value.hint


def test_an_environment_whose_first_step_does_not_end_is_not_opened(make):
    with pytest.raises(WorkerError, match="in step 1"):
        make(options={"timeout": 0.3}, waits=1)


def test_copies_in_processes_play_the_same_episodes(make):
    one, other = make(max_episode_steps=3), make(max_episode_steps=3, options=PROCESSES)
    for _ in range(4):
        assert torch.equal(one.observations, other.observations)
        for expected, actual in zip(one.step(RIGHT), other.step(RIGHT)):
            assert torch.equal(expected, actual)


def test_a_process_that_dies_is_started_again_and_episodes_are_cut_off(make, tmp_path):
    worlds = make(options=PROCESSES, dies=2, once=tmp_path / "died")
    before = worlds.step(RIGHT).observations
    with pytest.warns(DataNote, match=r"A process of 'gym:Steps0-v0' died in step\(\), step 2.*again \(1 of 3\)"):
        step = worlds.step(RIGHT)
    assert step.truncated.all() and not step.terminated.any() and not step.rewards.any()
    assert torch.equal(step.final_observations, before) and step.observations[:, 0].tolist() == [0, 0, 0]
    assert [worlds.step(RIGHT).observations[0, 0] for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [("dies", "A process of .* died"), ("waits", "has not ended after 0.3 seconds"), ("raises", "the motor is broken")],
)
@pytest.mark.filterwarnings("ignore::axone.errors.DataNote", "ignore:(?s).*the motor is broken")
def test_processes_that_fail_again_and_again_end_the_training(make, monkeypatch, change, message):
    monkeypatch.setattr(environments, "RESTARTS", 1)
    worlds = make(options={**PROCESSES, "timeout": 0.3 if change == "waits" else 60.0}, **{change: 2})
    with pytest.raises(WorkerError, match=message) as caught:
        for _ in range(5):
            worlds.step(RIGHT)
    assert caught.value.exit_code == 7 and worlds.restarts == 1
    assert not any(process.is_alive() for process in worlds.environments.processes)
