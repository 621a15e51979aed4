"""The optimizers of torch, without importing the tracer of torch.compile.

torch marks several methods of its optimizers as not to be traced, and for that imports its tracer and SymPy at their
first call, even where nothing is ever compiled: half a second, in a training that may take less. The classes of this
file are torch's own with these marks removed. They compute the same.
"""

from __future__ import annotations

import inspect

import torch
from torch.optim import Optimizer as TorchOptimizer


class OptimizerWithoutTracer(TorchOptimizer):
    """The base of the optimizers of this package."""

    add_param_group = inspect.unwrap(TorchOptimizer.add_param_group)
    state_dict = inspect.unwrap(TorchOptimizer.state_dict)
    load_state_dict = inspect.unwrap(TorchOptimizer.load_state_dict)


class Adam(OptimizerWithoutTracer, torch.optim.Adam):
    """`torch.optim.Adam`."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))


class AdamW(OptimizerWithoutTracer, torch.optim.AdamW):
    """`torch.optim.AdamW`."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.AdamW.step))


class SGD(OptimizerWithoutTracer, torch.optim.SGD):
    """`torch.optim.SGD`."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.SGD.step))
