"""Decode compressed recordings: FLAC, Ogg, Opus and AIFF with the library soundfile, MP3, M4A and films with PyAV.

Both libraries are optional. Each decoder yields blocks, so that the memory does not grow with the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from axone.data.audio.decode.errors import AudioError
from axone.errors import ResourceError
from axone.messages import _

_BLOCK = 1 << 16  # frames that are decoded together


class Decoder(NamedTuple):
    """A recording that is open for decoding."""

    rate: int  # frames in a second
    channels: int
    bits: int  # 0: not known
    format: str  # such as "FLAC", for people
    frames: int  # 0: not known before it is decoded
    blocks: Iterator[Float[np.ndarray, "_ channels"]]  # float32 from -1 to 1


@contextmanager
def open_with_soundfile(path: Path) -> Iterator[Decoder]:
    """Open a FLAC, Ogg, Opus, AIFF, AU, CAF, W64 or MP3 file.

    Raises ResourceError when soundfile is not installed, AudioError when the file cannot be read.
    """
    try:
        import soundfile  # type: ignore[import-untyped]
    except (ImportError, OSError):  # OSError: the library that it loads is missing
        raise ResourceError(
            _("FLAC and Ogg recordings need soundfile, which is not installed."),
            hint=_("type: pip install 'axone[sound]'"),
        ) from None
    try:
        if _lacks_end(path):
            raise AudioError(path, _("it is cut off: its last page is missing"))
        with soundfile.SoundFile(str(path)) as file:
            bits = int(digits.group()) if (digits := re.search(r"\d+", file.subtype)) else 0
            frames = 0 if file.frames >= 2**62 else file.frames  # libsndfile's mark of an unknown length
            blocks = file.blocks(blocksize=_BLOCK, dtype="float32", always_2d=True)
            yield Decoder(file.samplerate, file.channels, bits, file.format, frames, blocks)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise AudioError(path, _explain(error)) from None


@contextmanager
def open_with_av(path: Path) -> Iterator[Decoder]:
    """Open the first sound track of an MP3, M4A, AAC, MP4, WebM or other file.

    Raises ResourceError when PyAV is not installed, AudioError when the file cannot be read.
    """
    try:
        import av
    except ImportError:
        raise ResourceError(
            _("MP3, M4A and films need PyAV, which is not installed."), hint=_("type: pip install 'axone[video]'")
        ) from None
    try:
        # Only local containers: a playlist in the file must not open addresses or other files.
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            if not container.streams.audio:
                raise AudioError(path, _("it has no sound track"))
            track = container.streams.audio[0]
            rate = track.rate or 0
            if container.format.name in _PLAYLISTS or not rate:
                raise AudioError(path, _("it is no recording"))
            seconds = float(track.duration * track.time_base) if track.duration and track.time_base else 0.0
            blocks = _decode(container, track)
            name = container.format.name.partition(",")[0].upper()
            yield Decoder(rate, track.channels, 0, name, round(seconds * rate), blocks)
    except (av.FFmpegError, ValueError) as error:
        raise AudioError(path, _explain(error)) from None


def _lacks_end(path: Path) -> bool:
    """Return whether an Ogg file was cut: libsndfile would read what is left without a word.

    The last page of a complete file has a flag (RFC 3533, section 6).
    """
    with path.open("rb") as file:
        if file.read(4) != b"OggS":
            return False
        file.seek(max(0, path.stat().st_size - _LARGEST_PAGE))
        end = file.read(_LARGEST_PAGE)
    last = end.rfind(b"OggS")
    return last < 0 or not end[last + 5 : last + 6] or not end[last + 5] & 4


_LARGEST_PAGE = 65_307  # bytes of an Ogg page
_PLAYLISTS = ("hls", "concat", "dash", "sdp", "rtsp")


def _decode(container: Any, track: Any) -> Iterator[Float[np.ndarray, "_ channels"]]:
    """Yield blocks of float32."""
    import av

    converter = av.AudioResampler(format="fltp")
    for frame in container.decode(track):
        for converted in converter.resample(frame):
            yield converted.to_ndarray().T


def _explain(error: Exception) -> str:
    """Return the first line of an error of a library, without the name of the file."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    text = re.sub(r"^.*?Error opening [^:]*: |^\[Errno -?\d+\] |: '.*'$", "", text)
    return _("the decoder says: {reason}", reason=text.strip().rstrip(".")[:200])
