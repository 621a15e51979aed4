"""The figures of a report: which there are for classes and for numbers, and what their tables contain."""

import polars
import pytest
import torch

from axone.engine.context import IN_MEMORY, BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.figures.figure import Table
from axone.settings import resolve
from axone.systems import mlp
from axone.tasks.tables.figures import make_figures
from tests.helpers.data.tables import QUICK, make_passengers


def train(frame, target, **options):
    settings = resolve(mlp.Settings, {**QUICK, "epochs": 5, "data": IN_MEMORY, "target": target, **options})
    torch.manual_seed(0)
    experiment = mlp.build(settings, BuildContext(data=frame))
    experiment.figures = None
    fit(experiment, settings, MemoryRecorder())
    return experiment


@pytest.fixture(scope="module")
def classifier():
    return train(make_passengers().drop("fare"), "pays")


def test_classes_get_curves_and_thresholds(classifier):
    figures = {figure.name: figure for figure in make_figures(classifier, True)}
    assert list(figures) == ["confusion", "classes", "roc", "precision-recall", "calibration", "thresholds",
                             "importance", "dependence"]  # fmt: skip
    table = figures["thresholds"]
    assert isinstance(table, Table) and len(table.rows) == 3 and table.rows[0][:2] == ["one half", 0.5]
    assert "area under the curve" in figures["roc"].caption


def test_nothing_is_drawn_after_an_epoch_unless_there_is_a_boundary(classifier):
    assert list(make_figures(classifier, False)) == []


def test_numbers_get_residuals_and_errors_for_each_target():
    frame = make_passengers().drop("pays").with_columns(double=2 * polars.col("fare"))
    figures = {figure.name: figure for figure in make_figures(train(frame, "fare,double"), True)}
    assert {"predicted", "residuals", "predicted-2", "residuals-2", "importance", "dependence"} <= figures.keys()
    errors = figures["errors"]
    assert [row[0] for row in errors.rows] == ["fare", "double"] and len(errors.columns) == 4


def test_three_classes_get_a_curve_each():
    frame = make_passengers().with_columns(pays=polars.col("town").fill_null("none")).drop("fare", "town")
    figures = {figure.name: figure for figure in make_figures(train(frame, "pays"), True)}
    assert "thresholds" not in figures and {"roc", "calibration"} <= figures.keys()
    assert all(name in str(figures["roc"].image) for name in ("north", "south", "west"))
