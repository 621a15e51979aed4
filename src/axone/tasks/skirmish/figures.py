"""The figures of a report on battles: strips of images, films, and results of several players."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import nn

from axone.engine.machine import seeds
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.play.skirmish.battles import Battles
from axone.play.skirmish.scenarios import Scenario
from axone.tasks.control.reports.charts import Measured, draw_progress
from axone.tasks.skirmish.data import TEST
from axone.tasks.skirmish.evaluation import measure_player
from axone.tasks.skirmish.learner import BattleLearner
from axone.tasks.skirmish.players import HeuristicPlayer, NetworkPlayer, Player, RandomPlayer
from axone.tasks.skirmish.replay import Replay, draw_strip

FILMS = 3
COMPARED = 256  # battles of each player in the table


def make_figures(
    learner: BattleLearner, scenario: Scenario, seed: int, final: bool, steps_per_batch: int
) -> Iterator[Figure | Table]:
    """Yield the win rate and a battle after each epoch; at the end (`final`) also films and results of players.

    Args:
        learner: The learner, with its network and its history.
        scenario: Who fights whom.
        seed: The seed of the training.
        final: Whether it is the end.
        steps_per_batch: The steps of all battles in a batch.
    """
    network, first = learner.network, (seed + TEST) % 2**63
    if learner.history:
        yield Figure(
            "win-rate", _("Win rate over time"),
            draw_win_rate(learner.history, steps_per_batch),
            _("Greedy: each unit does what is most probable. While exploring, actions are drawn, so that both differ. "
              "The range holds the true win rate in 95 % of all cases: the fewer battles, the wider it is."),
        )  # fmt: skip
    replays = [Replay(network, scenario, first + number).play() for number in range(FILMS if final else 1)]
    yield Figure(
        "battle", _("A battle"), draw_strip(replays[0]),
        _("Blue: the network. Red: the heuristic player. The colored part of a circle is the health that is left, a "
          "line an attack, a green line a healing, a thin circle the range, a cross a unit that died.")
        + describe_letters(scenario),
    )  # fmt: skip
    if not final:
        return
    for number, replay in enumerate(replays, 1):
        title = _("Battle {number}", number=number)
        yield Figure(f"battle-{number}", title, replay.animation, replay.captions[-1])
    yield make_table(network, scenario, first)


def draw_win_rate(history: Sequence[Mapping[str, Any]], steps_per_batch: int) -> str:
    """Draw the win rate over the steps of the battles.

    Args:
        history: The evaluations of `BattleLearner.history`.
        steps_per_batch: The steps of all battles in a batch.
    """
    steps = [float(entry["batches"]) * steps_per_batch for entry in history]
    greedy = []
    for x, entry in zip(steps, history):
        low, high = estimate_interval(float(entry["win_rate"]), int(entry["battles"]))
        greedy.append(Measured(x, 100 * float(entry["win_rate"]), 100 * low, 100 * high))
    exploring = [(x, 100 * entry["exploring"]) for x, entry in zip(steps, history) if entry["exploring"] is not None]
    legend = (
        _("greedy battles: {count} after each epoch", count=format_number(history[-1]["battles"])),
        _("while exploring: battles that ended in the training"),
    )
    return draw_progress(greedy, exploring, _("steps of all battles"), _("win rate (%)"), legend, y=(0.0, 100.0))


def estimate_interval(share: float, count: int) -> tuple[float, float]:
    """Return the Wilson score interval of a share of `count` independent results: it holds the true one in 95 %."""
    z = 1.96
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def describe_letters(scenario: Scenario) -> str:
    """Return what the letters on the units mean, where there are several types."""
    if len(scenario.types) < 2:
        return ""
    letters = {unit.letter: unit.name for unit in scenario.units}
    return " " + _("Letters: {letters}.", letters=", ".join(f"{letter} {name}" for letter, name in letters.items()))


def make_table(network: nn.Module, scenario: Scenario, seed: int) -> Table:
    """Return the results of several players of the first team, each in the same battles."""
    players: dict[str, Callable[[Battles], Player]] = {
        _("network, most probable actions"): lambda battles: NetworkPlayer(network, battles),
        _("network, drawn actions"): lambda battles: NetworkPlayer(network, battles, explore=True),
        _("heuristic player"): lambda _battles: HeuristicPlayer(),
        _("random actions"): lambda _battles: RandomPlayer(),
    }
    device = next(network.parameters()).device
    rows = []
    for name, make_player in players.items():
        with seeds.preserve_random_state(device):
            measured = measure_player(make_player, Battles(scenario, COMPARED, seed=seed, device=device))
        shares = [measured[key] for key in ("win_rate", "draw_rate", "unfinished_rate")]
        lost = 1 - sum(shares)
        rows.append([
            name, *(format_percent(share, 1) for share in (shares[0], max(lost, 0.0), *shares[1:])),
            format_number(round(measured["episode_length"], 1)),
        ])  # fmt: skip
    columns = [_("player"), _("won"), _("lost"), _("draws"), _("without a winner"), _("steps")]
    return Table("players", _("Results of {count} battles", count=COMPARED), columns, rows)
