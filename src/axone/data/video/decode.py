"""Read one video: an animation by Pillow, every other format by PyAV, with frames of a small size at once.

No more is held than the reduced frames: each frame is decoded, cropped to the proportions that are asked for, reduced
and stored before the next one. A video that breaks off is refused rather than used in part, because what follows
would be missing without anyone noticing. FFmpeg is given an open file and may use formats of plain videos only, so
that no file can make it open an address or another file (playlists can).
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageSequence, UnidentifiedImageError

from axone.data.images.decode.fit import fit_image
from axone.data.images.decode.large import MAX_PIXELS
from axone.data.memory import require_memory
from axone.data.paths import printable_path
from axone.errors import AxoneError, DataError, ResourceError
from axone.messages import _

MAX_FRAMES = 20_000  # of one video, after `every`: ten minutes at 30 frames per second
MAX_SCANNED = 500_000  # of a video whose last frames are needed: four hours
MISSING_SHARE = 0.02  # of the frames that the header announces, which may be missing without a word
RESERVE = 2  # times the size that is asked for, at which frames are converted
MEMORY_BLOCK = 1000  # frames from one check of the free memory to the next
_ANIMATIONS = (b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1a\n")  # the first bytes of files that Pillow reads
_FORMATS = "avi,asf,flv,gif,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,mpegvideo,ogg,apng,ivf,h264,hevc,m4v,dv"

Frames = UInt8[np.ndarray, "frames height width 3"]


class VideoError(DataError):
    """A file or folder that is not a usable video; `reason` says why, without its name."""

    def __init__(self, path: Path, reason: str, hint: str | None = None) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=printable_path(path), reason=reason), hint=hint)
        self.reason = reason


class FrameSize(NamedTuple):
    """The size of a frame in pixels."""

    height: int
    width: int


def read_size(path: Path) -> FrameSize:
    """Return the size of the upright frames of a video. Raises as `read_video` does."""
    with _errors_of(path):
        frame = next(iter(_decode(path)), None)
    if frame is None:
        raise VideoError(path, _("it has no frames"))
    return FrameSize(frame.height, frame.width)


def read_video(path: Path, size: FrameSize, *, every: int = 1, most: int = MAX_FRAMES) -> Frames:
    """Return the frames of a video in color, each cropped to the proportions of `size` and resized.

    Args:
        path: The file.
        size: Height and width of the result in pixels.
        every: 1: all frames; n: every n-th one, from the first on.
        most: The number of frames after which reading ends.

    Raises:
        VideoError: The file is not a usable video.
        ResourceError: It may not be read, its frames do not fit into memory, or PyAV is not installed.
    """
    frames: list[np.ndarray] = []
    with _errors_of(path):
        for frame in _decode(path, size, every):
            if len(frames) >= most:
                break
            if len(frames) % MEMORY_BLOCK == 0:
                require_memory(2 * MEMORY_BLOCK * 3 * size.height * size.width, str(path))
            frames.append(np.asarray(fit_image(frame, size, "crop"), dtype=np.uint8))
    if not frames:
        raise VideoError(path, _("it has no frames"))
    return np.stack(frames)


def read_last_frames(path: Path, size: FrameSize, count: int, *, every: int = 1) -> Frames:
    """Return the last `count` frames of a video, or fewer where it has not more, as `read_video` returns frames.

    With `every`, the last frame of the video is always among them.
    """
    frames: deque[np.ndarray] = deque(maxlen=(count - 1) * every + 1)
    with _errors_of(path):
        for number, frame in enumerate(_decode(path, size)):
            if number >= MAX_SCANNED:
                raise VideoError(path, _("it has more than {count} frames", count=MAX_SCANNED))
            frames.append(np.asarray(fit_image(frame, size, "crop"), dtype=np.uint8))
    if not frames:
        raise VideoError(path, _("it has no frames"))
    return np.stack(list(frames)[::-1][::every][::-1])


def _decode(path: Path, size: FrameSize | None = None, every: int = 1) -> Iterator[Image.Image]:
    """Yield every n-th frame of a video in color, upright; reduced where much smaller ones of a size are needed."""
    if not path.is_file():
        raise VideoError(path, _("there is no such file") if not path.exists() else _("it is not a regular file"))
    with path.open("rb") as file:
        start = file.read(16)
        file.seek(0)
        if not start:
            raise VideoError(path, _("the file is empty"))
        is_webp = start.startswith(b"RIFF") and start[8:12] == b"WEBP"
        is_animation = is_webp or start.startswith(_ANIMATIONS)
        if is_animation:
            yield from islice(_decode_animation(path, file), 0, None, every)
        else:
            yield from _decode_stream(path, file, size, every)


def _decode_animation(path: Path, file: io.BufferedReader) -> Iterator[Image.Image]:
    with Image.open(file, formats=("GIF", "PNG", "WEBP")) as image:
        _require_pixels(path, image.width, image.height)
        for frame in ImageSequence.Iterator(image):
            rgba = frame.convert("RGBA")
            yield Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def _decode_stream(path: Path, file: io.BufferedReader, size: FrameSize | None, every: int) -> Iterator[Image.Image]:
    av = import_av(path)
    options = {"format_whitelist": _FORMATS}
    with av.open(file, mode="r", options=options, metadata_errors="ignore") as container:
        streams = [stream for stream in container.streams.video if not _is_cover(av, stream)]
        if not streams:
            is_sound = bool(container.streams.audio)
            raise VideoError(path, _("it has sound, but no video") if is_sound else _describe_unreadable())
        _require_pixels(path, streams[0].codec_context.width, streams[0].codec_context.height)
        count = 0
        for count, frame in enumerate(container.decode(streams[0]), 1):
            _require_pixels(path, frame.width, frame.height)
            if (count - 1) % every == 0:
                yield _turn_upright(_reduce(frame, size).to_image(), frame.rotation)
        announced = streams[0].frames  # 0 where the format does not say it
        if count < announced - max(1, MISSING_SHARE * announced):
            raise VideoError(
                path, _("it breaks off after {count} of {announced} frames", count=count, announced=announced)
            )


def _reduce(frame: Any, size: FrameSize | None) -> Any:
    """Return a frame of PyAV at a multiple of a size, which costs less than to convert it whole."""
    scale = 1.0 if size is None else RESERVE * max(size) / min(frame.width, frame.height)
    if scale >= 1:
        return frame
    return frame.reformat(round(frame.width * scale), round(frame.height * scale), "rgb24", interpolation="AREA")


def _is_cover(av: ModuleType, stream: Any) -> bool:
    """Return whether a stream is the image of a record's cover in a file of sound."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _turn_upright(image: Image.Image, degrees: int) -> Image.Image:
    turns = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
    turn = turns.get(degrees % 360)
    return image if turn is None else image.transpose(turn)


def _require_pixels(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        count, limit = (f"{number / 1e6:.0f}" for number in (width * height, MAX_PIXELS))
        raise VideoError(
            path, _("its frames have {count} million pixels; {limit} million are allowed", count=count, limit=limit)
        )


def import_av(path: Path) -> ModuleType:
    """Return the module av. Raises ResourceError, with what to type, when it is not installed."""
    try:
        import av
    except ImportError:
        raise ResourceError(
            _("'{path}' needs PyAV, which is not installed.", path=printable_path(path)),
            expected=_("GIF animations and folders of frames can be read without it"),
            hint=_("type: pip install 'axone[video]'"),
        ) from None
    av.logging.set_level(None)  # what FFmpeg would print about damaged files
    return av


def _describe_unreadable() -> str:
    return _("it is not a video in a known format, or it is damaged")


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Within the block, errors of the decoders become errors of `axone.errors`."""
    try:
        yield
    except AxoneError:
        raise
    except PermissionError:
        raise ResourceError(
            _("'{path}' may not be read by this user.", path=printable_path(path)),
            hint=_("Give yourself the permission to read it, or move it away."),
        ) from None
    except MemoryError:
        raise ResourceError(_("There is not enough memory to decode '{path}'.", path=printable_path(path))) from None
    except UnidentifiedImageError:
        raise VideoError(path, _("it is not an animation that can be read")) from None
    except Exception as error:  # on damaged files, FFmpeg and Pillow raise exceptions of many types
        if type(error).__name__ in ("InvalidDataError", "DemuxerNotFoundError", "ArgumentError"):
            raise VideoError(path, _describe_unreadable()) from None
        raise VideoError(path, _("it is damaged ({error})", error=str(error)[:200])) from None
