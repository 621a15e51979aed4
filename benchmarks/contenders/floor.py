"""A lower bound: forward pass, backward pass and optimizer step on one batch in memory.

There is no data path, no metric, no evaluation and no training loop. The steps are measured in the layout and precision
that Axone chooses (channels last, bfloat16 where the processor has it, a fused optimizer step, freed memory kept), and
in the plain layout. The seconds are those of `task.steps` steps, scaled to an epoch.
"""

from __future__ import annotations

import time
from typing import Any

import torch
import torch.nn.functional as functional

import axone
from axone.engine.machine.device import keep_freed_memory
from axone.engine.machine.precision import casting, choose_precision
from contenders.common import BATCH, RATE, Task, network, outcome, parameters

WARM = 20  # steps before the clock starts, in which kernels are chosen and memory is allocated


def run(task: Task, as_axone: bool) -> dict[str, Any]:
    """Measure the steps."""
    torch.manual_seed(task.seed)
    pixels, labels = task.train
    inputs, targets = task.floats(pixels[:BATCH]), labels[:BATCH]
    device = torch.device("cpu")
    dtype = choose_precision("auto", device) if as_axone else torch.float32
    if as_axone:
        keep_freed_memory()
        model = axone.network("cnn").to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
        torch_optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    else:
        model = network()
        torch_optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    started = 0.0
    for step in range(WARM + task.steps):
        if step == WARM:
            started = time.perf_counter()
        torch_optimizer.zero_grad()
        with casting(device, dtype):
            logits = model(inputs)
        functional.cross_entropy(logits.float(), targets).backward()
        torch_optimizer.step()
    step_seconds = (time.perf_counter() - started) / task.steps
    batches = len(labels) // BATCH
    return outcome(
        [step_seconds * batches],
        parameters(model),
        None,
        batches * BATCH,
        step_milliseconds=step_seconds * 1e3,
        precision=str(dtype).removeprefix("torch."),
    )


def run_axone(task: Task) -> dict[str, Any]:
    """Measure in Axone's layout."""
    return run(task, as_axone=True)


def run_plain(task: Task) -> dict[str, Any]:
    """Measure in the plain layout."""
    return run(task, as_axone=False)
