"""Load videos: every one decoded once at a small size, the parts that clips are cut from, and what was left out.

Parts never share a video: whole videos are held out. Where there are fewer than three, each is cut in time instead,
into a first part for training and later ones for validation and test, and no clip crosses a cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from axone.data.paths import printable_path
from axone.data.random import make_generator
from axone.data.skipped import check_skipped
from axone.data.video.decode import MAX_FRAMES, FrameSize, VideoError, read_size, read_video
from axone.data.video.find import find_videos
from axone.data.video.frame_folder import find_missing_numbers, read_frame_folder, read_frame_size
from axone.data.video.in_memory import collect_videos
from axone.errors import DataError
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

SIDE_STEP = 4  # pixels: networks halve the sides twice
TEST_FRACTION = 0.15
GRAY_TOLERANCE = 8  # levels by which red, green and blue may differ in a gray video that was compressed as color
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Part:
    """Consecutive frames of one video: `start` and `stop` are positions in `VideoData.frames`."""

    video: int
    start: int
    stop: int
    split: Split


@dataclass(frozen=True)
class VideoData:
    """Videos, ready to cut clips from.

    Args:
        frames: The frames of all videos, one after another.
        names: The names of the videos.
        lengths: The number of frames of each video.
        source: Where they came from, for people.
        notes: Sentences for people to read before training.
        skipped: Videos that were not used, each with the reason.
    """

    frames: UInt8[Tensor, "frames height width channels"]
    names: tuple[str, ...]
    lengths: tuple[int, ...]
    source: str
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[Path, str], ...] = ()

    @property
    def size(self) -> FrameSize:
        """Height and width of all frames."""
        return FrameSize(*self.frames.shape[1:3])

    def fingerprint(self) -> str:
        """Return a sha256 of the frames, by which a resumed run recognizes its data."""
        digest = hashlib.sha256(repr((self.lengths, tuple(self.frames.shape))).encode())
        digest.update(self.frames.numpy().data)
        return digest.hexdigest()


def load_videos(
    source: Any,
    *,
    side: int,
    clip: int,
    every: int = 1,
    size: FrameSize | None = None,
    channels: int | None = None,
    progress: Progress = ignore_progress,
) -> VideoData:
    """Load all videos that a source names.

    Args:
        source: A path, or frames in memory (see `collect_videos`).
        side: The longer side of the frames in pixels, where `size` is None.
        clip: The number of frames that a clip needs; shorter videos are left out and reported.
        every: 1: all frames; n: every n-th one.
        size: The size of the frames; None: the proportions of the first video.
        channels: 1 (gray) or 3 (color); None: gray if all videos are.
        progress: Counts videos.

    Raises:
        DataError: There is no usable video, or more than 5 % of them cannot be used.
        ResourceError: They do not fit into memory, or a library is missing.
    """
    skipped: list[tuple[Path, str]] = []
    notes: list[str] = []
    videos: dict[str, np.ndarray] = {}
    if isinstance(source, str | Path):
        root = Path(source).expanduser()
        content = find_videos(root)
        origin = _("the path {path}", path=printable_path(root.resolve()))
        for done, path in enumerate(content.videos, 1):
            name = printable_path(path.relative_to(root)) if path != root else path.name
            try:
                size = size or fit_side(_read_size(path), side)
                videos[name] = _read(path, size, every)
            except VideoError as error:
                if len(content.videos) == 1:
                    raise
                skipped.append((path, error.reason))
            else:
                notes += describe_video(path, name, videos[name])
            progress(_("reading videos"), done, len(content.videos))
        check_skipped(root, skipped, len(content.videos))
        notes += _describe_others(content.others)
    else:
        videos, origin = collect_videos(source, every), _("from Python")
        size = size or fit_side(FrameSize(*next(iter(videos.values())).shape[1:3]), side)
        videos = {name: resize_frames(frames, size) for name, frames in videos.items()}
    short = {name: len(frames) for name, frames in videos.items() if len(frames) < clip}
    if len(short) == len(videos):
        name, length = next(iter(short.items()))
        raise DataError(
            plural("'{name}' has {count} frame.", "'{name}' has {count} frames.", length, name=name),
            expected=_("expected at least {count}: those that are observed and those that follow", count=clip),
            hint=_("type smaller numbers: --past, --future, --every"),
        )
    for name, length in short.items():
        reason = plural("it has {count} frame, a clip needs {clip}", "it has {count} frames, a clip needs {clip}",
                        length, clip=clip)  # fmt: skip
        skipped.append((Path(name), reason))
        del videos[name]
    gray = channels == 1 or (channels is None and all(_is_gray(frames) for frames in videos.values()))
    pixels = [to_gray(frames) if gray else frames for frames in videos.values()]
    return VideoData(
        torch.from_numpy(np.concatenate(pixels)),
        tuple(videos),
        tuple(len(frames) for frames in pixels),
        origin,
        tuple(notes),
        tuple(skipped),
    )


def fit_side(size: FrameSize, side: int) -> FrameSize:
    """Return a size of the same proportions whose longer side is `side`; both are multiples of four."""
    scale = side / max(size)
    return FrameSize(*(max(SIDE_STEP, SIDE_STEP * round(length * scale / SIDE_STEP)) for length in size))


def split_videos(
    lengths: Sequence[int], *, validation: float, test: float, clip: int, seed: int, whole: bool = False
) -> tuple[list[Part], bool]:
    """Return the parts of videos that clips are cut from, and whether whole videos were held out.

    Args:
        lengths: The number of frames of each video.
        validation: The fraction of the training videos, or of the time, for validation.
        test: The fraction for the test set.
        clip: The number of frames of a clip: a held-out part of a video has at least as many.
        seed: The seed of the choice of videos.
        whole: Whether all of them are the test set.
    """
    starts = np.cumsum([0, *lengths]).tolist()
    if whole:
        return [Part(n, starts[n], starts[n + 1], "test") for n in range(len(lengths))], True
    if len(lengths) >= 3:
        order = torch.randperm(len(lengths), generator=make_generator("videos", seed)).tolist()
        tested = max(1, round(test * len(lengths))) if test else 0
        validated = max(1, round(validation * (len(lengths) - tested))) if validation else 0
        splits: dict[int, Split] = dict.fromkeys(order[:tested], "test")
        splits.update(dict.fromkeys(order[tested : tested + validated], "validation"))
        return [Part(n, starts[n], starts[n + 1], splits.get(n, "train")) for n in range(len(lengths))], True
    parts = []
    for n, length in enumerate(lengths):
        tested = max(clip, round(test * length)) if test else 0
        validated = max(clip, round(validation * (length - tested))) if validation else 0
        if length - tested - validated < clip:  # too short to hold anything out
            tested = validated = 0
        cuts = [0, length - tested - validated, length - tested, length]
        parts += [
            Part(n, starts[n] + low, starts[n] + high, split)
            for low, high, split in zip(cuts, cuts[1:], SPLITS)
            if high > low
        ]
    return parts, False


def describe_video(path: Path, name: str, frames: np.ndarray) -> list[str]:
    """Return notes on a video: numbers missing among its frames, frames that were not read."""
    notes = []
    if path.is_dir() and (missing := find_missing_numbers(path)):
        listed = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        notes.append(_("'{name}': frames are missing in the numbering ({numbers}).", name=name, numbers=listed))
    if len(frames) == MAX_FRAMES:
        notes.append(_("'{name}': its first {count} frames are used.", name=name, count=MAX_FRAMES))
    return notes


def _read_size(path: Path) -> FrameSize:
    return read_frame_size(path) if path.is_dir() else read_size(path)


def _read(path: Path, size: FrameSize, every: int) -> UInt8[np.ndarray, "frames height width 3"]:
    return read_frame_folder(path, size, every=every) if path.is_dir() else read_video(path, size, every=every)


def resize_frames(frames: np.ndarray, size: FrameSize) -> UInt8[np.ndarray, "frames height width 3"]:
    """Return frames cropped to the proportions of a size and resized to it."""
    from PIL import Image

    from axone.data.images.decode.fit import fit_image

    return np.stack([np.asarray(fit_image(Image.fromarray(frame), size)) for frame in frames])


def _is_gray(frames: np.ndarray) -> bool:
    return int((frames.max(-1) - frames.min(-1)).max()) <= GRAY_TOLERANCE


def to_gray(frames: np.ndarray) -> UInt8[np.ndarray, "frames height width 1"]:
    """Return color frames in gray."""
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of ITU-R BT.601, as Pillow's
    return (frames @ weights).round().astype(np.uint8)[..., None]


def _describe_others(others: list[Path]) -> list[str]:
    if not others:
        return []
    listed = ", ".join(printable_path(path.name) for path in others[:5]) + (", ..." if len(others) > 5 else "")
    return [
        plural("{count} file is not a video by its name and was left out: {names}.",
               "{count} files are not videos by their names and were left out: {names}.", len(others), names=listed)
    ]  # fmt: skip
