"""Read one recording from a file: any format, rate and number of channels, as samples of one channel at one rate.

The content decides the format, never the name. Samples become float32, are mixed down to one channel by their mean,
resampled block by block, and scaled so that their largest magnitude is 1 (features do not depend on the level). The
memory is bounded: a recording that is longer than the limit is refused from its header, or while it is decoded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.audio.decode.codecs import Decoder, open_with_av, open_with_soundfile
from axone.data.audio.decode.errors import AudioError, TooLongError
from axone.data.audio.decode.resample import resample_blocks
from axone.data.audio.decode.wav import A_LAW, FLOAT, MU_LAW, WavError, decode_blocks, read_header
from axone.data.paths import printable_path
from axone.errors import ResourceError
from axone.messages import _
from axone.numbers import format_number

SUFFIXES = (".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".au", ".mp3", ".m4a", ".aac", ".mp4",
            ".webm", ".mkv", ".mka", ".mov", ".wma")  # fmt: skip
CLIPPED = 0.005  # fraction of samples in a row at full scale above which a recording is called clipped
FULL_SCALE = 0.95
SILENT = 10 ** (-90 / 20)  # a recording whose largest magnitude is below this has nothing to hear
LONGEST = 60.0  # seconds of a recording for training, where no other limit is set
_BLOCK = 1 << 16  # frames that are decoded together
# The first bytes of the files that each library reads.
_BY_SOUNDFILE = (b"fLaC", b"OggS", b"FORM", b".snd", b"caff", b"riff")
_BY_AV = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa", b"\xff\xf1", b"\xff\xf9",  # MP3, AAC
          b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75")  # Matroska, WMA  # fmt: skip
_NAMES = {FLOAT: "float", MU_LAW: "mu-law", A_LAW: "A-law"}


class FileInfo(NamedTuple):
    """What a file says of its recording."""

    format: str  # such as "WAV", for people
    rate: int  # frames in a second
    channels: int
    bits: int  # 0: not known
    frames: int  # 0: not known before it is decoded


class Recording(NamedTuple):
    """A decoded recording."""

    samples: Float[np.ndarray, " samples"]  # float32; the largest magnitude is 1
    rate: int  # of `samples`
    info: FileInfo
    peak: float  # the largest magnitude before it was scaled to 1
    clipped: bool  # whether many samples are at the largest magnitude
    replaced: int  # the number of samples that were NaN or infinite and became 0

    @property
    def seconds(self) -> float:
        """The length of the recording."""
        return len(self.samples) / self.rate


def read_info(path: Path | str) -> FileInfo:
    """Return what a file says of its recording, without decoding it. Raises as `read_recording` does."""
    with _open(Path(path)) as decoder:
        return FileInfo(decoder.format, decoder.rate, decoder.channels, decoder.bits, decoder.frames)


def read_recording(path: Path | str, rate: int | None = None, longest: float = LONGEST) -> Recording:
    """Decode a recording.

    Args:
        path: The file.
        rate: The rate of the samples; None: that of the file.
        longest: The limit of its length in seconds.

    Raises:
        AudioError: It is no recording, damaged, longer than the limit, silent, or without samples.
        ResourceError: It may not be read, or a library for its format is not installed.
    """
    path = Path(path)
    with _open(path) as decoder:
        info = FileInfo(decoder.format, decoder.rate, decoder.channels, decoder.bits, decoder.frames)
        limit = math.floor(longest * decoder.rate)
        if decoder.frames > limit:
            raise _too_long(path, decoder.frames / decoder.rate, longest)
        blocks, frames, replaced = [], 0, 0
        for block in decoder.blocks:
            mono, bad = _mix_down(block)
            blocks.append(mono)
            frames, replaced = frames + len(mono), replaced + bad
            if frames > limit:
                raise _too_long(path, None, longest)
    if frames == 0:
        raise AudioError(path, _("it has no samples"))
    samples = torch.from_numpy(np.concatenate(blocks))
    magnitude = samples.abs()
    peak = float(magnitude.max())
    if replaced > 0.5 * frames * info.channels:
        raise AudioError(path, _("most of its samples are no numbers (NaN or infinite)"))
    if peak < SILENT:
        raise AudioError(path, _("it is silent"))
    if info.frames and frames < 0.9 * info.frames:
        raise AudioError(
            path,
            _("it is cut off: {present} s of {whole} s are there", present=format_number(frames / info.rate),
              whole=format_number(info.frames / info.rate)),
        )  # fmt: skip
    clipped = _is_clipped(magnitude, peak)
    rate = rate or info.rate
    samples = torch.cat(list(resample_blocks([samples / peak], info.rate, rate)))
    samples = samples / samples.abs().max().clamp(min=SILENT)
    return Recording(samples.numpy(), rate, info, peak, clipped, replaced)


def read_blocks(path: Path | str, rate: int, seconds: float = 30.0) -> Iterator[Float[np.ndarray, " _"]]:
    """Yield a recording of any length at a rate, a number of seconds at a time, without scaling. Raises as above."""
    size = max(1, round(seconds * rate))
    with _open(Path(path)) as decoder:
        mono = (torch.from_numpy(_mix_down(block)[0]) for block in decoder.blocks)
        waiting: list[np.ndarray] = []
        count = 0
        for block in resample_blocks(mono, decoder.rate, rate):
            waiting.append(block.numpy())
            count += len(block)
            while count >= size:
                joined = np.concatenate(waiting)
                yield joined[:size]
                waiting, count = [joined[size:]], count - size
        if count:
            yield np.concatenate(waiting)


def _is_clipped(magnitude: Float[Tensor, " samples"], peak: float) -> bool:
    """Return whether many samples in a row are at a peak that is the largest value of the format."""
    at_peak = magnitude >= 0.9999 * peak
    in_row = at_peak[2:] & at_peak[1:-1] & at_peak[:-2]
    return peak > FULL_SCALE and len(in_row) > 0 and bool(in_row.float().mean() > CLIPPED)


def _mix_down(block: Float[np.ndarray, "frames channels"]) -> tuple[Float[np.ndarray, " frames"], int]:
    """Return the mean of the channels, and how many samples were no numbers and became 0."""
    bad = ~np.isfinite(block)
    count = int(bad.sum())
    if count:
        block = np.where(bad, np.float32(0), block)
    return (block[:, 0] if block.shape[1] == 1 else block.mean(1, dtype=np.float64).astype(np.float32)), count


@contextmanager
def _open(path: Path) -> Iterator[Decoder]:
    """Open a recording with the reader for its first bytes."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
            if not start:
                raise AudioError(path, _("it is empty (0 bytes)"))
            if start[:4] in (b"RIFF", b"RF64") and start[8:12] == b"WAVE":
                header = read_header(file)
                name = " ".join(["WAV", *([_NAMES[header.encoding]] if header.encoding in _NAMES else [])])
                blocks = decode_blocks(file, header, _BLOCK)
                yield Decoder(header.rate, header.channels, header.bits, name, header.frames, blocks)
                return
    except WavError as error:
        raise AudioError(path, str(error)) from None
    except FileNotFoundError:
        raise AudioError(path, _("there is no such file")) from None
    except IsADirectoryError:
        raise AudioError(path, _("it is a folder")) from None
    except PermissionError:
        raise ResourceError(_("'{path}' may not be read.", path=printable_path(path))) from None
    except OSError as error:
        raise AudioError(path, error.strerror or str(error)) from None
    if start.startswith(_BY_SOUNDFILE):
        with open_with_soundfile(path) as decoder:
            yield decoder
    elif start.startswith(_BY_AV) or start[4:8] == b"ftyp":
        with open_with_av(path) as decoder:
            yield decoder
    else:
        raise AudioError(path, _describe_start(start))


def _describe_start(start: bytes) -> str:
    """Say what a file is that is no recording, by its first bytes."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head")):
        return _("it is a web page, not a recording: the download may have failed")
    if start.startswith(b"version https://git-lfs"):
        return _("it is a pointer of Git LFS, not the recording itself")
    return _("its format is not that of a recording (it begins with {start})", start=start[:4].hex(" "))


def _too_long(path: Path, seconds: float | None, longest: float) -> TooLongError:
    limit = format_number(longest)
    if seconds is None:
        return TooLongError(path, _("it is longer than the limit of {limit} s", limit=limit))
    return TooLongError(
        path, _("it has {seconds} s; the limit is {limit} s", seconds=format_number(seconds), limit=limit)
    )
