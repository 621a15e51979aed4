"""The machine: the device of a training, the number of threads, and what a run records about them."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from axone.cores import usable_cores
from axone.errors import ResourceError
from axone.messages import _


def available_devices() -> list[str]:
    """Return the devices of this machine by the names that `--device` accepts."""
    devices = ["cpu"]
    devices += [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    return devices


def choose_device(wanted: str) -> torch.device:
    """Return the device of the setting `device`. Raises ResourceError for one that this machine does not have."""
    devices = available_devices()
    if wanted == "auto":
        return torch.device(devices[1] if len(devices) > 1 else "cpu")
    name = "cuda:0" if wanted == "cuda" else wanted
    if name not in devices:
        raise ResourceError(
            _("This machine has no device '{device}'.", device=wanted),
            expected=_("devices here: {devices}", devices=", ".join(devices)),
            hint=_("type --device {device}, or leave the flag out", device=devices[-1]),
        )
    return torch.device(name)


def use_threads(wanted: int) -> int:
    """Set the number of CPU threads and return it; 0: OMP_NUM_THREADS, or one for each usable core."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    count = wanted or (int(asked) if asked.isdecimal() and int(asked) > 0 else usable_cores())
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
    return count


def keep_freed_memory() -> bool:
    """Let the C library keep the memory that a step frees for the next step. Returns whether it was possible.

    The GNU C library returns large blocks to the system at once, and each step then pays for new, zeroed pages: on
    two cores, more than a third of a step of the course's CNN (docs/lab-notes.md). C libraries without `mallopt`
    (macOS, Windows, musl) are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    trim, top_pad, map_from = -1, -2, -3  # M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD of malloc.h
    wanted = ((trim, 1 << 30), (top_pad, 64 << 20), (map_from, 256 << 20))
    return all(mallopt(option, size) == 1 for option, size in wanted)


def processor_name() -> str:
    """Return the name of the processor as the operating system gives it."""
    if sys.platform == "linux":
        match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
        if match:
            return match.group(1).strip()
    return platform.processor() or platform.machine()


def processor_features() -> list[str]:
    """Return the names of the vector instruction sets that matter for speed, as torch reports them."""
    questions = {
        "AVX2": "_is_avx2_supported",
        "AVX-512": "_is_avx512_supported",
        "AVX-512 VNNI": "_is_vnni_supported",
        "AVX-512 BF16": "_is_avx512_bf16_supported",
        "AMX": "_is_amx_tile_supported",
    }
    return [name for name, ask in questions.items() if getattr(torch.cpu, ask, lambda: False)()]


def memory_bytes() -> int | None:
    """Return the machine's memory in bytes, or None when the operating system does not report it."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def environment(device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """Return the description of the machine and the libraries that is needed to understand or repeat a run."""
    return {
        "axone": metadata.version("axone"),
        "torch": torch.__version__,
        "numpy": metadata.version("numpy"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor_name(),
        "features": processor_features(),
        "threads": torch.get_num_threads(),
        "device": str(device),
        "device_name": torch.cuda.get_device_name(device) if device.type == "cuda" else processor_name(),
        "precision": str(dtype).removeprefix("torch."),
    }


@contextmanager
def memory_guard() -> Iterator[None]:
    """Turn an "out of memory" error, in each of its forms, into a ResourceError that says what to type."""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise _out_of_memory() from error
    except RuntimeError as error:
        if "can't allocate memory" in str(error) or "out of memory" in str(error).lower():
            raise _out_of_memory() from error
        raise


def _out_of_memory() -> ResourceError:
    return ResourceError(
        _("There is not enough memory for this batch."), hint=_("type a smaller --batch-size, or use --limit")
    )
