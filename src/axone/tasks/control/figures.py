"""The figures of a report on control: returns, an episode as a strip and a film, value and policy over the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from axone.engine.experiment import Experiment
from axone.errors import UsageError
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number
from axone.play.batch import Worlds
from axone.play.worlds.maze import Maze
from axone.tasks.control.data import FILM, Control
from axone.tasks.control.learner import ControlLearner
from axone.tasks.control.networks.answering import PolicyAnswering
from axone.tasks.control.reports.charts import draw_returns
from axone.tasks.control.reports.films import animate, draw_strip
from axone.tasks.control.reports.maze_maps import draw_maze
from axone.tasks.control.reports.recording import EpisodeRecorder, Recording, make_restartable
from axone.tasks.control.reports.state_maps import SLICES, draw_maps, name_ends
from axone.tasks.control.settings import ControlSettings
from axone.tasks.control.worlds.opening import open_copies


def make_figures(
    experiment: Experiment,
    final: bool,
    control: Control,
    settings: ControlSettings,
    make_answering: Callable[[], PolicyAnswering],
) -> Iterator[Figure | Table]:
    """Yield the curve of the returns, an episode of the best policy, and maps where the world has two main numbers.

    Args:
        experiment: The training.
        final: Whether it is the end: then also an episode of the best policy and the table of all policies.
        control: The worlds.
        settings: The settings of the training.
        make_answering: Makes the policy that is used, with the weights of the moment.
    """
    learner = experiment.learner
    assert isinstance(learner, ControlLearner)
    if learner.history:
        steps = experiment.train.samples / len(experiment.train) / settings.seeds
        yield Figure(
            "returns", _("Return over time"), draw_returns(learner.history, steps, control.solved),
            _("One policy for each seed. Greedy: the action that the policy takes for the best, at each step. While "
              "exploring, actions are partly random, so that both differ."),
        )  # fmt: skip
    answering, state_map = make_answering().cpu(), StateMap(control)
    if not final:  # the map alone: an episode in one copy takes as long as one in a hundred
        yield from state_map.draw(answering)
        return

    make_world = make_restartable(open_copies(settings, 1, settings.seed + FILM))
    recording = EpisodeRecorder(answering, make_world, settings.episode_steps).play()
    yield from state_map.draw(answering, recording)
    with suppress(UsageError):  # a world of Gymnasium that draws no images
        yield Figure(
            "episode", _("An episode"), draw_strip(make_world, recording),
            _("The best policy, greedy: {steps} steps, return {sum}.",
              steps=len(recording), sum=format_number(float(f"{recording.total:.4g}"))),
        )  # fmt: skip
        yield Figure("film", _("Film of the episode"), animate(make_world, recording))
    if learner.test_returns:
        best = int(learner.network.best)
        rows = [
            [number + 1, *(float(f"{value:.4g}") for value in results), "*" if number == best else ""]
            for number, results in enumerate(learner.test_returns)
        ]
        title = _("Greedy episodes at the end: {count} for each policy", count=settings.test_episodes)
        yield Table("policies", title, [_("policy"), _("mean return"), _("lowest return"), _("used")], rows)


class StateMap:
    """The figure of value and policy over the state, for worlds of which the state can be drawn on a plane.

    Args:
        control: The worlds.
    """

    def __init__(self, control: Control) -> None:
        worlds = control.train.worlds
        self.maze = worlds.world if isinstance(worlds, Worlds) and isinstance(worlds.world, Maze) else None
        self.slice = SLICES.get(worlds.name)

    def draw(self, answering: PolicyAnswering, recording: Recording | None = None) -> Iterator[Figure]:
        """Yield the figure, with the path of an episode where there is one; nothing for other worlds."""
        title = _("Value and policy over the state")
        if self.maze is not None:
            text = _("The number in a cell is its value. Arrows are the probable moves: the longer, the more probable.")
            yield Figure("state", title, draw_maze(answering, self.maze), text)
        elif self.slice is not None:
            first, last = name_ends(answering)
            colors = _(
                "Value: the discounted return that the policy expects from there on. Policy: the redder, the more it "
                "chooses {last}, the bluer, the more it chooses {first}.",
                first=first,
                last=last,
            )
            path = _("The line is the path of the episode, which begins at the circle.")
            notes = [
                colors, _(self.slice.note) if self.slice.note else "", path if recording is not None else "",
            ]  # fmt: skip
            yield Figure("state", title, draw_maps(answering, self.slice, recording), " ".join(filter(None, notes)))
