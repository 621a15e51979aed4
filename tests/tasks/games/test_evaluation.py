"""A network as the evaluation of positions: the same answers as the network, and no change before `refresh`."""

from contextlib import contextmanager

import torch

from axone.play.random import make_keys
from axone.systems import alphazero
from axone.tasks.games.evaluation import NetworkEvaluation
from axone.tasks.games.game_facts import make_facts, restore_game
from tests.helpers.self_play import tiny_settings


def test_it_answers_as_the_network_does_after_refreshing():
    settings = tiny_settings()
    facts = make_facts(settings)
    game, network = restore_game(facts), alphazero.model(settings, facts).eval()
    evaluation = NetworkEvaluation(network, game, "float32")
    state = game.reset(make_keys(0, 3))
    with torch.no_grad():
        before = network(game.observe(state))[0].clone()
        for parameter in network.parameters():
            parameter.add_(0.1)
        after, values = network(game.observe(state))
    torch.testing.assert_close(evaluation(state)[0], before)
    evaluation.refresh()
    torch.testing.assert_close(evaluation(state), (after, values[:, 0]))
    assert evaluation.positions == 6


def test_the_weights_may_be_others_than_those_of_the_moment():
    settings = tiny_settings()
    facts = make_facts(settings)
    game, network = restore_game(facts), alphazero.model(settings, facts).eval()
    state = game.reset(make_keys(0, 3))

    @contextmanager
    def doubled():
        with torch.no_grad():
            network.value.weight.mul_(2)
            yield
            network.value.weight.div_(2)

    network.value.weight.data.fill_(0.01)
    evaluation = NetworkEvaluation(network, game, "float32", weights=doubled)
    before = evaluation(state)[1]
    evaluation.refresh()
    assert not torch.allclose(evaluation(state)[1], before)
