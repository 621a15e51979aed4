"""The figures of a report on a game: strength over time, mistakes by phase, and a game with visit counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from axone.engine.experiment import Experiment
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.metrics import describe_part
from axone.numbers import format_percent
from axone.play.games.drawing import draw_image
from axone.play.random import make_keys
from axone.play.search.interface import SearchResult
from axone.play.simulation import State
from axone.tasks.games.boards import stack_boards
from axone.tasks.games.learner import GameLearner
from axone.tasks.games.players import NetworkPlayer
from axone.tasks.games.strength.ruler import Ruler
from axone.tasks.tables import charts

POSITIONS = 12  # of the game that is drawn
CELL, BOARD, COLUMNS = 24, 180, 4  # pixels of a cell, at least, and of a board; positions in a row
MARGIN = 0.08  # of an axis, above and below the lines


def make_figures(experiment: Experiment, final: bool) -> Iterator[Figure | Table]:
    """Yield a game with visit counts after each epoch, and with it what the ruler has measured so far."""
    learner = experiment.learner
    assert isinstance(learner, GameLearner)
    ruler = learner.ruler
    ruler.begin()
    yield draw_game(ruler.make_player(ruler.evaluation, learner.settings.simulations))
    if len(ruler.history) > 1:
        yield from draw_strength(ruler)
    if ruler.results and final:
        rows = [
            [describe_part(name), round(rating), *ruler.count_points(name)]
            for name, rating in sorted(ruler.rate().items(), key=lambda item: -item[1])
        ]
        yield Table("ratings", _("Elo ratings"), [_("player"), "Elo", _("games"), _("points")], rows)


def draw_strength(ruler: Ruler) -> Iterator[Figure]:
    """Yield the Elo ratings over the epochs, and the mistakes in solved positions by phase."""
    ratings = ruler.rate()
    epochs = [number for number in ruler.measured_epochs() if f"epoch_{number}" in ratings]
    if len(epochs) > 1:
        places = np.array(epochs, dtype=np.float64)
        lines = [(_("network"), places, np.array([ratings[f"epoch_{number}"] for number in epochs]))]
        ends = np.array([places[0], places[-1]])
        fixed = {name: rating for name, rating in ratings.items() if not name.startswith("epoch_")}
        lines += [(describe_part(name), ends, np.full(2, rating)) for name, rating in fixed.items()]
        lowest, highest = min(ratings.values()), max(ratings.values())
        room = MARGIN * max(highest - lowest, 1.0)
        svg = charts.curves(
            lines,
            _("epoch"),
            "Elo",
            x=(places[0], places[-1]),
            y=(lowest - room, highest + room),
            markers=True,
            whole_x=True,
            dashed=len(fixed),
        )
        yield Figure(
            "elo", _("Elo over the training"), svg,
            _("All matches of the training give the ratings; random moves have 0. Dashed: opponents that do not learn; "
              "a search by random games plays some for each of its moves. The network does not explore here."),
        )  # fmt: skip
    phases = [name for name in (ruler.history[-1] if ruler.history else {}) if name.startswith("mistakes:")]
    if phases:
        places = np.array([entry["epoch"] for entry in ruler.history])
        lines = [
            (
                describe_part(phase.partition(":")[2]),
                places,
                100 * np.array([entry.get(phase, np.nan) for entry in ruler.history]),
            )
            for phase in phases
        ]
        highest = max(float(np.nanmax(values)) for _label, _places, values in lines)
        svg = charts.curves(
            lines, _("epoch"), _("mistakes (%)"), x=(places[0], places[-1]), y=(0.0, max(5.0, 1.05 * highest)),
            markers=True, whole_x=True,
        )  # fmt: skip
        yield Figure(
            "mistakes", _("Mistakes in solved positions"), svg,
            _("Moves that give away a win or a draw under perfect play, of positions in which moves differ."),
        )  # fmt: skip


def draw_game(player: NetworkPlayer) -> Figure:
    """Return a game of the network against itself: for some positions, the share of the visits of each move."""
    game = player.game
    state: State = game.reset(make_keys(0, 1, player.evaluation.device))
    searched: list[tuple[State, SearchResult]] = []
    while not state["finished"][0]:
        result = player.search(state)
        searched.append((state, result))
        state, _outcome = game.step(state, result.actions)
    places = np.unique(
        np.linspace(0, len(searched) - 1, min(POSITIONS - 1, len(searched))).round().astype(int)
    ).tolist()
    images, captions = [], []
    cell = max(CELL, BOARD // len(game.view(state).columns))
    for place in places:
        before, result = searched[place]
        shares = (result.visits[0] / result.visits[0].sum().clamp(min=1)).tolist()
        images.append(draw_image(game.view(before), shares, cell))
        expected = _("expects {share}", share=format_percent((1 + float(result.values[0])) / 2, 0))
        move = game.describe_action(int(result.actions[0]))
        who = _("second player: {move}", move=move) if before["player"][0] else _("first player: {move}", move=move)
        captions.append(f"{place + 1}. {who}\n{expected}")
    images.append(draw_image(game.view(state), [0.0] * game.actions.count, cell))
    captions.append(f"{_('after {count} moves', count=len(searched))}\n{describe_winner(int(state['result'][0]))}")
    sheet = draw_contact_sheet(stack_boards(images), captions, COLUMNS)
    assert isinstance(sheet, Image.Image)
    return Figure(
        "game", _("A game against itself"), sheet,
        _("On the boards: the share of the simulations of each move, in percent; a ring is around the last stone. "
          "Below: the number of the next move, who plays it, and the share of the points that this player expects."),
    )  # fmt: skip


def describe_winner(result: int) -> str:
    """Return who has won, from the result for the first player: 1, 0 or -1."""
    if result == 0:
        return _("a draw")
    return _("the first player wins") if result > 0 else _("the second player wins")
