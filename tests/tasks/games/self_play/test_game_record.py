"""What self-play looks like: entropy, concentration, repeated games."""

import math

import pytest
import torch

from axone.tasks.games.self_play.game_record import GameRecord


def test_entropy_is_a_share_of_the_largest_over_the_legal_moves():
    record = GameRecord(1)
    policies = torch.tensor([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    legal = torch.tensor([[True, True, False, False], [True, True, True, True], [True, False, False, False]])
    record.note_search(policies, torch.tensor([[3, 1, 0, 0], [4, 0, 0, 0], [4, 0, 0, 0]]), legal)
    statistics = record.read_statistics()
    assert statistics["policy_entropy"] == pytest.approx(0.5)  # the forced move does not count
    assert statistics["visit_concentration"] == pytest.approx((0.75 + 1) / 2)
    assert record.read_statistics() == {}


def test_games_with_the_same_moves_are_repeated():
    record = GameRecord(4)
    for move in torch.tensor([[1, 1, 2, 1], [5, 5, 5, 6]]):
        record.note_moves(move)
    record.note_results(torch.tensor([1.0, 1.0, -1.0, 0.0]), torch.full((4,), 2), torch.ones(4, dtype=torch.bool))
    assert record.repeated_share() == 0.5
    statistics = record.read_statistics()
    assert statistics["first_player_wins"] == 0.5 and statistics["drawn_games"] == 0.25
    assert statistics["game_length"] == 2 and math.isclose(statistics["repeated_games"], 0.5)


def test_a_new_game_begins_without_the_moves_of_the_last():
    record = GameRecord(2)
    over, both = torch.tensor([True, False]), torch.ones(2, dtype=torch.bool)
    record.note_moves(torch.tensor([3, 4]))
    record.note_results(torch.zeros(2), torch.ones(2).long(), over)
    record.note_moves(torch.tensor([3, 4]))
    record.note_results(torch.zeros(2), torch.ones(2).long(), both)
    assert record.repeated_share() == pytest.approx(2 / 3)  # 3, 3, and 4 4


def test_the_state_is_restored():
    record, other = GameRecord(2), GameRecord(2)
    record.note_moves(torch.tensor([3, 4]))
    record.note_results(torch.zeros(2), torch.ones(2).long(), torch.tensor([True, False]))
    other.load_state_dict(record.state_dict())
    assert torch.equal(record.hashes, other.hashes) and other.read_statistics() == record.read_statistics()
