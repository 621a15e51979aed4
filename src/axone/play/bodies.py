"""Which body of a simulation runs: tensor operations on any device, or kernels for the CPU, compiled by numba.

Both compute the same bits, which tests hold them to. Kernels are many times faster where a step is small; they need the
extra `play`.
"""

from __future__ import annotations

import importlib.util
import os
from importlib import metadata
from typing import Literal, TypeVar, cast

import torch

from axone.errors import UsageError
from axone.messages import _
from axone.play.simulation import Simulation

Body = Literal["auto", "torch", "numba"]
Kind = TypeVar("Kind", bound=Simulation)


def has_numba() -> bool:
    """Return whether numba is installed, without importing it."""
    return importlib.util.find_spec("numba") is not None


def numba_version() -> str | None:
    """Return the version of numba, or None where it is not installed."""
    return metadata.version("numba") if has_numba() else None


def is_compiled() -> bool:
    """Return whether kernels are compiled: not where NUMBA_DISABLE_JIT, a help in debugging, is set."""
    return has_numba() and os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


def choose_body(simulation: Kind, device: torch.device | str = "cpu", body: Body = "auto") -> Kind:
    """Return the simulation whose functions run on a device: kernels where they can, else tensor operations.

    Args:
        simulation: The simulation, as its class makes it.
        device: Where its state lives.
        body: "torch" or "numba" asks for one of them; "auto" takes kernels on the CPU where they are there.

    Raises:
        UsageError: Kernels were asked for, and numba is missing, the device is no CPU, or the simulation has none.
    """
    if not runs_kernels(device, body):
        return simulation
    kernels = simulation.kernels()
    if kernels is None:
        if body == "numba":
            raise UsageError(_("'{name}' has no kernels: it runs as tensor operations.", name=simulation.name))
        return simulation
    return cast(Kind, kernels)


def runs_kernels(device: torch.device | str = "cpu", body: Body = "auto") -> bool:
    """Return whether kernels run on a device; the arguments are those of `choose_body`.

    Raises:
        UsageError: Kernels were asked for, and numba is missing or the device is no CPU.
    """
    on_cpu = torch.device(device).type == "cpu"
    if body == "torch" or (body == "auto" and not (on_cpu and has_numba())):
        return False
    if not has_numba():
        raise UsageError(_("The kernels need numba, which is not installed."), hint="pip install 'axone[play]'")
    if not on_cpu:
        raise UsageError(_("The kernels run on the CPU, not on {device}.", device=str(device)))
    return True
