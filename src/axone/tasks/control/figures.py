"""The figures of a report on control: returns, an episode as a strip and a film, value and policy over the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from axone.engine.experiment import Experiment
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number
from axone.play.batch import VectorWorlds
from axone.play.worlds.registry import make_worlds
from axone.tasks.control.answering import PolicyAnswering
from axone.tasks.control.charts import draw_returns
from axone.tasks.control.data import FILM, Control
from axone.tasks.control.films import animate, draw_strip
from axone.tasks.control.learner import ControlLearner
from axone.tasks.control.recording import EpisodeRecorder
from axone.tasks.control.settings import ControlSettings
from axone.tasks.control.state_maps import SLICES, Slice, draw_maps


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
            _("One policy for each seed. Greedy: the most probable action at each step. While exploring, actions are "
              "drawn, so that both differ."),
        )  # fmt: skip
    answering, known = make_answering(), SLICES.get(settings.world)
    if not final:  # the map alone: an episode in one copy takes as long as one in a hundred
        if known is not None:
            yield Figure("state", _("Value and policy over the state"), draw_maps(answering, known), _note(known))
        return

    def make_world() -> VectorWorlds:
        return make_worlds(settings.world, 1, seed=(settings.seed + FILM) % 2**63)

    recording = EpisodeRecorder(answering, make_world, settings.episode_steps).play()
    if known is not None:
        text = _("The line is the path of the episode, which begins at the circle.")
        drawing = draw_maps(answering, known, recording)
        yield Figure("state", _("Value and policy over the state"), drawing, f"{_note(known)} {text}".strip())
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


def _note(shown: Slice) -> str:
    return _(shown.note) if shown.note else ""
