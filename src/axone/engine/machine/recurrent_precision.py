"""The precision in which a recurrent network is trained, found by a short measurement of the cell itself.

bfloat16 halves the time of an LSTM on a processor that multiplies it natively, and doubles that of a small GRU, which
torch computes step by step (docs/benchmarks/recurrent.md). No rule covers cells, sizes and processors, so both are
measured, on as many steps as take a fraction of a second. The choice belongs to the facts of a run: a restored run
does not measure again, because another choice would give other bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch import nn

from axone.engine.context import ignore_text
from axone.engine.machine.device import choose_device
from axone.engine.machine.precision import casting, has_bfloat16
from axone.engine.machine.seeds import preserve_random_state
from axone.messages import _
from axone.settings import Settings

FACT = "recurrent_precision"
CELLS: dict[str, Callable[..., nn.Module]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
NEEDED_SPEEDUP = 1.15  # of bfloat16: a small gain is not worth the rounding, and might not be found the next time
SMALL = 200_000_000  # floating-point operations of a batch, below which the choice does not matter
MEASURED_STEPS = 32
REPETITIONS = 3


def choose_recurrent_precision(
    settings: Settings,
    facts: Mapping[str, Any] | None,
    *,
    cell: str,
    features: int,
    hidden: int,
    steps: int,
    batch: int,
    notify: Callable[[str], None] = ignore_text,
) -> str:
    """Return "float32" or "bfloat16", for the argument `precision` of a recurrent layer.

    Args:
        settings: `precision` is the answer unless it is "auto"; `device` says where the network is trained.
        facts: The facts of the run that is restored, which contain the answer; None for a new training.
        cell: "lstm", "gru" or "rnn".
        features: The number of features of a step.
        hidden: The number of hidden units.
        steps: The number of steps of a typical batch.
        batch: The number of sequences in a batch.
        notify: Called with a sentence where the processor cannot compute the cell in bfloat16.
    """
    if facts is not None and FACT in facts:
        return str(facts[FACT])
    if settings.precision != "auto":
        return settings.precision
    device = choose_device(settings.device)
    operations = 2 * GATES[cell] * hidden * (features + hidden) * steps * batch
    if operations < SMALL or not has_bfloat16(device):
        return "float32"
    with preserve_random_state(device):
        speedup = measure_speedup(cell, features, hidden, min(steps, MEASURED_STEPS), batch, device)
    if speedup is None:
        notify(_("This processor cannot compute the recurrent cells in bfloat16; they are computed in float32."))
        return "float32"
    return "bfloat16" if speedup >= NEEDED_SPEEDUP else "float32"


@cache  # several networks of one process have the same choice
def measure_speedup(
    cell: str, features: int, hidden: int, steps: int, batch: int, device: torch.device
) -> float | None:
    """Return how many times faster a forward and backward pass is in bfloat16; None where that is impossible.

    Some processors refuse with "could not create a primitive descriptor" (pytorch#88136).
    """
    module = CELLS[cell](features, hidden, batch_first=True).to(device)
    inputs = torch.randn(batch, steps, features, device=device)
    try:
        seconds = {dtype: [time_pass(module, inputs, dtype)] for dtype in (torch.bfloat16, torch.float32)}  # warm up
        for _repetition in range(REPETITIONS):
            for dtype, times in seconds.items():
                times.append(time_pass(module, inputs, dtype))
    except RuntimeError:
        return None
    fastest = {dtype: min(times[1:]) for dtype, times in seconds.items()}
    return fastest[torch.float32] / fastest[torch.bfloat16]


def time_pass(module: nn.Module, inputs: torch.Tensor, dtype: torch.dtype) -> float:
    """Return the seconds of one forward and backward pass: of the processor, which other processes do not change."""
    on_processor = inputs.device.type == "cpu"
    clock = time.process_time if on_processor else time.perf_counter
    _synchronize(inputs.device)
    began = clock()
    with casting(inputs.device, dtype):
        output, _state = module(inputs)
    output.float().sum().backward()
    module.zero_grad(set_to_none=True)
    _synchronize(inputs.device)
    return clock() - began


def _synchronize(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
