"""Decode some images of a folder into the file of their pixels: the work of one thread or process.

    python -m axone.data.images.cache.decoding     reads a task per line of JSON, writes a result per line

Threads call `decode`, processes run `main`, which calls it. Nothing here needs torch, so a process starts in a
fraction of a second. `workers.py` gives out the tasks.
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
from axone.data.images.decode.file import ImageError, decode_file
from axone.data.images.decode.fit import Fit
from axone.data.images.scale.scale import read_scale
from axone.data.images.scale.units import UnitError
from axone.data.images.statistics import PIXEL_HASH_BYTES, compute_statistics, hash_image
from axone.errors import ResourceError

CONTENT_HASH_BYTES = 32


@dataclass(frozen=True)
class DecodingJob:
    """What all tasks of a folder have in common: folder, file of pixels, and the form that all images get."""

    root: str
    pixels: str  # path of the file of pixels, which has its final length already
    height: int
    width: int
    channels: int
    fit: Fit
    scale: dict[str, Any] | None = None  # of values of more than 8 bits, as `Scale.to_facts`; None: by their type

    @property
    def row_bytes(self) -> int:
        """The bytes of one image in the file of pixels."""
        return self.height * self.width * self.channels


class DecodingTask(NamedTuple):
    """Some images to decode.

    Args:
        rows: The row of each in the file of pixels.
        names: The name of each file, relative to the folder.
        known: The sha256 of each file in a previous cache, or None.
    """

    rows: list[int]
    names: list[str]
    known: list[str | None]


class DecodingResult(NamedTuple):
    """The result of a task."""

    records: np.ndarray  # one for each image, see `record_dtype`
    reasons: dict[int, str]  # of the rows that cannot be used
    same: list[int]  # rows whose file did not change, and was not decoded


def record_dtype(channels: int) -> np.dtype:
    """Return the layout of the record that a cache stores of each image."""
    return np.dtype(
        [
            ("usable", "?"),
            ("frames", "?"),
            ("color", "?"),  # of the file, whatever the channels of the cache
            ("above_8_bits", "?"),  # whether its values were scaled to bytes
            ("is_reduced", "?"),  # whether only 8 of its 16 bits were read
            ("outside", "<f8"),  # fraction of its values that the scale clipped
            ("lowest", "u1"),  # of the pixels
            ("highest", "u1"),
            ("width", "<u4"),
            ("height", "<u4"),
            ("content", "u1", CONTENT_HASH_BYTES),  # sha256 of the file
            ("hash", "u1", PIXEL_HASH_BYTES),  # of the pixels
            ("statistics", "<i8", (channels, 2)),
        ]
    )


def decode(job: DecodingJob, task: DecodingTask) -> DecodingResult:
    """Decode the images of a task into the file of pixels.

    Raises ResourceError for an image that may not be read or does not fit into memory, OSError for pixels that cannot
    be written.
    """
    result = DecodingResult(np.zeros(len(task.rows), record_dtype(job.channels)), {}, [])
    size, scale = (job.height, job.width), read_scale(job.scale)
    with Path(job.pixels).open("r+b", buffering=0) as file:
        for position, (row, name, known) in enumerate(zip(task.rows, task.names, task.known, strict=True)):
            path = os.path.join(job.root, *name.split("/"))  # noqa: PTH118 - twice as fast as pathlib
            sha256 = bytes.fromhex(known) if known else None
            try:
                file_content = decode_file(
                    path, size=size, channels=job.channels, fit=job.fit, scale=scale, unless_sha256=sha256
                )
            except (ImageError, UnitError) as error:
                result.reasons[row] = error.reason if isinstance(error, ImageError) else error.what
                continue
            if file_content is None:
                result.same.append(row)
                continue
            header, pixels = file_content.header, file_content.pixels
            record = result.records[position]
            record["usable"], record["frames"], record["color"] = True, header.frames, header.channels == 3
            record["above_8_bits"], record["outside"] = header.above_8_bits, file_content.scaling.outside
            record["width"], record["height"] = header.width, header.height
            record["is_reduced"] = header.is_reduced
            record["lowest"], record["highest"] = pixels.min(), pixels.max()
            record["content"] = np.frombuffer(file_content.sha256, np.uint8)
            record["hash"] = np.frombuffer(hash_image(pixels), np.uint8)
            record["statistics"] = compute_statistics(pixels[None])[0]
            file.seek(row * job.row_bytes)
            write_all(file, pixels)
    return result


def write_all(file: BinaryIO, pixels: np.ndarray) -> None:
    """Write pixels to an unbuffered file, whose `write` may accept a part of them only."""
    left = np.ascontiguousarray(pixels).data.cast("B")
    while left:
        left = left[file.write(left) :]


def encode_task(job: DecodingJob, task: DecodingTask, language: str) -> bytes:
    """Return a task as a line for a process; its messages are in a language."""
    return json.dumps({"job": asdict(job), "task": task._asdict(), "language": language}).encode() + b"\n"


def parse_result(line: bytes, channels: int) -> DecodingResult:
    """Return the result that a process wrote. Raises what `decode` raised there; RuntimeError for a bug."""
    fields = json.loads(line)
    if "bug" in fields:
        raise RuntimeError(fields["bug"])
    if "system" in fields:
        raise OSError(*fields["system"])
    if "error" in fields:
        raise ResourceError(**fields["error"])
    records = np.frombuffer(base64.b64decode(fields["records"]), record_dtype(channels))
    return DecodingResult(records, {int(row): reason for row, reason in fields["reasons"].items()}, fields["same"])


def _answer(line: bytes) -> Mapping[str, Any]:
    fields = json.loads(line)
    messages.use(fields["language"])
    try:
        result = decode(DecodingJob(**fields["job"]), DecodingTask(**fields["task"]))
    except ResourceError as error:
        return {"error": {"what": error.what, "expected": error.expected, "hint": error.hint}}
    except OSError as error:
        return {"system": [error.errno, error.strerror]}
    except Exception:
        return {"bug": traceback.format_exc()}
    records = base64.b64encode(result.records.tobytes()).decode()
    return {"records": records, "reasons": result.reasons, "same": result.same}


def main() -> None:
    """Answer tasks from standard input until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole process group; the parent decides
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(json.dumps(_answer(line)).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
