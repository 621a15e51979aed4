"""Recordings for tests: tones in WAV files, folders of them, and headers that lie."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np

from axone.data.audio.decode.wav import encode_wav
from axone.data.audio.named.morse import synthesize_morse

RATE = 8000


def tone(seconds: float = 0.2, hertz: float = 440.0, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Return a tone with a little noise, so that no two seeds are equal."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * time) + 0.01 * rng.standard_normal(len(time))).astype(np.float32)


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Write a WAV file of 16 bits, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_wav(samples, rate))
    return path


def write_folder(root: Path, counts: dict[str, int], seconds: float = 0.2) -> Path:
    """Write a folder with a folder of tones for each class, each class at its own frequency."""
    for place, (name, count) in enumerate(counts.items()):
        for number in range(count):
            samples = tone(seconds + 0.01 * number, 300.0 * (place + 1), seed=1000 * place + number)
            write_wav(root / name / f"{number:03}.wav", samples)
    return root


def ensure_tones() -> Path:
    """Return a folder of 3 classes of 24 tones each, which is written once."""
    root = Path(os.environ["AXONE_CACHE"], "few-tones")
    return root if root.exists() else write_folder(root, {"high": 24, "low": 24, "middle": 24})


def ensure_morse() -> Path:
    """Return a table of 60 short texts in Morse code, which is written once."""
    table = Path(os.environ["AXONE_CACHE"], "few-morse", "list.csv")
    if not table.exists():
        lines = ["file,transcript"]
        for number in range(60):
            text = "ETIA"[number % 4] + "TE"[number // 4 % 2]
            write_wav(table.parent / f"{number}.wav", synthesize_morse(text, number).numpy())
            lines.append(f"{number}.wav,{text}")
        table.write_text("\n".join(lines))
    return table


def wav_bytes(
    data: bytes, *, encoding: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16,
    data_size: int | None = None, byte_rate: int | None = None, extra: bytes = b"", before: bytes = b"",
) -> bytes:  # fmt: skip
    """Return the bytes of a WAV file, each field of whose header may lie."""
    block = channels * bits // 8
    form = struct.pack(
        "<HHIIHH", encoding, channels, rate, rate * block if byte_rate is None else byte_rate, block, bits
    )
    form += extra
    chunks = before + b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(data) if data_size is None else data_size) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
