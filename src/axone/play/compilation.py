"""How kernels are compiled: numba's strict IEEE arithmetic, one thread, with a cache on disk.

Only files of kernels import this module, and they are imported only where numba is installed.

    @kernel
    def add(first, second, total):
        for copy in range(len(total)):
            total[copy] = first[copy] + second[copy]

    add(*arrays(a, b, c))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy
from torch import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function at its first call; the result is stored in numba's cache.

    No operation is fused or moved, so that the bits are those of tensor operations. Division by zero gives infinity
    or NaN, as it does there. Wrappers that check types are removed: numba compiles the function itself. The cache is
    in the `__pycache__` folder of the file, or in the user's cache folder where that one cannot be written.
    """
    compiled = numba.njit(cache=True, error_model="numpy", fastmath=False)
    return cast(Function, compiled(inspect.unwrap(function)))


def inlined(function: Function) -> Function:
    """Compile a function into each kernel that calls it, so that loops over copies can use vector instructions."""
    compiled = numba.njit(cache=True, error_model="numpy", fastmath=False, forceinline=True)
    return cast(Function, compiled(inspect.unwrap(function)))


def arrays(*tensors: Tensor) -> list[numpy.ndarray]:
    """Return tensors of the CPU as numpy arrays that share their memory; only what is not contiguous is copied."""
    return [tensor.contiguous().numpy() for tensor in tensors]
