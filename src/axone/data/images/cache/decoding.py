"""Decode some pictures of a folder into the file that holds their pixels: what one worker does.

    python -m axone.data.images.cache.decoding     reads tasks as lines of JSON, answers each with a line of JSON

The same function serves threads (`decode`) and processes (`main`). Nothing here needs torch: a process that
decodes starts in a fraction of a second. `workers.py` is who asks.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from axone import messages
from axone.data.images.file import ImageError, decode_file
from axone.data.images.statistics import PIXEL_HASH_BYTES, compute_statistics, hash_image
from axone.errors import ResourceError

CONTENT_HASH_BYTES = 32


@dataclass(frozen=True)
class DecodingJob:
    """What all tasks of a folder have in common."""

    root: str
    pixels: str  # path of the file of pixels, which has its full length already
    side: int
    channels: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one picture in the file."""
        return self.side * self.side * self.channels


class DecodingTask(NamedTuple):
    """Some pictures: the row of each in the file of pixels, its name, the sha256 of a content known before."""

    rows: list[int]
    names: list[str]
    known: list[str | None]


class DecodingResult(NamedTuple):
    """What became of a task's pictures."""

    records: np.ndarray  # one for each picture, see `record`
    reasons: dict[int, str]  # of the rows that cannot be used
    same: list[int]  # rows whose content is the known one: they were not decoded


def record_dtype(channels: int) -> np.dtype:
    """Return the layout of what a pack keeps of each picture, beside its pixels."""
    return np.dtype(
        [
            ("usable", "?"),
            ("frames", "?"),
            ("color", "?"),  # the file's own, whatever the pack's channels
            ("width", "<u4"),
            ("height", "<u4"),
            ("content", "u1", CONTENT_HASH_BYTES),  # sha256 of the file
            ("hash", "u1", PIXEL_HASH_BYTES),  # of the pixels
            ("statistics", "<i8", (channels, 2)),
        ]
    )


def decode(work: DecodingJob, task: DecodingTask) -> DecodingResult:
    """Decode a task's pictures into the file of pixels.

    Raises ResourceError for a picture that may not be read or does not fit into memory, OSError for pixels
    that cannot be written.
    """
    answer = DecodingResult(np.zeros(len(task.rows), record_dtype(work.channels)), {}, [])
    with Path(work.pixels).open("r+b", buffering=0) as file:
        for place, (row, name, known) in enumerate(zip(task.rows, task.names, task.known, strict=True)):
            path = os.path.join(work.root, *name.split("/"))  # noqa: PTH118 - twice as fast, 60,000 times
            content = bytes.fromhex(known) if known else None
            try:
                found = decode_file(path, size=work.side, channels=work.channels, known=content)
            except ImageError as error:
                answer.reasons[row] = error.reason
                continue
            if found is None:
                answer.same.append(row)
                continue
            entry = answer.records[place]
            entry["usable"], entry["frames"] = True, found.header.frames
            entry["color"] = found.header.channels == 3
            entry["width"], entry["height"] = found.header.width, found.header.height
            entry["content"] = np.frombuffer(found.content, np.uint8)
            entry["hash"] = np.frombuffer(hash_image(found.pixels), np.uint8)
            entry["statistics"] = compute_statistics(found.pixels[None])[0]
            file.seek(row * work.row_bytes)
            write_all(file, found.pixels)
    return answer


def write_all(file: BinaryIO, pixels: np.ndarray) -> None:
    """Write pixels to an unbuffered file, which may take less at a time than it is given."""
    left = np.ascontiguousarray(pixels).data.cast("B")
    while left:
        left = left[file.write(left) :]


def encode_task(work: DecodingJob, task: DecodingTask, language: str) -> bytes:
    """Write a task as a line for a process."""
    return json.dumps({"work": asdict(work), "task": task._asdict(), "language": language}).encode() + b"\n"


def parse_result(line: bytes, channels: int) -> DecodingResult:
    """Read a process's line. Raises what `decode` raised there; RuntimeError for a bug of ours."""
    told = json.loads(line)
    if "bug" in told:
        raise RuntimeError(told["bug"])
    if "system" in told:
        raise OSError(*told["system"])
    if "error" in told:
        raise ResourceError(**told["error"])
    records = np.frombuffer(base64.b64decode(told["records"]), record_dtype(channels))
    return DecodingResult(records, {int(row): reason for row, reason in told["reasons"].items()}, told["same"])


def _told(line: bytes) -> Mapping[str, Any]:
    asked = json.loads(line)
    messages.use(asked["language"])
    try:
        answer = decode(DecodingJob(**asked["work"]), DecodingTask(**asked["task"]))
    except ResourceError as error:
        return {"error": {"what": error.what, "expected": error.expected, "hint": error.hint}}
    except OSError as error:
        return {"system": [error.errno, error.strerror]}
    except Exception:
        return {"bug": traceback.format_exc()}
    records = base64.b64encode(answer.records.tobytes()).decode()
    return {"records": records, "reasons": answer.reasons, "same": answer.same}


def main() -> None:
    """Answer tasks until there are no more, or until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: whoever asks decides
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(json.dumps(_told(line)).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
