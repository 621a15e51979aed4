"""Tiny trainings of a game, for tests of self-play."""

from __future__ import annotations

from typing import Any

import torch

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.settings import resolve
from axone.systems import alphazero
from axone.tasks.games.evaluation import NetworkEvaluation
from axone.tasks.games.game_facts import make_facts, restore_game
from axone.tasks.games.players import NetworkPlayer, make_rule

TINY: dict[str, Any] = {
    "game": "tic_tac_toe", "games": 12, "simulations": 4, "fast_simulations": 2, "opening": 2, "channels": 4,
    "blocks": 1, "batches": 3, "ruler": 0.01, "batch_size": 16, "window": 200, "epochs": 2, "learning_rate": 0.01,
    "threads": 1, "device": "cpu", "precision": "float32",
}  # fmt: skip


def shorten_measurements(monkeypatch: Any) -> None:
    """Let measurements be of a few games: a real run plays a hundred against each of four opponents at the end."""
    monkeypatch.setattr("axone.tasks.games.strength.ruler.FINAL_GAMES", 4)
    monkeypatch.setattr("axone.tasks.games.strength.ruler.FEWEST", 4)
    monkeypatch.setattr("axone.tasks.games.strength.opponents.FINAL", ("random",))


def tiny_settings(**changes: Any) -> alphazero.Settings:
    """Return the settings of a tiny training."""
    settings = resolve(alphazero.Settings, {**TINY, **changes})
    assert isinstance(settings, alphazero.Settings)
    return settings


def tiny_experiment(**changes: Any) -> Experiment:
    """Return a tiny training."""
    settings = tiny_settings(**changes)
    torch.manual_seed(settings.seed)
    return alphazero.build(settings, BuildContext())


def untrained_player(**changes: Any) -> NetworkPlayer:
    """Return an untrained network as a player that does not explore."""
    settings = tiny_settings(**changes)
    facts = make_facts(settings)
    torch.manual_seed(settings.seed)
    game = restore_game(facts)
    network = alphazero.searched(alphazero.model(settings, facts), settings, facts)
    evaluation = NetworkEvaluation(network, game, "float32")
    return NetworkPlayer(game, evaluation, make_rule(settings, 1.0, explores=False), settings.simulations)
