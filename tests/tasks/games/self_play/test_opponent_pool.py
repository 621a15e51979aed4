"""Games against earlier networks: who moves, what is learned from, which network evaluates, and what they score."""

import pytest
import torch

from axone.tasks.games.self_play.opponent_pool import EARLIER, NO_SIDE, TwoNetworks
from tests.helpers.self_play import tiny_experiment


def perturb(network):
    """Change the weights, as a training does."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))


@pytest.fixture
def experiment():
    """A training at the beginning of its third epoch, all of whose new games are against an earlier network."""
    experiment = tiny_experiment(pool_share=1.0, pool=2, opening=0)
    for epoch in (1, 2, 3):
        experiment.train.pool.begin_epoch(epoch)
        perturb(experiment.learner.network)
    return experiment


def test_the_newest_networks_stay(experiment):
    pool = experiment.train.pool
    assert list(pool.weights) == [1, 2] and pool.opponent in (1, 2)
    pool.begin_epoch(4)
    assert list(pool.weights) == [2, 3]
    one, other = (next(iter(weights.values())) for weights in pool.weights.values())
    assert not torch.equal(one, other)


def test_only_positions_of_the_current_network_are_learned_from(experiment):
    stream = experiment.train
    assert (stream.pool.sides == NO_SIDE).all()  # games that had begun before there was an opponent
    while (stream.pool.sides == NO_SIDE).any():
        stream.play_moves()
    is_own = stream.state["player"] != stream.pool.sides
    assert 0 < int(is_own.sum()) < len(is_own)
    before = len(stream.pending.players)
    stream.collect_finished = lambda: None
    stream.play_moves()
    assert stream.pending.copies[before:].tolist() == is_own.nonzero()[:, 0].tolist()


def test_each_network_evaluates_its_own_trees(experiment):
    stream = experiment.train
    stream.evaluation.refresh()
    is_other = not torch.equal(stream.evaluation(stream.state)[0], stream.pool.earlier(stream.state)[0])
    assert is_other  # the weights that were loaded play
    functions = TwoNetworks(stream.evaluation, stream.pool.earlier)
    is_earlier = torch.tensor([True, False] * 6)
    state = {**stream.state, EARLIER: is_earlier}
    logits, values = functions.evaluate_by_tree(state)
    for evaluation, mask in ((stream.evaluation, ~is_earlier), (stream.pool.earlier, is_earlier)):
        expected, estimates = evaluation(stream.state)
        assert torch.allclose(logits[mask], expected[mask], atol=1e-5)
        assert torch.allclose(values[mask], estimates[mask], atol=1e-5)
    assert not torch.allclose(logits[0], logits[1], atol=1e-5)
    after, _outcome = functions.step(state, torch.zeros(12, dtype=torch.int64))
    assert torch.equal(after[EARLIER], is_earlier)


def test_points_are_those_of_the_current_network(experiment):
    pool = experiment.train.pool
    pool.sides = torch.tensor([0, 1, 0, 1, NO_SIDE, 0])
    results = torch.tensor([1.0, 1.0, -1.0, 0.0, 1.0, 1.0])
    finished = torch.tensor([True] * 5 + [False])
    assert pool.points(results, finished).tolist() == [0.0, 1.0, 1.0, 0.5]


def test_the_score_is_reported():
    stream = tiny_experiment(pool_share=0.5, batches=20).train
    assert not any("score:pool" in batch.statistics for batch in stream.batches(1))
    scores = [batch.statistics["score:pool"] for batch in stream.batches(2) if "score:pool" in batch.statistics]
    assert scores and all(0 <= float(score) <= 1 for score in scores)


def test_without_a_share_there_is_no_opponent():
    pool = tiny_experiment().train.pool
    pool.begin_epoch(2)
    assert pool.opponent == 0 and not pool.weights
