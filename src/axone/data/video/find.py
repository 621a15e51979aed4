"""Find the videos that a path names: one file, a folder of videos, or folders of numbered frames."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from axone.data.images.folders.walk import leads_back, list_entries
from axone.data.paths import printable_path
from axone.data.video.frame_folder import IMAGE_ENDINGS
from axone.errors import DataError
from axone.messages import _

VIDEO_ENDINGS = frozenset(
    ("3g2", "3gp", "asf", "avi", "flv", "gif", "h264", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv",
     "ts", "vob", "webm", "wmv")
)  # fmt: skip


class FoundVideos(NamedTuple):
    """The videos below a path.

    Args:
        videos: Files, and folders that contain numbered frames, in the order of their names.
        others: Files that are neither videos nor images by their names.
    """

    videos: list[Path]
    others: list[Path]


def is_video_path(path: Path) -> bool:
    """Return whether a path is a folder, or a file that is a video by its name."""
    return path.is_dir() or path.suffix.lower().lstrip(".") in VIDEO_ENDINGS


def find_videos(source: Path) -> FoundVideos:
    """Return the videos that a path names, at any depth below a folder.

    A folder with two images or more and without videos is a video of numbered frames.

    Raises DataError where there are none.
    """
    if not source.exists():
        raise DataError(_("There is no file '{path}' (from {folder}).", path=printable_path(source), folder=Path.cwd()))
    if not source.is_dir():
        return FoundVideos([source], [])
    content = FoundVideos([], [])
    _search(source, (os.path.realpath(source),), content)
    if not content.videos:
        raise DataError(
            _("'{path}' contains no videos and no numbered frames.", path=printable_path(source)),
            expected=_("expected videos (mp4, avi, mov, webm, gif, ...), or folders of images frame001.png, ..."),
        )
    return content


def _search(folder: Path, above: tuple[str, ...], content: FoundVideos) -> None:
    folders, files = list_entries(folder)
    endings = {entry.name: entry.name.rpartition(".")[2].lower() for entry in files}
    videos = [Path(entry.path) for entry in files if endings[entry.name] in VIDEO_ENDINGS]
    images = [Path(entry.path) for entry in files if endings[entry.name] in IMAGE_ENDINGS]
    if not videos and len(images) > 1:
        content.videos.append(folder)
    else:
        content.videos.extend(videos)
        content.others.extend(images)
    content.others.extend(
        Path(entry.path) for entry in files if endings[entry.name] not in VIDEO_ENDINGS | IMAGE_ENDINGS
    )
    for entry in folders:
        if not leads_back(entry.path, above):
            _search(Path(entry.path), (*above, os.path.realpath(entry.path)), content)
