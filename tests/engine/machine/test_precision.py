"""The choice of the floating-point precision."""

import pytest
import torch

from axone.engine.machine import precision as module
from axone.engine.machine.precision import casting, choose_precision, has_bfloat16
from axone.errors import ResourceError


def test_precision_follows_the_processor(monkeypatch):
    cpu = torch.device("cpu")
    for native, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(module, "has_bfloat16", lambda device, native=native: native)
        assert choose_precision("auto", cpu) is expected
    monkeypatch.undo()
    assert choose_precision("auto", cpu) is (torch.bfloat16 if has_bfloat16(cpu) else torch.float32)
    assert not has_bfloat16(torch.device("mps"))
    assert choose_precision("bfloat16", cpu) is torch.bfloat16
    with casting(cpu, torch.bfloat16):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.bfloat16
    with casting(cpu, torch.float32):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32
    with pytest.raises(ResourceError):
        choose_precision("bfloat16", torch.device("mps"))
