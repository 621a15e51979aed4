"""The worlds with a text after their name: "maze:my_map.txt", "maze:four_rooms", "road:circuit", "road:random-7"."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from axone.errors import DataError, UsageError, closest
from axone.messages import _
from axone.play.worlds.maze import Maze
from axone.play.worlds.maze_map import MAPS, read_map
from axone.play.worlds.road import Road, RoadKeys
from axone.play.worlds.tracks import TRACKS, Track, is_random, make_track

LARGEST_FILE = 1_000_000  # bytes


def open_maze(text: str) -> Maze:
    """Return a maze with a map by name, or from a file.

    Raises:
        UsageError: There is neither a map nor a file of that name.
        DataError: The file is no map that can be used.
    """
    if text in MAPS:
        return Maze(MAPS[text])
    path = Path(text)
    if not path.is_file():
        raise UsageError(
            _(
                "There is no map '{name}', neither by this name nor as a file (from {folder}).",
                name=text,
                folder=Path.cwd(),
            )
            + suggest(text, MAPS),
            expected=_("maps: {names}; or the path of a text file with your own", names=", ".join(MAPS)),
        )
    if path.stat().st_size > LARGEST_FILE:
        raise DataError(_("'{path}' is too large for a map.", path=path), expected=_("expected a small text file"))
    try:
        return Maze(read_map(path.read_text("utf-8"), text))
    except UnicodeDecodeError as error:
        raise DataError(
            _("'{path}' is not UTF-8 text (byte {place}).", path=path, place=error.start),
            expected=_("expected a small text file"),
        ) from None


def open_road(text: str) -> Road:
    """Return the road with continuous actions on a track by name. Raises UsageError."""
    return Road(find_track(text))


def open_road_keys(text: str) -> RoadKeys:
    """Return the road with arrow keys on a track by name. Raises UsageError."""
    return RoadKeys(find_track(text))


def find_track(text: str) -> Track:
    """Return a track by name. Raises UsageError."""
    if text not in TRACKS and not is_random(text):
        raise UsageError(
            _("There is no track '{name}'.", name=text) + suggest(text, TRACKS),
            expected=_("tracks: {names}, or random-7 with any number", names=", ".join(TRACKS)),
        )
    return make_track(text)


def suggest(text: str, names: Iterable[str]) -> str:
    """Return the question for the closest name, or an empty text."""
    near = closest(text, names)
    return " " + _("Did you mean '{near}'?", near=near) if near else ""
