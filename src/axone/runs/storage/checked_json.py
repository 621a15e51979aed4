"""JSON files that end with their own sha256, so that a flipped bit anywhere in them is found on reading.

{
 "files": {...},
 "version": 1,
 "sha256": "9f86d081884c..."
}
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from axone.messages import _
from axone.runs.storage.reading import read_inside

SHA256 = "sha256"  # the last field of the file: the hash of the same content without it
_LARGEST = 50_000_000  # bytes; Axone writes no such file as large
_END = re.compile(rb',?\n "sha256": "([0-9a-f]{64})"\n}\n\Z')


def encode_checked(content: dict[str, Any]) -> bytes:
    """Return a JSON object as bytes that end with their sha256; keys are sorted."""
    bare = _encode({name: value for name, value in content.items() if name != SHA256})
    body, comma = (bare[:-3], b",") if bare != b"{}\n" else (b"{", b"")
    return body + comma + b'\n "sha256": "' + hashlib.sha256(bare).hexdigest().encode() + b'"\n}\n'


def decode_checked(data: bytes) -> dict[str, Any]:
    """Read what `encode_checked` returned. Raises ValueError when one bit differs."""
    if len(data) > _LARGEST:
        raise ValueError(_("too large"))
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError(_("not readable")) from None
    end = _END.search(data)
    if not isinstance(content, dict) or end is None:
        raise ValueError(_("its content changed"))
    body = data[: end.start()]
    bare = body + b"\n}\n" if body != b"{" else b"{}\n"
    if hashlib.sha256(bare).hexdigest().encode() != end[1] or data[end.start() : end.start() + 1] != _separator(body):
        raise ValueError(_("its content changed"))
    return content


def read_checked(path: Path) -> dict[str, Any]:
    """Read a checked file. Raises ValueError with the reason when it is missing or not what was written."""
    try:
        return decode_checked(read_inside(path.parent, path.name, _LARGEST))
    except FileNotFoundError:
        raise ValueError(_("missing")) from None
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None


def _separator(body: bytes) -> bytes:
    return b"\n" if body == b"{" else b","


def _encode(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()
