"""Pictures, good and bad, made by code: no binary file lies in the tests."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def noise(height: int = 20, width: int = 24, channels: int = 3, seed: int = 0) -> np.ndarray:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def encoded(array: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind, **options)
    return buffer.getvalue()


def bomb(width: int = 9000, height: int = 9000) -> bytes:
    """A PNG of few kilobytes and very many pixels (81 million unless told otherwise)."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def folder(root: Path, classes: dict[str, int], side: int = 12, channels: int = 3, seed: int = 0) -> Path:
    """A folder with that many pictures in each class; every picture another."""
    for number, (name, count) in enumerate(classes.items()):
        (root / name).mkdir(parents=True)
        for place in range(count):
            picture = noise(side, side, channels, seed=hash((seed, number, place)) % 2**32)
            Image.fromarray(picture).save(root / name / f"{place}.png")
    return root
