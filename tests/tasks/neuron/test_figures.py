"""The figures of neurons: which there are before, during and after training."""

import pytest

from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.figures.figure import Table
from axone.settings import resolve
from axone.systems import perceptron
from axone.systems.perceptron import Settings
from axone.tasks.neuron.figures import make_neuron_figures


def train(**changes):
    settings = resolve(Settings, {"epochs": 2, "limit": 60, "threads": 1, "device": "cpu", **changes})
    experiment, recorder = perceptron.build(settings, BuildContext()), MemoryRecorder()
    fit(experiment, settings, recorder)
    return experiment, [(figure.name, epoch) for figure, epoch in recorder.figures]


def test_one_neuron_is_drawn_after_each_epoch():
    _experiment, figures = train()
    assert figures.count(("untrained", 1)) == 1 and ("untrained", 2) not in figures
    for name in ("neuron", "line", "surface"):
        assert {(name, 1), (name, 2), (name, None)} <= set(figures)
    assert {("steps", None), ("confusion", None)} <= set(figures)


def test_three_classes_get_a_confusion_matrix_but_no_diagram():
    _experiment, figures = train(data="iris")
    assert {name for name, _epoch in figures} == {"steps", "confusion"}


def test_images_get_the_weights_of_each_class():
    _experiment, figures = train(data="fashion-mnist", batch_size=20)
    assert {("weights", 1), ("weights", 2), ("weights", None)} <= set(figures)


@pytest.mark.parametrize(("epoch", "drawn"), [(6, True), (7, False), (10, True)])
def test_figures_are_drawn_after_about_twelve_epochs(epoch, drawn):
    experiment, _figures = train()
    learner = experiment.learner
    learner.trace.begin_epoch(epoch)
    names = [figure.name for figure in make_neuron_figures(experiment, learner, 60, final=False)]
    assert ("neuron" in names) == drawn


def test_the_final_tables_have_a_row_for_each_step_and_class():
    experiment, _figures = train()
    figures = list(make_neuron_figures(experiment, experiment.learner, 2, final=True))
    tables = {figure.name: figure for figure in figures if isinstance(figure, Table)}
    assert len(tables["steps"].rows) == 2 * len(experiment.train)
    assert sum(sum(row[1:]) for row in tables["confusion"].rows) == experiment.test.samples
