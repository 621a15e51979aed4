"""Running means of metrics."""

import torch

from axone.engine.metrics import Averages


def test_averages_are_weighted_by_batch_size():
    averages = Averages()
    averages.add({"loss": torch.tensor(1.0)}, 100)
    early = averages.copy()
    averages.add({"loss": torch.tensor(4.0), "other": torch.tensor(2.0)}, 50)
    assert averages.read() == {"loss": 2.0, "other": 2.0}
    assert averages.since(early) == {"loss": 4.0, "other": 2.0}


def test_averages_leave_out_what_is_not_a_number():
    averages = Averages()
    for value in (1.0, float("nan"), float("inf"), 3.0):
        averages.add({"loss": torch.tensor(value)}, 10)
    assert averages.read() == {"loss": 2.0}


def test_averages_survive_a_checkpoint():
    averages, again = Averages(), Averages()
    averages.add({"loss": torch.tensor(0.1)}, 7)
    again.load_state_dict(averages.state_dict(), torch.device("cpu"))
    for each in (averages, again):
        each.add({"loss": torch.tensor(0.7)}, 3)
    assert averages.read() == again.read()
