"""Symmetries commute with the rules: a transformed game has transformed positions, moves and the same result."""

import pytest
import torch

from axone.play.games.registry import GAMES, make_game
from axone.play.games.symmetries import symmetries_of
from axone.play.random import make_keys
from tests.helpers.games import small_game

COUNTS = {"connect_four": 2}


@pytest.fixture(params=GAMES)
def game(request):
    return small_game(request.param)


def test_each_symmetry_is_a_permutation_and_the_first_changes_nothing(game):
    symmetries = symmetries_of(game)
    assert symmetries.count == COUNTS.get(game.name, 8)
    for table in (symmetries.cells, symmetries.actions):
        assert torch.equal(table.sort(1).values, torch.arange(table.shape[1]).expand_as(table))
        assert torch.equal(table[0], torch.arange(table.shape[1])) and len(table.unique(dim=0)) == symmetries.count


def to_bitboards(game, planes):
    """Return the bitboards of two planes."""
    bits = planes.flatten(2).long() << torch.tensor(game.cells)
    return {"own": bits[:, 0].sum(1), "other": bits[:, 1].sum(1)}


def test_symmetries_commute_with_the_rules(game):
    symmetries = symmetries_of(game)
    which = torch.arange(symmetries.count).repeat(4)
    keys = make_keys(0, len(which))
    images = symmetries.actions.argsort(1)[which]  # from an action to where it is on the transformed board
    state = other = game.reset(keys)
    if "own" in state:  # the first position of Othello is not the same from every side
        other = other | to_bitboards(game, symmetries.transform_planes(game.observe(state), which))
    for counter in range(min(game.max_moves, 70)):
        planes, legal = game.observe(state), game.legal_actions(state)
        assert torch.equal(symmetries.transform_planes(planes, which), game.observe(other))
        assert torch.equal(symmetries.transform_actions(legal, which), game.legal_actions(other))
        assert torch.equal(symmetries.restore_actions(game.legal_actions(other), which), legal)
        actions = game.random_actions(state, keys, torch.full_like(keys, counter))
        state, outcome = game.step(state, actions)
        other, other_outcome = game.step(other, images.gather(1, actions[:, None])[:, 0])
        assert torch.equal(outcome.rewards, other_outcome.rewards)
    assert torch.equal(state["result"], other["result"]) and len(planes) == len(which)


def test_the_mirror_image_of_connect_four():
    symmetries = symmetries_of(make_game("connect_four"))
    values = torch.arange(7)[None]
    assert symmetries.transform_actions(values, torch.tensor([1])).tolist() == [[6, 5, 4, 3, 2, 1, 0]]


def test_a_pass_is_the_same_on_every_board():
    assert symmetries_of(make_game("othello")).actions[:, 64].tolist() == [64] * 8
