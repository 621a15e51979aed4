"""Which kind of data `--data` names: frames or tracks; generated, of a file, or in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from axone.data.tables.formats.names import parse_table_file
from axone.data.trajectories.balls import make_balls
from axone.data.trajectories.tracks import Tracks
from axone.data.trajectories.traffic import make_traffic
from axone.data.video.find import VIDEO_ENDINGS
from axone.data.video.frame_folder import IMAGE_ENDINGS
from axone.data.video.in_memory import is_video
from axone.errors import DataError, closest
from axone.messages import _

SCENES = "sprites"  # frames
GENERATED: dict[str, Callable[[], Tracks]] = {"balls": make_balls, "traffic": make_traffic}  # tracks
Kind = Literal["frames", "tracks"]


def find_kind(source: Any) -> Kind:
    """Return the kind of data that a source holds.

    Raises DataError for a path that does not exist and is no known name.
    """
    if not isinstance(source, str | Path):
        return "frames" if is_video(source) else "tracks"
    name = str(source)
    if name == SCENES:
        return "frames"
    if name in GENERATED or parse_table_file(name).format is not None:
        return "tracks"
    path = Path(name).expanduser()
    if path.exists() or path.suffix.lower().lstrip(".") in VIDEO_ENDINGS | IMAGE_ENDINGS:
        return "frames"
    known = [SCENES, *GENERATED]
    near = closest(name, known)
    raise DataError(
        _("There is no file or folder '{path}' and no data of that name.", path=name)
        + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
        expected=_("expected a video, a folder, a table, or one of: {choices}", choices=", ".join(known)),
    )
