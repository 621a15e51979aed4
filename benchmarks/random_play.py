"""Random games of `axone.play`: moves a second, compared with OpenSpiel, and whether both bodies compute the same bits.

`games.py` and `go.py` use it. Times are processor seconds of this process, so that other programs count little.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import torch


def measure_rates(
    contenders: dict[str, Callable[[float], float]], seconds: float, rounds: int
) -> dict[str, list[float]]:
    """Return the moves a second of contenders that take turns.

    Args:
        contenders: For each name, a function that plays for about that many processor seconds and returns its rate.
        seconds: The length of a turn.
        rounds: The number of turns of each.
    """
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for play in contenders.values():
        play(0.0)  # compilation and first calls
    for _ in range(rounds):
        for name, play in contenders.items():
            rates[name].append(play(seconds))
    return rates


def play_open_spiel(theirs: Any, seconds: float) -> float:
    """Return moves a second of OpenSpiel from Python: the list of legal actions, a choice, the move."""
    generator, moves, began = random.Random(0), 0, time.process_time()
    while True:
        state = theirs.new_initial_state()
        while not state.is_terminal():
            state.apply_action(generator.choice(state.legal_actions()))
            moves += 1
        state.returns()
        elapsed = time.process_time() - began
        if elapsed >= seconds:
            return moves / elapsed


def play_steps(game: Any, copies: int, seconds: float) -> float:
    """Return moves a second with one call of `random_actions` and of `step` for a move of all copies.

    Games that are over begin anew, as in self-play, so that each call makes as many moves as there are copies.
    """
    from axone.play.random import make_keys
    from axone.play.simulation import replace_where

    keys, counters = make_keys(0, copies), torch.zeros(copies, dtype=torch.int64)
    first = state = game.reset(keys)
    calls, began = 0, time.process_time()
    while True:
        state, outcome = game.step(state, game.random_actions(state, keys, counters + calls))
        state = replace_where(outcome.terminated, first, state)
        calls += 1
        elapsed = time.process_time() - began
        if elapsed >= seconds:
            return calls * copies / elapsed


def play_whole_games(game: Any, copies: int, seconds: float) -> float:
    """Return moves a second with one call of `playout` for all moves of all copies."""
    from axone.play.random import make_keys

    moves, began = 0, time.process_time()
    while True:
        keys = make_keys(moves, copies)
        moves += int(game.playout(game.reset(keys), keys).moves.sum())
        elapsed = time.process_time() - began
        if elapsed >= seconds:
            return moves / elapsed


def compare_bodies(game: Any, kernels: Any, games: int, seed: int) -> int:
    """Play the same random games with tensor operations and with kernels, and compare every tensor to the bit.

    Args:
        game: The game as tensor operations.
        kernels: The same game as kernels.
        games: The number of games.
        seed: The seed of the moves.

    Returns:
        The number of positions before a move.

    Raises:
        AssertionError: Something differs.
    """
    from axone.play.random import make_keys

    keys, positions = make_keys(seed, games), 0
    one = other = game.reset(keys)
    for move in range(game.max_moves):
        counters = torch.full_like(keys, move)
        pairs = {
            "legal actions": (game.legal_actions(one), kernels.legal_actions(other)),
            "observations": (game.observe(one), kernels.observe(other)),
            "random actions": (game.random_actions(one, keys, counters), kernels.random_actions(other, keys, counters)),
        }
        actions = pairs["random actions"][0]
        positions += int((~one["finished"]).sum())
        (one, outcome), (other, other_outcome) = game.step(one, actions), kernels.step(other, actions)
        assert one.keys() == other.keys(), f"{game.name}: keys of the state"
        pairs |= {name: (values, other[name]) for name, values in one.items()}
        pairs |= dict(zip(outcome._fields, zip(outcome, other_outcome)))
        for name, (first, second) in pairs.items():
            assert same_bits(first, second), f"{game.name}, move {move}: {name}"
        if bool(one["finished"].all()):
            break
    whole, their_whole = game.playout(game.reset(keys), keys), kernels.playout(game.reset(keys), keys)
    assert torch.equal(whole.moves, their_whole.moves), f"{game.name}: moves of playouts"
    for name, values in whole.state.items():
        assert same_bits(values, their_whole.state[name]), f"{game.name}: {name} after playouts"
    return positions


def same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether two tensors have the same type and the same bits: -0 is not 0."""
    if one.dtype != other.dtype:
        return False
    if one.is_floating_point():
        one, other = one.view(torch.int32), other.view(torch.int32)
    return torch.equal(one, other)
