"""The window: the newest positions stay, and what was saved is restored."""

import torch

from axone.tasks.games.self_play.positions import Positions
from axone.tasks.games.self_play.replay_window import ReplayWindow


def positions(first, count):
    numbers = torch.arange(first, first + count)
    return Positions(
        (numbers % 2).to(torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2),
        torch.ones(count, 3, dtype=torch.bool), torch.rand(count, 3), torch.ones(count), numbers.float(),
        torch.zeros(count, 0, dtype=torch.int8), torch.zeros(count),
    )  # fmt: skip


def test_the_newest_positions_replace_the_oldest():
    window = ReplayWindow(5, (1, 2, 2), 3)
    window.add(positions(0, 3))
    assert len(window) == 3
    window.add(positions(3, 4))
    assert len(window) == 5 and sorted(window.positions.values.tolist()) == [2, 3, 4, 5, 6]
    window.add(positions(7, 12))
    assert sorted(window.positions.values.tolist()) == [14, 15, 16, 17, 18] and window.added == 19


def test_what_is_drawn_belongs_together():
    window = ReplayWindow(50, (1, 2, 2), 3)
    window.add(positions(0, 20))
    drawn = window.sample(40, torch.Generator().manual_seed(0))
    assert drawn.values.max() < 20 and len(drawn.values.unique()) > 10
    assert torch.equal(drawn.observations[:, 0, 0, 0], (drawn.values % 2).to(torch.uint8))


def test_the_state_has_no_empty_part_and_is_restored():
    window, other = ReplayWindow(8, (1, 2, 2), 3), ReplayWindow(8, (1, 2, 2), 3)
    window.add(positions(0, 3))
    state = window.state_dict()
    assert len(state["positions"]["values"]) == 3
    other.load_state_dict(state)
    for one in (window, other):
        one.add(positions(3, 7))
    assert all(
        torch.equal(one, two) for one, two in zip(window.positions, other.positions) if one.dtype != torch.float32
    )
    assert torch.equal(window.positions.values, other.positions.values)
