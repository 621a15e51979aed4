"""Importance, partial dependence and decision boundary of a network whose function is known."""

import pytest
import torch
from torch import nn

from axone.data.tables.columns import Encoded
from axone.tasks.tables.column_figures import boundary_figure, column_figures, has_boundary
from axone.tasks.tables.evaluated_rows import EvaluatedRows
from tests.helpers.data.tables import CATEGORY, NUMBER


class FirstNumber(nn.Module):
    """Predicts class 1 where the first number is positive, and ignores everything else."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(50.0))

    def forward(self, numbers, categories=None):
        return torch.stack([-self.scale * numbers[:, 0], self.scale * numbers[:, 0]], 1)


def evaluate(columns, rows):
    facts = {"columns": columns, "classes": ["negative", "positive"], "targets": [{"name": "y", "mean": 0, "std": 1}]}
    return EvaluatedRows(FirstNumber(), facts, rows, (rows.numbers[:, 0] > 0).long())


@pytest.fixture
def mixed():
    columns = [{**NUMBER, "name": "used"}, {**NUMBER, "name": "ignored", "missing": True}, CATEGORY]
    numbers = torch.cat([torch.randn(300, 2), torch.zeros(300, 1)], 1)
    return evaluate(columns, Encoded(numbers, torch.randint(2, 4, (300, 1))))


def test_only_the_used_column_is_important(mixed):
    importance, dependence = column_figures(mixed)
    assert (importance.name, dependence.name) == ("importance", "dependence")
    drawing = str(importance.image)
    assert drawing.index(">used<") < drawing.index(">ignored<")  # the most important column is on top
    assert all(f">{name}<" in str(dependence.image) for name in ("used", "ignored", "w"))


def test_the_rows_are_not_changed(mixed):
    before = mixed.rows.numbers.clone(), mixed.rows.categories.clone()
    list(column_figures(mixed))
    assert torch.equal(mixed.rows.numbers, before[0]) and torch.equal(mixed.rows.categories, before[1])


def test_a_boundary_needs_classes_and_two_complete_numbers():
    two = [NUMBER, {**NUMBER, "name": "m"}]
    assert has_boundary({"classes": ["a", "b"], "columns": two})
    assert not has_boundary({"classes": [], "columns": two})
    assert not has_boundary({"classes": ["a", "b"], "columns": [*two, CATEGORY]})
    assert not has_boundary({"classes": ["a", "b"], "columns": [{**NUMBER, "missing": True}]})


def test_the_boundary_is_drawn_with_the_rows():
    rows = Encoded(torch.randn(50, 2).clamp(-2, 2), torch.zeros(50, 0, dtype=torch.int64))
    figure = boundary_figure(evaluate([{**NUMBER, "name": "x"}, {**NUMBER, "name": "y"}], rows))
    assert figure.name == "boundary" and str(figure.image).count("<circle") == 50 + 2
