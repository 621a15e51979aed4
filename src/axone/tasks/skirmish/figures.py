"""The figures of a report on battles: strips of images, films, and results of several players."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import nn

from axone.engine.machine import seeds
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.play.skirmish.battles import Battles
from axone.play.skirmish.scenarios import Scenario
from axone.tasks.skirmish.data import TEST
from axone.tasks.skirmish.evaluation import measure_player
from axone.tasks.skirmish.players import HeuristicPlayer, NetworkPlayer, Player, RandomPlayer
from axone.tasks.skirmish.replay import Replay, draw_strip

FILMS = 3
COMPARED = 256  # battles of each player in the table


def make_figures(network: nn.Module, scenario: Scenario, seed: int, final: bool) -> Iterator[Figure | Table]:
    """Yield a battle after each epoch; at the end (`final`) also films, and the results of several players."""
    first = (seed + TEST) % 2**63
    replays = [Replay(network, scenario, first + number).play() for number in range(FILMS if final else 1)]
    yield Figure(
        "battle", _("A battle"), draw_strip(replays[0]),
        _("Blue: the network. Red: the heuristic player. The colored part of a circle is the health that is left, a "
          "line an attack, a green line a healing, a thin circle the range, a cross a unit that died."),
    )  # fmt: skip
    if not final:
        return
    for number, replay in enumerate(replays, 1):
        title = _("Battle {number}", number=number)
        yield Figure(f"battle-{number}", title, replay.animation, replay.captions[-1])
    yield make_table(network, scenario, first)


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
    columns = [_("player of the first team"), _("won"), _("lost"), _("draws"), _("without a winner"), _("steps")]
    return Table("players", _("Results of {count} battles", count=COMPARED), columns, rows)
