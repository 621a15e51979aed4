"""The game that settings name."""

from __future__ import annotations

from typing import Any, TypeVar

import torch

from axone.errors import SettingsError
from axone.messages import _
from axone.numbers import format_percent
from axone.play.bodies import choose_body
from axone.play.games.board_game import BoardGame
from axone.play.games.registry import make_game
from axone.tasks.games.settings import GameSettings
from axone.tasks.games.territory import count_points

Kind = TypeVar("Kind", bound=GameSettings)
GO_SIZES = (5, 19)
OPENINGS = {"connect_four": 20, "tic_tac_toe": 4, "othello": 20}  # random moves, at most; in Go, the side of the board


def read_options(settings: GameSettings) -> dict[str, Any]:
    """Return the arguments of the game's class. Raises SettingsError for a board that the game does not have."""
    if settings.game == "go":
        size = settings.board_size or 9
        if not GO_SIZES[0] <= size <= GO_SIZES[1]:
            raise SettingsError(
                _("{name} cannot be '{value}'.", name="board_size", value=size),
                expected=_("expected {low} to {high}", low=GO_SIZES[0], high=GO_SIZES[1]),
            )
        return {"size": size} | ({"komi": settings.komi} if settings.komi >= 0 else {})
    height, width = make_game(settings.game).board
    if settings.board_size not in (0, height, width):
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="board_size", value=settings.board_size),
            expected=_("{game} has one board, {height} x {width}", game=settings.game, height=height, width=width),
            hint=_("leave --board-size out; Go has boards from {low} to {high}", low=GO_SIZES[0], high=GO_SIZES[1]),
        )
    if settings.komi >= 0:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="komi", value=settings.komi),
            expected=_("only Go has komi, points for the second player"),
        )
    return {}


def complete_settings(settings: Kind) -> Kind:
    """Choose how long the openings are, unless it is set.

    Raises SettingsError for a board that the game does not have.
    """
    options = read_options(settings)
    if "opening" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"opening": options["size"] if "size" in options else OPENINGS[settings.game]})


def make_facts(settings: GameSettings) -> dict[str, Any]:
    """Return what a network of these settings needs to be built again: the game and the shapes."""
    options = read_options(settings)
    game = make_game(settings.game, **options)
    return {
        "task": "game",
        "game": settings.game,
        "game_options": options,
        "input": list(game.observations.shape),
        "actions": game.actions.count,
        "example": game.describe_action(game.actions.count // 2),
    } | ({"points": count_points(game)} if count_points(game) else {})


def describe_training(settings: GameSettings) -> list[str]:
    """Return the sentences that are shown before training: what is played, and how much."""
    per_epoch = round(settings.batches * settings.batch_size / settings.passes)
    return [
        _(
            "{game}: {games} games at once; about {positions} positions an epoch, of which {share} have a full search.",
            game=settings.game,
            games=settings.games,
            positions=per_epoch,
            share=format_percent(settings.full_share, 0),
        )
    ]


def restore_game(facts: dict[str, Any], device: torch.device | str = "cpu") -> BoardGame:
    """Return the game of a run, with the functions that run fastest on a device."""
    return choose_body(make_game(facts["game"], **facts["game_options"]), device)
