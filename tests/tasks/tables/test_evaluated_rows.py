"""The rows on which figures evaluate a network: the test set, otherwise the validation set."""

import numpy as np
import pytest
import torch
from torch import nn

from axone.data.tables.columns import Encoded
from axone.data.tables.stream import TableStream
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.tasks.tables.evaluated_rows import EvaluatedRows

ROWS = Encoded(torch.arange(20.0)[:, None], torch.zeros(20, 0, dtype=torch.int64))


def make_stream(indices):
    return TableStream(ROWS, torch.arange(20) % 2, indices=torch.tensor(indices), batch_size=8, shuffle=False)


def make_experiment(**streams):
    learner = Learner()
    learner.network = nn.Linear(1, 2)
    facts = {"classes": ["even", "odd"], "columns": [], "targets": []}
    return Experiment(learner=learner, train=make_stream([0, 1]), facts=facts, **streams)


@pytest.mark.parametrize(
    ("streams", "expected"),
    [
        ({}, [0, 1]),
        ({"validation": make_stream([2, 3])}, [2, 3]),
        ({"validation": make_stream([2, 3]), "test": make_stream([7, 5])}, [7, 5]),
    ],
)
def test_rows_that_were_not_trained_on_are_preferred(streams, expected):
    evaluated = EvaluatedRows.of(make_experiment(**streams))
    assert evaluated.rows.numbers.flatten().tolist() == expected
    assert evaluated.targets.tolist() == [row % 2 for row in expected]


def test_a_sample_is_spread_over_all_rows():
    evaluated = EvaluatedRows.of(make_experiment(test=make_stream(list(range(20)))))
    rows, targets = evaluated.sample(7)
    assert rows.numbers.flatten().tolist() == list(range(0, 20, 3)) and len(targets) == 7


def test_the_score_is_accuracy_or_r2():
    evaluated = EvaluatedRows.of(make_experiment(test=make_stream(list(range(20)))))
    with torch.no_grad():
        evaluated.network.weight.zero_(), evaluated.network.bias.copy_(torch.tensor([0.0, 1.0]))
    assert evaluated.score(evaluated.rows, evaluated.targets.numpy()) == 0.5
    network = nn.Linear(1, 1)
    with torch.no_grad():
        network.weight.fill_(2.0), network.bias.fill_(1.0)
    targets = 2 * ROWS.numbers + 1
    numeric = EvaluatedRows(network, {"classes": []}, ROWS, targets)
    assert numeric.score(ROWS, targets.numpy()) == pytest.approx(1)
    assert numeric.score(ROWS, np.full((20, 1), 3.0)) == 0  # a constant target
