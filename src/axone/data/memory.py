"""The memory that this process may still use, checked before something large is read."""

from __future__ import annotations

import os
from pathlib import Path

from axone.errors import ResourceError
from axone.messages import _
from axone.numbers import format_bytes

MEMINFO = Path("/proc/meminfo")  # of Linux
CONTAINER = Path("/sys/fs/cgroup")
READ_TOGETHER = 1_000_000_000  # bytes: a smaller cache is read into memory and verified, a larger one is mapped
MEMORY_FRACTION = 0.4  # of the free memory that decoded data may fill


def free_memory() -> int | None:
    """Return the bytes that this process may still use, or None where the system reports no limit.

    That is the smallest of the machine's free memory, the container's (control group version 2) and the process's
    own (`ulimit -v`).
    """
    limits = [_free_on_machine(), _free_in_container(), _free_in_process()]
    known = [limit for limit in limits if limit is not None]
    return max(0, min(known)) if known else None


def require_memory(needed: int, name: str) -> None:
    """Raise ResourceError, with the bytes needed and free, when `name` does not fit into memory."""
    free = free_memory()
    if free is not None and needed > free:
        raise ResourceError(
            _("'{name}' does not fit into memory.", name=name),
            expected=_(
                "about {needed} are needed, {free} are free", needed=format_bytes(needed), free=format_bytes(free)
            ),
            hint=_("use a machine with more memory, or a part of the data"),
        )


def max_bytes_read() -> int:
    """Return how many bytes of decoded images or recordings may be read into memory; larger files are mapped."""
    free = free_memory()
    return READ_TOGETHER if free is None else min(READ_TOGETHER, int(MEMORY_FRACTION * free))


def _free_on_machine() -> int | None:
    try:
        lines = MEMINFO.read_text("ascii").splitlines()
    except OSError:  # not Linux
        names = getattr(os, "sysconf_names", {})
        known = "SC_AVPHYS_PAGES" in names and "SC_PAGE_SIZE" in names
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if known else None
    available = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return int(available.split()[1]) * 1024 if available else None


def _free_in_container() -> int | None:
    try:
        limit, used = ((CONTAINER / name).read_text("ascii").strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return None
    return int(limit) - int(used) if limit.isdecimal() and used.isdecimal() else None


def _free_in_process() -> int | None:
    try:
        import resource  # not on Windows

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (ImportError, OSError, AttributeError):
        return None
    return limit - pages * resource.getpagesize()
