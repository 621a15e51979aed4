"""Who moves the units."""

import torch

from axone.play.skirmish.battles import Battles
from axone.play.skirmish.scenarios import SCENARIOS
from axone.tasks.skirmish.players import HeuristicPlayer, NetworkPlayer, RandomPlayer
from tests.helpers.battles import build_tiny


def test_players_choose_legal_actions():
    _settings, experiment = build_tiny()
    network = experiment.learner.network
    battles = Battles(SCENARIOS["3m"], 20, seed=1)
    players = [NetworkPlayer(network, battles), NetworkPlayer(network, battles, explore=True), RandomPlayer(),
               HeuristicPlayer()]  # fmt: skip
    for _step in range(12):
        legal = battles.situation.legal
        for player in players:
            actions = player.choose(battles)
            assert legal.gather(2, actions[:, :, None]).all()
        battles.step(actions)


def test_the_network_does_what_is_most_probable_unless_it_explores():
    _settings, experiment = build_tiny()
    battles = Battles(SCENARIOS["3m"], 50, seed=1)
    network = experiment.learner.network
    greedy, same = (NetworkPlayer(network, battles).choose(battles) for _time in range(2))
    drawn = NetworkPlayer(network, battles, explore=True).choose(battles)
    assert torch.equal(greedy, same) and not torch.equal(greedy, drawn)
