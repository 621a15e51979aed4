"""Lines for people: safe for any terminal, on standard error, so that standard output has only results and `--json`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from axone.metrics import format_value, label
from axone.numbers import NARROW_SPACE

# Control characters and direction marks, which a name or a log could use to change what the terminal displays.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: object) -> str:
    """Return text that is safe for any terminal: without control characters, with plain spaces."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text)).replace(NARROW_SPACE, " ")


def say(text: object = "", *, file: Any = None) -> None:
    """Print a line for people, by default to standard error.

    Characters that the stream cannot encode become "?". That the reader of standard error has gone away
    (`2>&1 | head`) is ignored, for it is no reason to stop a training; for another stream it raises BrokenPipeError.
    """
    stream = file or sys.stderr
    line = printable(text) + "\n"
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(line.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        if file is not None:
            raise
        # What is left in the buffer would fail again when Python ends, and make the exit code 120.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def format_metrics(metrics: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> str:
    """Return metrics on one line, with their labels: `loss 0.2104  accuracy 91.50 %`.

    With the facts of a run, a Fréchet distance names the network whose features it compares.
    """
    return "  ".join(
        f"{label(id, facts)} {'-' if value is None else format_value(id, value)}" for id, value in metrics.items()
    )
