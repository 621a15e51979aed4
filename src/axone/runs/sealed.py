"""JSON files that carry their own sha256, in the field "self": a flipped bit anywhere in them is found on reading."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from axone.messages import _

_LARGEST = 50_000_000  # bytes; more is not ours


def seal(content: dict[str, Any]) -> bytes:
    """Write a JSON object that carries its own sha256. There is one way to write it: any other byte is damage."""
    bare = {name: value for name, value in content.items() if name != "self"}
    return _canonical({**bare, "self": hashlib.sha256(_canonical(bare)).hexdigest()})


def unseal(data: bytes) -> dict[str, Any]:
    """Read what `seal` wrote. Raises ValueError when one bit differs."""
    if len(data) > _LARGEST:
        raise ValueError(_("too large"))
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError(_("not readable")) from None
    if not isinstance(content, dict) or seal(content) != data:
        raise ValueError(_("its content changed"))
    return content


def read_sealed(path: Path) -> dict[str, Any]:
    """Read a sealed file. Raises ValueError with the reason when it is missing or not what was written."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(_("too large"))
        return unseal(path.read_bytes())
    except FileNotFoundError:
        raise ValueError(_("missing")) from None
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None


def _canonical(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()
