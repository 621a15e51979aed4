"""Whole episodes of mini-games, and what goes wrong in them; against a fake server, which is not the game."""

import subprocess
import sys

import pytest
import torch

from axone.errors import DataError, DataNote, ResourceError, WorkerError
from axone.play.sc2 import connection
from axone.play.sc2.mini_games import MINI_GAMES
from axone.play.sc2.worlds import Sc2Worlds
from axone.play.skirmish.actions import FIRST_TARGET
from axone.play.worlds.registry import make_worlds
from tests.helpers.fake_sc2 import serving


def go_to_the_beacon(worlds):
    return 1 + worlds.observations[:, 1].flatten(1).argmax(1)


@pytest.mark.parametrize("text_frames", [False, True])
def test_a_whole_episode_of_move_to_beacon(text_frames):
    with serving(text_frames=text_frames) as game:
        worlds = make_worlds(f"sc2:MoveToBeacon@{game.port}", 1, seed=3)
        assert worlds.max_steps == 336 and worlds.observations.shape == (1, 2, 8, 8)
        assert worlds.observations.sum((2, 3)).tolist() == [[1, 1]]  # a marine and a beacon
        total, first = 0.0, worlds.observations
        for number in range(1, 337):
            step = worlds.step(go_to_the_beacon(worlds))
            total += float(step.rewards)
            assert not step.terminated and bool(step.truncated) == (number == 336)
        assert total > 20
        assert not torch.equal(step.observations, step.final_observations)
        assert not torch.equal(step.observations, first)  # another episode
        kinds = game.kinds()
        assert kinds[:4] == ["ping", "create_game", "join_game", "observation"]
        assert kinds[4:7] == ["action", "step", "observation"] and kinds.count("create_game") == 2
        worlds.close()


def test_the_score_before_the_step_is_no_reward_and_nothing_moves_without_orders():
    with serving() as game:
        worlds = make_worlds(f"sc2:MoveToBeacon@{game.port}", 1)
        first = worlds.observations
        step = worlds.step(torch.tensor([0]))
        assert float(step.rewards) == 0 and torch.equal(step.observations, first)
        assert not next(request for request in game.requests if request.HasField("action")).action.actions


def test_two_games_have_their_own_episodes_and_seeds():
    with serving(loops=24) as first, serving(loops=2688) as second:
        ports = sorted([first.port, second.port])
        connections = [connection.Connection(connection.Address(port)) for port in (first.port, second.port)]
        worlds = Sc2Worlds(f"MoveToBeacon@{ports}", MINI_GAMES["MoveToBeacon"], connections, seed=1)
        for _number in range(3):
            step = worlds.step(torch.tensor([1, 0]))
        assert (step.truncated | step.terminated).tolist() == [True, False]
        assert step.terminated.tolist() == [True, False]  # long before the time limit of the map
        assert torch.equal(step.observations[1], step.final_observations[1])
        seeds = [request.create_game.random_seed for game in (first, second) for request in game.requests[:1]]
        assert seeds[0] != seeds[1]


def test_a_battle_ends_when_the_enemies_are_dead():
    with serving() as game:
        worlds = make_worlds(f"sc2:DefeatRoaches@{game.port}", 1)
        assert worlds.observations.shape == (1, 6, 16, 16) and worlds.action_space.names[FIRST_TARGET] == "target 0"
        total, legal_targets = 0.0, []
        while True:
            legal = worlds.legal_actions()[0]
            assert legal[:FIRST_TARGET].all()
            legal_targets.append(legal[FIRST_TARGET:].tolist())
            target = int(legal[FIRST_TARGET:].nonzero()[0])
            assert worlds.observations[0, 2 + target].sum() > 0
            step = worlds.step(torch.tensor([FIRST_TARGET + target]))
            total += float(step.rewards)
            if step.terminated:
                break
        assert total == 40 and not step.final_observations[0, 2:].any() and step.observations[0, 2:].any()
        assert [True] * 4 in legal_targets and [False, False, False, True] in legal_targets
        assert worlds.legal_actions().all()  # of the new episode


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("close", WorkerError, "ended during 'step'"),
        ("silent", WorkerError, "did not answer 'step' within 0.1 s"),
        ("error", WorkerError, "refused 'step': not in a game"),
        ("garbage", DataError, "not a message of StarCraft II"),
        ("other", DataError, "answered 'step' with 'ping'"),
    ],
)
def test_a_fault_in_the_middle_of_an_episode(fault, error, message):
    with serving(faults={"step": (5, fault)}) as game:
        connections = [connection.Connection(connection.Address(game.port), timeout=5.0)]
        worlds = Sc2Worlds("MoveToBeacon", MINI_GAMES["MoveToBeacon"], connections)
        for _number in range(5):
            worlds.step(torch.tensor([1]))
        connections[0].wait(0.1 if fault == "silent" else 5.0)
        with pytest.raises(error, match=message) as caught:
            worlds.step(torch.tensor([1]))
        assert caught.value.exit_code == (7 if error is WorkerError else 3)


def test_a_map_that_the_game_lacks():
    with serving() as game, pytest.raises(ResourceError, match=r"InvalidMapPath not a map[^\n]*\nunpack mini_games"):
        make_worlds(f"sc2:CollectMineralShards@{game.port}", 1)


def test_saved_episodes_begin_again():
    with serving() as game:
        worlds = make_worlds(f"sc2:MoveToBeacon@{game.port}", 1, seed=5)
        first, state = worlds.observations, worlds.state_dict()
        worlds.step(torch.tensor([1]))
        worlds.load_state_dict(state)  # without a warning: nothing is lost
        assert torch.equal(worlds.observations, first)
        worlds.step(torch.tensor([1]))
        with pytest.warns(DataNote, match="cannot be saved"):
            worlds.load_state_dict(worlds.state_dict())
        with pytest.raises(DataError, match="1 copies of 'sc2:Other'"):
            worlds.load_state_dict({**state, "world": "sc2:Other"})


def test_drawings():
    with serving() as game:
        worlds = make_worlds(f"sc2:MoveToBeacon@{game.port}", 1)
        image = worlds.render_image()
        colors = {tuple(color) for color in image.reshape(-1, 3).tolist()}
        assert image.dtype == torch.uint8 and {(38, 110, 180), (60, 150, 80)} < colors
        assert worlds.render_text().strip()


def test_nothing_is_imported_before_a_world_is_opened():
    code = "import sys, axone.play.worlds.registry; print({'websocket', 's2clientprotocol'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
