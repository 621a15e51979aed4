"""Our worlds in Gymnasium: its checker passes, and the vector form keeps what its documentation says."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

from axone.play.gym.export import GymVectorWorlds, GymWorld
from axone.play.worlds.registry import WORLDS

NAMES = sorted(WORLDS)


@pytest.mark.parametrize("name", NAMES)
def test_gymnasium_s_checker_passes(name):
    with warnings.catch_warnings():
        # Remarks on bounds of spaces, and on an environment that was not registered.
        warnings.filterwarnings("ignore", message=".*(infinity|symmetric and normalized|having a spec).*")
        check_env(GymWorld(name, render_mode="rgb_array", body="torch"))


@pytest.mark.parametrize("name", NAMES)
def test_the_vector_form(name):
    environments = GymVectorWorlds(name, 5, body="torch")
    assert environments.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    first, info = environments.reset(seed=7)
    assert first in environments.observation_space and info == {}
    assert np.array_equal(environments.reset(seed=7)[0], first)
    assert not np.array_equal(environments.reset(seed=8)[0], first) or name in ("maze", "breakout")
    environments.action_space.seed(0)
    for _ in range(12):
        observations, rewards, terminated, truncated, info = environments.step(environments.action_space.sample())
        assert observations in environments.observation_space and observations.dtype == np.float32
        assert rewards.shape == (5,) and rewards.dtype == np.float64
        assert terminated.dtype == truncated.dtype == bool
        ended = terminated | truncated
        assert ("final_obs" in info) == ended.any()
        if ended.any():
            assert np.array_equal(info["_final_obs"], ended)
            assert all(
                info["final_obs"][copy] in environments.single_observation_space for copy in np.flatnonzero(ended)
            )


def test_the_last_observation_is_in_the_info_and_the_next_episode_has_begun():
    environments = GymVectorWorlds("maze", 3, body="torch")
    environments.reset(seed=0)
    for action in (0, 0, 1, 1):
        environments.step(np.full(3, action))
    observations, rewards, terminated, _truncated, info = environments.step(np.array([1, 3, 1]))
    assert terminated.tolist() == [True, False, True] and rewards.tolist() == [1, 0, 1]
    assert observations.argmax(1).tolist() == [8, 1, 8] and info["final_obs"][0].argmax() == 3
    assert info["final_obs"][1] is None


def test_the_wrappers_of_gymnasium_work():
    wrapped = gymnasium.wrappers.vector.RecordEpisodeStatistics(GymVectorWorlds("cart_pole", 4, body="torch"))
    wrapped.reset(seed=0)
    lengths = []
    for _ in range(60):
        *_results, info = wrapped.step(np.zeros(4, dtype=np.int64))
        lengths += info["episode"]["l"][info["_episode"]].tolist() if "episode" in info else []
    assert len(lengths) > 10 and all(8 <= length <= 11 for length in lengths)


def test_renderings_and_mistakes():
    environments = GymVectorWorlds("maze", 2, render_mode="ansi", body="torch")
    with pytest.raises(gymnasium.error.ResetNeeded):
        environments.step(np.zeros(2, dtype=np.int64))
    environments.reset(seed=0)
    assert environments.render()[1].count("@") == 1
    with pytest.raises(ValueError, match="reset_mask"):
        environments.reset(options={"reset_mask": np.ones(2, dtype=bool)})
    one = GymWorld("maze", render_mode="ansi", body="torch")
    assert one.render() is None
    with pytest.raises(gymnasium.error.ResetNeeded):
        one.step(0)
    one.reset(seed=0)
    assert one.render().count("@") == 1
    with pytest.raises(AssertionError, match="not in"):
        one.step(4)
