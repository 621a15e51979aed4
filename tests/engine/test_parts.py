"""The engine's small parts: averages, schedules, seeds, progress, devices, precision, stopping, recorder."""

import math
import os
import random
import signal

import numpy
import pytest
import torch

from axone.engine.interrupt import StopFlag
from axone.engine.machine import seeds
from axone.engine.machine.device import available_devices, choose_device, environment, memory_guard, use_threads
from axone.engine.machine.precision import casting, choose_precision, has_bfloat16
from axone.engine.metrics import Averages
from axone.engine.optimization.schedules import SCHEDULES, constant, cosine, factor, one_cycle
from axone.engine.progress import TrainingProgress
from axone.engine.recorder import MemoryRecorder
from axone.errors import ResourceError


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


def test_schedules_at_hand_computed_points():
    assert constant(0.9) == 1.0
    assert [cosine(p) for p in (0.0, 0.5, 1.0)] == pytest.approx([1, 0.5, 0])
    assert [one_cycle(p) for p in (0.0, 0.15, 0.3, 0.65, 1.0)] == pytest.approx([0.04, 0.52, 1, 0.5, 0])
    assert factor("cosine", 10, 10) == pytest.approx(0)
    assert all(0 <= schedule(step / 100) <= 1 for schedule in SCHEDULES.values() for step in range(101))


def draws():
    return random.random(), float(numpy.random.rand()), torch.rand(1).item()


def test_random_states_return_to_the_bit():
    seeds.seed_everything(11)
    draws()
    kept = seeds.random_state()
    first = draws()
    seeds.restore_random_state(kept)
    assert draws() == first
    seeds.seed_everything(11)
    draws()
    with seeds.preserve_random_state():
        draws()
    assert draws() == first


def test_progress_knows_the_best():
    progress = TrainingProgress()
    for epoch, value in enumerate([0.5, 0.7, math.nan, 0.6], 1):
        progress.epoch = epoch
        progress.record({"epoch": epoch}, value, higher_is_better=True)
    assert (progress.best, progress.best_epoch, progress.stale) == (0.7, 2, 2)
    assert [entry["best"] for entry in progress.history] == [True, True, False, False]
    assert TrainingProgress.from_state(progress.state_dict()) == progress


def test_the_first_value_is_not_the_best_when_it_is_not_a_number():
    progress = TrainingProgress()
    assert not progress.record({}, math.nan, higher_is_better=False)
    assert progress.best is None


def test_a_device_that_is_not_there():
    assert choose_device("cpu").type == "cpu"
    missing = f"cuda:{torch.cuda.device_count() + 3}"
    with pytest.raises(ResourceError) as caught:
        choose_device(missing)
    assert missing in caught.value.what and ", ".join(available_devices()) in caught.value.expected


def test_threads_follow_the_setting_then_the_variable(monkeypatch):
    before = torch.get_num_threads()
    try:
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        assert use_threads(0) == torch.get_num_threads() == 3
        assert use_threads(2) == torch.get_num_threads() == 2
        monkeypatch.setenv("OMP_NUM_THREADS", "abc")
        assert use_threads(0) >= 1
    finally:
        torch.set_num_threads(before)


def test_precision_follows_the_processor(monkeypatch):
    cpu = torch.device("cpu")
    for native, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr("axone.engine.machine.precision._processor_has", lambda question, native=native: native)
        assert has_bfloat16(cpu) is native
        assert choose_precision("auto", cpu) is expected
    assert choose_precision("bfloat16", cpu) is torch.bfloat16
    with casting(cpu, torch.bfloat16):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.bfloat16
    with casting(cpu, torch.float32):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32
    with pytest.raises(ResourceError):
        choose_precision("bfloat16", torch.device("mps"))


def test_the_environment_says_what_a_run_needs():
    noted = environment(torch.device("cpu"), torch.float32)
    assert noted["torch"] == torch.__version__ and noted["precision"] == "float32"
    assert noted["threads"] == torch.get_num_threads() and noted["processor"]


def test_running_out_of_memory_is_told_as_such():
    with pytest.raises(ResourceError, match="memory"), memory_guard():
        torch.empty(2**50)
    with pytest.raises(RuntimeError, match="other"), memory_guard():
        raise RuntimeError("other")


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
def test_the_first_signal_asks_and_the_second_leaves():
    kept = signal.getsignal(signal.SIGINT)
    with StopFlag() as flag:
        os.kill(os.getpid(), signal.SIGTERM)
        assert flag.requested and flag.exit_code == 143
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is kept


def test_the_memory_recorder_keeps_copies():
    recorder, weights = MemoryRecorder(), {"w": torch.zeros(2)}
    recorder.save_checkpoint("last", weights, {"step": 1})
    weights["w"] += 1
    found, state = recorder.load_checkpoint("last")
    assert torch.equal(found["w"], torch.zeros(2)) and state == {"step": 1}
