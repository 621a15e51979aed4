"""The experiment of a learner in worlds: its rollouts, greedy episodes, and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from axone.engine.experiment import Experiment
from axone.figures.figure import Figure, Table
from axone.messages import plural
from axone.tasks.control.data import Control
from axone.tasks.control.experience.rollouts import Actor, Rollouts
from axone.tasks.control.figures import make_figures
from axone.tasks.control.learner import ControlLearner
from axone.tasks.control.networks.answering import PolicyAnswering
from axone.tasks.control.settings import ControlSettings


def make_experiment(
    learner: ControlLearner, control: Control, settings: ControlSettings, make_answering: Callable[[], PolicyAnswering]
) -> Experiment:
    """Return the experiment of a learner whose policies play.

    Args:
        learner: What learns; its `explore` and `estimate_values` play.
        control: The worlds.
        settings: The settings of the training.
        make_answering: Makes the policy that is used, with the weights of the moment.
    """
    assert isinstance(learner, Actor)
    has_own_epochs = learner.best_members is not None

    def figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
        return make_figures(experiment, final, control, settings, make_answering)

    return Experiment(
        learner,
        Rollouts(control.train, learner, settings.steps, settings.rollouts),
        control.validation,
        control.test,
        control.facts,
        monitor="return",
        notes=control.notes,
        figures=figures,
        fit_postprocessing=learner.use_best_members if has_own_epochs else None,
        weights_note=plural(
            "The policy has the weights of the epoch in which its return in validation was highest.",
            "Each policy has the weights of the epoch in which its own return in validation was highest.",
            settings.seeds,
        )
        if has_own_epochs
        else "",
    )
