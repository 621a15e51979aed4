"""Devices, threads, the environment of a run, memory."""

import pytest
import torch

from axone.engine.machine.device import available_devices, choose_device, environment, memory_guard, use_threads
from axone.errors import ResourceError


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


def test_the_environment_has_what_a_run_needs():
    noted = environment(torch.device("cpu"), torch.float32)
    assert noted["torch"] == torch.__version__ and noted["precision"] == "float32"
    assert noted["threads"] == torch.get_num_threads() and noted["processor"]


def test_running_out_of_memory_is_reported_as_such():
    with pytest.raises(ResourceError, match="memory"), memory_guard():
        torch.empty(2**50)
    with pytest.raises(RuntimeError, match="other"), memory_guard():
        raise RuntimeError("other")
