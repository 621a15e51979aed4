"""Greedy episodes: exactly one in each copy, the same ones each time, and an end for those that have none."""

import torch

from axone.tasks.control.experience.episodes import STEPS, Episodes
from axone.tasks.control.worlds.member_worlds import MemberWorlds
from tests.helpers.control_worlds import Broken, Corridor, make_copies


class ToTheRight:
    """Member 0 goes to the right, member 1 to the left."""

    def initial_memory(self, copies):
        return {}

    def exploit(self, observations, memory):
        return torch.tensor([[1], [0]]).expand(observations.shape[:2]), memory


def play(world, limit):
    episodes = Episodes(lambda: MemberWorlds(make_copies(world, 2 * 4), 2), 2, 4, limit)
    for _attempt in range(2):  # the same episodes again
        parts = 0
        for part in episodes.batches(1):
            part.play(ToTheRight())
            parts += 1
    return episodes, parts


def test_each_copy_plays_one_episode():
    episodes, parts = play(Corridor(), 50)
    assert parts == len(episodes) == 1
    assert episodes.returns.tolist() == [[1.0] * 4, [0.0] * 4]
    assert episodes.lengths.tolist() == [[2] * 4, [6] * 4]
    assert episodes.cut_off == 0


def test_an_episode_that_never_ends_is_cut_off():
    episodes, parts = play(Broken("endless"), 2 * STEPS + 7)
    assert parts == len(episodes) == 3
    assert episodes.lengths.tolist() == [[207] * 4] * 2
    assert episodes.cut_off == 8
