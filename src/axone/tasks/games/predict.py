"""What a network says about positions: the moves of its search, and who is expected to win."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axone.errors import AxoneError, UsageError
from axone.messages import _
from axone.numbers import format_percent
from axone.play.games.board_game import BoardGame
from axone.tasks.answers import Prediction
from axone.tasks.games.moves import read_position
from axone.tasks.games.players import NetworkPlayer
from axone.tasks.games.session import rank_moves


def read_inputs(inputs: Any, facts: dict[str, Any]) -> tuple[list[Any], bool]:
    """Return the positions as lines of moves, and whether it was a single one."""
    if isinstance(inputs, str):
        return [inputs], True
    return [str(one) for one in inputs], False


def predict_moves(game: BoardGame, player: NetworkPlayer, inputs: Sequence[str]) -> list[Prediction | AxoneError]:
    """Return the best move after each line of moves, or the error of a line in its place."""
    answers: list[Prediction | AxoneError] = []
    for line in inputs:
        try:
            state = read_position(game, line)
            if state["finished"][0]:
                raise UsageError(_("The game is over after these moves: '{moves}'.", moves=line[:80]))
        except AxoneError as error:
            answers.append(error)
            continue
        result = player.search(state)
        total = int(result.visits[0].sum())
        shares = {game.describe_action(action): visits / total for action, visits, _value in rank_moves(result)}
        best = game.describe_action(int(result.actions[0]))
        note = _("expects {share} of the points", share=format_percent((1 + float(result.values[0])) / 2, 1))
        ranked = {best: shares[best], **shares}
        answers.append(Prediction(best, shares[best], ranked, note))
    return answers
