"""The functions of a battle as one value, of which there are two: tensor operations, and kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from axone.play.simulation import State
from axone.play.skirmish.battle import advance
from axone.play.skirmish.heuristic import choose_heuristic
from axone.play.skirmish.observation import find_legal, observe_battle, observe_team
from axone.play.skirmish.rules import Rules

OfTeam = Callable[[State, int, Rules], Tensor]  # of the state, the number of a team, and the rules


class Functions(NamedTuple):
    """What a world of skirmishes computes: the functions of these names in `battle`, `heuristic` and `observation`."""

    advance: Callable[[State, Tensor, Rules], State]
    choose_heuristic: OfTeam
    observe_team: OfTeam
    observe_battle: OfTeam
    find_legal: OfTeam


TENSORS = Functions(advance, choose_heuristic, observe_team, observe_battle, find_legal)
