"""The recorder in memory."""

import torch

from axone.engine.recorder import MemoryRecorder


def test_the_memory_recorder_keeps_copies():
    recorder, weights = MemoryRecorder(), {"w": torch.zeros(2)}
    recorder.save_checkpoint("last", weights, {"step": 1})
    weights["w"] += 1
    result, state = recorder.load_checkpoint("last")
    assert torch.equal(result["w"], torch.zeros(2)) and state == {"step": 1}
