"""How kernels are compiled: numba's strict IEEE arithmetic, one thread, with a cache on disk.

Only files of kernels import this module, and they are imported only where numba is installed.

    @kernel
    def add(first, second, total):
        for copy in range(len(total)):
            total[copy] = first[copy] + second[copy]

    add(*arrays(a, b, c))
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

import numba
import numpy
from torch import Tensor

VECTOR = 8  # numbers of 64 bits in the largest vector register: a loop over a multiple of them has no remainder

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function at its first call; the result is stored in numba's cache.

    No operation is fused or moved, so that the bits are those of tensor operations. Division by zero gives infinity
    or NaN, as it does there. Wrappers that check types are removed: numba compiles the function itself. The cache is
    in the `__pycache__` folder of the file, or in the user's cache folder where that one cannot be written.
    """
    function = inspect.unwrap(function)
    try:
        compiled = numba.njit(cache=True, error_model="numpy", fastmath=False)(function)
    except RuntimeError:  # neither folder can be written: each process compiles anew
        return cast(Function, numba.njit(error_model="numpy", fastmath=False)(function))
    # numba compiles again when the file of the kernel changes; it does not look at functions and constants from others.
    stored = getattr(getattr(compiled, "_cache", None), "_cache_file", None)  # None with NUMBA_DISABLE_JIT
    if stored is not None:
        stored._source_stamp = source_stamp(inspect.getfile(sys.modules[function.__module__]))
    return cast(Function, compiled)


def kernel_from(template: Function, name: str, **meanings: Any) -> Function:
    """Compile a function that is written once, with other meanings for some names of its file.

    numba stores a compiled function by its name, and cannot store one that receives functions as arguments. So each
    kernel is the template under a name of its own, whose global names are replaced.

    Args:
        template: The function.
        name: The name of the kernel, with the module that calls this: `f"{__name__}.play"`.
        meanings: What global names of the template mean in this kernel.
    """
    function = inspect.unwrap(template)
    unknown = meanings.keys() - function.__globals__.keys()
    if unknown:
        raise TypeError(f"{function.__module__} has no names {sorted(unknown)}")
    named = FunctionType(function.__code__, {**function.__globals__, **meanings})
    named.__module__, named.__qualname__ = name.rpartition(".")[0], name  # numba's file has the latter
    return kernel(cast(Function, named))


def inlined(function: Function) -> Function:
    """Compile a function into each kernel that calls it, so that loops over copies can use vector instructions."""
    compiled = numba.njit(error_model="numpy", fastmath=False, forceinline=True)
    return cast(Function, compiled(inspect.unwrap(function)))


@cache
def source_stamp(path: str) -> tuple[tuple[str, int, int], ...]:
    """Return name, time of the last change and size of a source file and of all files of ours that it imports."""
    file = Path(path)
    facts = file.stat()
    stamps = {(file.name, facts.st_mtime_ns, facts.st_size)}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("axone."):
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                imported = getattr(sys.modules.get(name), "__file__", None)
                stamps.update(source_stamp(imported) if imported else ())
    return tuple(sorted(stamps))


def arrays(*tensors: Tensor) -> list[numpy.ndarray]:
    """Return tensors of the CPU as numpy arrays that share their memory; only what is not contiguous is copied."""
    return [tensor.contiguous().numpy() for tensor in tensors]
