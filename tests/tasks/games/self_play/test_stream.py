"""Self-play: what becomes of a position, playout caps, symmetries, and a state from the middle of games."""

import copy

import pytest
import torch

from tests.helpers.self_play import tiny_experiment


@pytest.fixture
def stream():
    return tiny_experiment().train


def equal(one, other):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    return one == other


def test_values_are_the_results_for_the_player_to_move():
    stream = tiny_experiment(value_mix=0.0).train
    while not len(stream.window):
        stream.play_moves()
    values = stream.window.positions.values[: len(stream.window)]
    assert set(values.tolist()) <= {-1.0, 0.0, 1.0}
    # In tic-tac-toe the player to move in the last position of a game that was won has won it.
    planes = stream.window.positions.observations[: len(stream.window)]
    stones = planes.sum((1, 2, 3))
    assert ((planes[:, 0].sum((1, 2)) == planes[:, 1].sum((1, 2))) == (stones % 2 == 0)).all()


def test_moves_of_the_opening_are_not_searched():
    stream = tiny_experiment(opening=1000, games=16).train
    stream.openings = torch.full_like(stream.openings, 1000)
    stream.play_moves()
    assert stream.evaluation.positions == 16  # the roots alone


def test_only_positions_after_the_opening_are_learned_from():
    stream = tiny_experiment(opening=3).train
    openings = stream.openings.clone()
    assert openings.min() == 0 and openings.max() == 3
    stream.play_moves()
    assert sorted(stream.pending.copies.tolist()) == (openings == 0).nonzero()[:, 0].tolist()


def test_the_share_of_full_searches_is_that_of_the_setting():
    stream = tiny_experiment(games=4, full_share=0.5, opening=0).train
    for _move in range(20):
        stream.play_moves()
    weights = torch.cat((stream.window.positions.weights[: len(stream.window)], stream.pending.positions.weights))
    assert len(weights) == 80
    assert int(weights.sum()) % 4 == 0 and 0.25 < float(weights.mean()) < 0.75  # all games or none in each move
    always = tiny_experiment(full_share=1.0, opening=0).train
    always.play_moves()
    assert always.pending.positions.weights.tolist() == [1.0] * 12


def test_the_value_may_be_mixed_with_that_of_the_search():
    stream = tiny_experiment(value_mix=1.0).train
    while not len(stream.window):
        stream.play_moves()
    assert not set(stream.window.positions.values[: len(stream.window)].tolist()) <= {-1.0, 0.0, 1.0}


def test_each_position_is_learned_from_as_often_as_set():
    stream = tiny_experiment(passes=1.5).train
    for batch in [*stream.batches(1), *stream.batches(2)]:
        assert len(batch.values) == 16
    assert stream.learned == 6 * 16
    assert stream.learned <= stream.window.added * 1.5 < stream.learned + 1.5 * 12 * 9


def test_a_transformed_position_has_the_transformed_moves(stream):
    batch = next(stream.batches(1))
    is_free = batch.observations.sum(1).flatten(1) == 0
    assert torch.equal(is_free, batch.legal) and not batch.policies[~batch.legal].any()
    assert torch.allclose(batch.policies.sum(1), torch.ones(16))


def test_the_state_continues_in_the_middle_of_games():
    first = tiny_experiment().train
    for _move in range(5):
        first.play_moves()
    assert len(first.pending.copies) and first.moves.unique().numel() > 1
    saved = copy.deepcopy(first.state_dict())
    second = tiny_experiment().train
    second.load_state_dict(saved)
    for one in (first, second):
        for _move in range(7):
            one.play_moves()
    assert equal(first.state_dict(), second.state_dict())


def test_an_epoch_has_as_many_batches_as_set(stream):
    assert stream.to(torch.device("cpu")) is stream and len(stream) == 3 and stream.samples == 48


def test_puct_plays_too():
    stream = tiny_experiment(rule="puct").train
    assert len(next(stream.batches(1)).values) == 16


@pytest.mark.parametrize("rule", ["puct", "gumbel"])
def test_searches_continue_in_the_subtree_of_the_move(rule):
    stream = tiny_experiment(rule=rule, reuse=True, simulations=40, full_share=1.0, opening=0).train
    assert stream.tree is None
    stream.play_moves()
    first = stream.tree
    roots = first.roots
    assert all(torch.equal(first.state[name][roots], values) for name, values in stream.state.items())
    earlier = first.edge_visits(roots).sum(1)
    assert earlier.any()
    visits = []
    stream.record.note_search = lambda policies, counts, legal: visits.append(counts.sum(1))
    stream.play_moves()
    assert visits[0].tolist() == (earlier + 40).tolist()


def test_a_game_against_the_pool_has_no_subtree():
    stream = tiny_experiment(reuse=True, simulations=40, fast_simulations=40, opening=0, pool_share=0.5).train
    stream.pool.begin_epoch(2)
    stream.pool.sides[:6] = torch.tensor([0, 1] * 3)
    stream.play_moves()
    sizes = stream.tree.sizes
    assert (sizes[:6] == 1).all() and (sizes[6:] > 1).any()
    stream.play_moves()
