"""The F1 score over all labels, against scikit-learn's."""

from __future__ import annotations

import pytest
import torch
from sklearn.metrics import f1_score

from axone.tasks.text.metrics import micro_f1


def test_it_is_scikit_learns_micro_average():
    generator = torch.Generator().manual_seed(0)
    predicted, true = (torch.rand(50, 4, generator=generator) > threshold for threshold in (0.5, 0.7))
    expected = f1_score(true.numpy(), predicted.numpy(), average="micro")
    assert micro_f1(predicted, true) == pytest.approx(expected)


def test_no_label_at_all_is_right():
    none = torch.zeros(3, 2, dtype=torch.bool)
    assert micro_f1(none, none) == 1.0 and micro_f1(none, ~none) == 0.0
