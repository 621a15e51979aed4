"""Read and write WAV files: integers of 8, 16, 24 and 32 bits, floats of 32 and 64, mu-law and A-law, any channels.

The reader trusts no number of the header: sizes are compared with the file, and memory is allocated block by block.
A data chunk of a size that stands for "not known" is read to the end of the file; any other size that is larger than
the file is that of a file that was cut off.

Source: Microsoft, "Multiple Channel Audio Data and WAVE Files" (WAVE_FORMAT_EXTENSIBLE); ITU-T G.711 (mu-law, A-law).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase

import numpy as np
from jaxtyping import Float

from axone.messages import _

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
MAX_RATE = 1_000_000  # Hz; what is above is a damaged header
MAX_CHANNELS = 64
# What writers that do not know the size of their data chunk write, because they write into a pipe or were stopped.
_UNKNOWN_SIZES = (0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFF000, 0xFFFFFFFF)
_MAX_CHUNKS = 1000
_WIDTHS = {PCM: (8, 16, 24, 32), FLOAT: (32, 64), A_LAW: (8,), MU_LAW: (8,)}
_NAMES = {2: "ADPCM", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x50: "MPEG", 0x55: "MP3"}


class WavError(ValueError):
    """Bytes that are no readable WAV file; the text says why, for people."""


@dataclass(frozen=True)
class WavHeader:
    """What a WAV file contains, verified against its size.

    Args:
        encoding: PCM, FLOAT, A_LAW or MU_LAW.
        rate: Frames in a second.
        channels: Samples in a frame.
        bits: Of one sample as stored.
        frames: The number of frames that are present.
        start: The position of the first byte of the first frame.
    """

    encoding: int
    rate: int
    channels: int
    bits: int
    frames: int
    start: int

    @property
    def frame_bytes(self) -> int:
        """The bytes of one frame."""
        return self.channels * self.bits // 8


def read_header(file: BufferedIOBase) -> WavHeader:
    """Return the header of a WAV file that is open at its start. Raises WavError."""
    file.seek(0, 2)
    total = file.tell()
    file.seek(0)
    if total == 0:
        raise WavError(_("it is empty (0 bytes)"))
    start = file.read(12)
    if start[:4] not in (b"RIFF", b"RF64") or start[8:12] != b"WAVE":
        raise WavError(_("it is not a WAV file"))
    form: tuple[int, int, int, int] | None = None
    for _number in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        name, size = head[:4], int.from_bytes(head[4:], "little")
        position = file.tell()
        if name == b"fmt ":
            form = _parse_format(file.read(min(size, 40)))
        elif name == b"data":
            if form is None:
                raise WavError(_("its samples come before their format (no fmt chunk)"))
            return _measure(form, position, size, total, start[:4] == b"RF64")
        file.seek(position + size + size % 2)
    raise WavError(_("it has no samples (no data chunk)") if form else _("it has no format (no fmt chunk)"))


def _parse_format(chunk: bytes) -> tuple[int, int, int, int]:
    """Return encoding, channels, rate and bits of a format chunk."""
    if len(chunk) < 16:
        raise WavError(_("its format chunk is cut off"))
    encoding, channels, rate, _byte_rate, block, bits = struct.unpack("<HHIIHH", chunk[:16])
    if encoding == EXTENSIBLE:
        if len(chunk) < 40:
            raise WavError(_("its format chunk is cut off"))
        encoding = int.from_bytes(chunk[24:26], "little")
    if not 1 <= channels <= MAX_CHANNELS:
        raise WavError(_("its header says {count} channels", count=channels))
    if not 1 <= rate <= MAX_RATE:
        raise WavError(_("its header says a sampling rate of {rate} Hz", rate=rate))
    if encoding not in _WIDTHS:
        name = _NAMES.get(encoding, f"0x{encoding:04x}")
        raise WavError(_("its encoding ({name}) is not read; re-encode it as PCM of 16 bits", name=name))
    if block and block % channels == 0 and encoding == PCM:  # 12 bits are stored in 16, 20 in 24
        bits = 8 * block // channels
    if bits not in _WIDTHS[encoding]:
        raise WavError(_("samples of {bits} bits are not read; re-encode it as PCM of 16 bits", bits=bits))
    return encoding, channels, rate, bits


def _measure(form: tuple[int, int, int, int], start: int, size: int, total: int, is_rf64: bool) -> WavHeader:
    """Return the header, with the number of frames that are in the file."""
    encoding, channels, rate, bits = form
    present = total - start
    if size > present or size == 0:
        if size not in _UNKNOWN_SIZES and not is_rf64:
            raise WavError(
                _("it is cut off: its header says {size} bytes of samples, {present} are there",
                  size=size, present=present)
            )  # fmt: skip
        size = present
    frames = size // (channels * bits // 8)
    if frames == 0:
        raise WavError(_("it has no samples"))
    return WavHeader(encoding, rate, channels, bits, frames, start)


def decode_blocks(file: BufferedIOBase, header: WavHeader, frames: int) -> Iterator[Float[np.ndarray, "_ channels"]]:
    """Yield the samples of a file, `frames` frames at a time (the last block is shorter), as float32 from -1 to 1."""
    file.seek(header.start)
    left = header.frames
    while left > 0:
        data = file.read(min(frames, left) * header.frame_bytes)
        count = len(data) // header.frame_bytes
        if count == 0:
            raise WavError(_("it became shorter while it was read"))
        left -= count
        yield _decode(data[: count * header.frame_bytes], header).reshape(count, header.channels)


def _decode(data: bytes, header: WavHeader) -> Float[np.ndarray, " samples"]:
    match header.encoding, header.bits:
        case 1, 8:
            return (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
        case 1, 16:
            return np.frombuffer(data, "<i2").astype(np.float32) / 2**15
        case 1, 24:
            padded = np.zeros((len(data) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return padded.view("<i4")[:, 0].astype(np.float32) / 2**31
        case 1, 32:
            return np.frombuffer(data, "<i4").astype(np.float32) / 2**31
        case 3, 32:
            return np.frombuffer(data, "<f4").astype(np.float32)
        case 3, 64:
            with np.errstate(over="ignore"):
                return np.frombuffer(data, "<f8").astype(np.float32)
        case 7, 8:
            return _expand_mu_law()[np.frombuffer(data, np.uint8)]
        case 6, 8:
            return _expand_a_law()[np.frombuffer(data, np.uint8)]
    raise AssertionError(header)


def _expand_mu_law() -> Float[np.ndarray, " 256"]:
    """Return the value of each byte of mu-law."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 15).astype(np.int32) << 3) + 132 << ((code >> 4) & 7).astype(np.int32)) - 132
    return (np.where(code & 128, -magnitude, magnitude) / 2**15).astype(np.float32)


def _expand_a_law() -> Float[np.ndarray, " 256"]:
    """Return the value of each byte of A-law."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent = ((code >> 4) & 7).astype(np.int32)
    mantissa = ((code & 15).astype(np.int32) << 4) + 8
    magnitude = np.where(exponent == 0, mantissa, mantissa + 256 << np.maximum(exponent - 1, 0))
    return (np.where(code & 128, magnitude, -magnitude) / 2**15).astype(np.float32)


def encode_wav(samples: Float[np.ndarray, " *frames_channels"], rate: int) -> bytes:
    """Return the bytes of a WAV file of 16 bits.

    Args:
        samples: Samples from -1 to 1, of shape (frames,) or (frames, channels); values outside are clipped.
        rate: Frames in a second.
    """
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    data = np.round(np.clip(np.nan_to_num(samples), -1, 1) * 32767).astype("<i2").tobytes()
    head = struct.pack("<HHIIHH", PCM, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
