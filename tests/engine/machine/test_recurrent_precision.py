"""The precision of recurrent cells: settings, facts, small networks, the measurement, processors that refuse."""

import pytest
import torch

from axone.engine.machine import recurrent_precision
from axone.engine.machine.recurrent_precision import choose_recurrent_precision, measure_speedup, time_pass
from axone.settings import Settings

LARGE = {"cell": "lstm", "features": 128, "hidden": 512, "steps": 64, "batch": 64}


@pytest.fixture
def native(monkeypatch):
    """Pretend that the processor multiplies bfloat16."""
    monkeypatch.setattr(recurrent_precision, "has_bfloat16", lambda device: True)


def refuse(*arguments):
    raise AssertionError("nothing is to be measured")


@pytest.mark.usefixtures("native")
def test_facts_win_then_settings_and_nothing_is_measured(monkeypatch):
    monkeypatch.setattr(recurrent_precision, "measure_speedup", refuse)
    facts = {"recurrent_precision": "bfloat16"}
    assert choose_recurrent_precision(Settings(precision="float32"), facts, **LARGE) == "bfloat16"
    for wanted in ("float32", "bfloat16"):
        assert choose_recurrent_precision(Settings(precision=wanted), None, **LARGE) == wanted
        assert choose_recurrent_precision(Settings(precision=wanted), {"classes": []}, **LARGE) == wanted


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize(("speedup", "expected"), [(0.5, "float32"), (1.1, "float32"), (1.2, "bfloat16")])
def test_bfloat16_must_be_clearly_faster(monkeypatch, speedup, expected):
    seen = []
    monkeypatch.setattr(recurrent_precision, "measure_speedup", lambda *arguments: seen.append(arguments) or speedup)
    before = torch.get_rng_state()
    assert choose_recurrent_precision(Settings(), None, **LARGE) == expected
    assert seen == [("lstm", 128, 512, 32, 64, torch.device("cpu"))]
    assert torch.equal(before, torch.get_rng_state())


def test_small_networks_and_other_processors_are_not_measured(monkeypatch):
    monkeypatch.setattr(recurrent_precision, "measure_speedup", refuse)
    monkeypatch.setattr(recurrent_precision, "has_bfloat16", lambda device: False)
    assert choose_recurrent_precision(Settings(), None, **LARGE) == "float32"
    monkeypatch.setattr(recurrent_precision, "has_bfloat16", lambda device: True)
    assert choose_recurrent_precision(Settings(), None, **{**LARGE, "hidden": 16, "features": 8}) == "float32"


@pytest.mark.usefixtures("native")
def test_a_processor_that_refuses_gets_float32_and_the_user_a_sentence(monkeypatch):
    def fail(module, inputs, dtype):
        if dtype is torch.bfloat16:
            raise RuntimeError("could not create a primitive descriptor for an LSTM forward propagation primitive")
        return 1.0

    measure_speedup.cache_clear()
    monkeypatch.setattr(recurrent_precision, "time_pass", fail)
    notes = []
    assert choose_recurrent_precision(Settings(), None, **LARGE, notify=notes.append) == "float32"
    assert len(notes) == 1 and "bfloat16" in notes[0]
    measure_speedup.cache_clear()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_every_cell_is_measured(cell):
    measure_speedup.cache_clear()
    speedup = measure_speedup(cell, 4, 8, 2, 3, torch.device("cpu"))
    assert speedup is None or speedup > 0
    measure_speedup.cache_clear()
    module = recurrent_precision.CELLS[cell](4, 8, batch_first=True)
    assert time_pass(module, torch.randn(3, 2, 4), torch.float32) >= 0
    assert all(parameter.grad is None for parameter in module.parameters())
