"""OpenSpiel (Google DeepMind, Apache-2.0), a second implementation of the same games, with which ours are compared."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

# Our number of an action, and the position's number of moves -> the same action in OpenSpiel.
Translation = Callable[[int], int]
# Our state and a copy in it, OpenSpiel's state: raises AssertionError where the position differs.
Check = Callable[[Any, int, Any], None]


@dataclass
class Agreement:
    """What was compared: each field counts things that were equal.

    Args:
        games: Games that were played to their end.
        positions: Positions whose legal actions and player were compared.
        moves: Moves that were made.
        results: How many games the first player won, drew and lost.
        histories: The actions of each game, by our numbers.
        state: Our last positions, all finished.
    """

    games: int
    positions: int
    moves: int
    results: tuple[int, int, int]
    histories: list[list[int]]
    state: dict[str, torch.Tensor]


def compare(
    game: Any,
    theirs: Any,
    *,
    games: int,
    seed: int = 0,
    translate: Translation = int,
    actions: int | None = None,
    check: Check | None = None,
) -> Agreement:
    """Play the same random games with both, and compare the player, the legal actions and the result of each.

    Args:
        game: A game of Axone, with either body.
        theirs: The game of OpenSpiel, as `pyspiel.load_game` returns it.
        games: The number of random games, which are played at once.
        seed: The seed of the choice of the moves.
        translate: From our number of an action to theirs; the same by default.
        actions: How many actions both have; ours by default.
        check: Compares more of each position, the last one of each game included.

    Raises:
        AssertionError: Something differs, with the moves that lead to it.
    """
    from axone.play.random import make_keys

    generator = random.Random(seed)
    count = game.actions.count if actions is None else actions
    numbers = [translate(action) for action in range(count)]
    state = game.reset(make_keys(seed, games))
    others = [theirs.new_initial_state() for _ in range(games)]
    histories: list[list[int]] = [[] for _ in range(games)]
    positions, was_finished = 0, [False] * games
    while True:
        legal, players = game.legal_actions(state).tolist(), state["player"].tolist()
        finished, results = state["finished"].tolist(), state["result"].tolist()
        actions_of_copies = [0] * games
        for index, other in enumerate(others):
            where = f"game {index} after {histories[index]}"
            assert other.is_terminal() == finished[index], f"{where}: finished"
            if check is not None and not was_finished[index]:
                check(state, index, other)
            ours = [number for number, allowed in enumerate(legal[index]) if allowed]
            if finished[index]:
                assert not ours, f"{where}: legal actions of a finished game"
                assert other.returns()[0] == results[index], f"{where}: result {results[index]}"
                continue
            positions += 1
            assert other.current_player() == players[index], f"{where}: player"
            same = sorted(numbers[action] for action in ours)
            assert same == sorted(other.legal_actions()), f"{where}: legal actions {ours}"
            actions_of_copies[index] = generator.choice(ours)
            histories[index].append(actions_of_copies[index])
            other.apply_action(numbers[actions_of_copies[index]])
        if all(finished):
            break
        was_finished = finished
        state, _outcome = game.step(state, torch.tensor(actions_of_copies))
    counts = tuple(sum(result == value for result in results) for value in (1, 0, -1))
    return Agreement(games, positions, sum(map(len, histories)), counts, histories, state)
