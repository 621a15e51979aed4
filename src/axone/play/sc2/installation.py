"""Where StarCraft II is installed, and the command that starts it.

The folders and options are those that Blizzard's documentation of the Linux package and DeepMind's PySC2 have. The game
is never downloaded: its license is between the user and Blizzard.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from axone.errors import ResourceError
from axone.messages import _
from axone.play.sc2.mini_games import MiniGame

VARIABLE = "SC2PATH"  # the environment variable for the folder of the game, as in PySC2
FOLDERS = {
    "Windows": ("C:/Program Files (x86)/StarCraft II", "C:/Program Files/StarCraft II"),
    "Darwin": ("/Applications/StarCraft II",),
    "Linux": ("~/StarCraftII",),
}
BINARIES = {"Windows": "SC2_x64.exe", "Darwin": "SC2.app/Contents/MacOS/SC2", "Linux": "SC2_x64"}
# Where the game writes which file was executed last.
RECORDS = {
    "Windows": "~/Documents/StarCraft II/ExecuteInfo.txt",
    "Darwin": "~/Library/Application Support/Blizzard/StarCraft II/ExecuteInfo.txt",
}
GAME_PAGE = "https://starcraft2.blizzard.com"
LINUX_PAGE = "https://github.com/Blizzard/s2client-proto#downloads"
MAPS_PAGE = "https://github.com/google-deepmind/pysc2#get-the-maps"


@dataclass(frozen=True)
class Installation:
    """An installed game.

    Args:
        folder: Its folder.
        binary: The file that is executed.
        system: "Windows", "Darwin" (macOS) or "Linux".
    """

    folder: Path
    binary: Path
    system: str

    def command(self, port: int, temporary: Path) -> list[str]:
        """Return the command line that starts the game in a window, where it answers requests at a port."""
        command = [str(self.binary), "-listen", "127.0.0.1", "-port", str(port), "-displayMode", "0"]
        command += ["-dataDir", os.path.join(self.folder, ""), "-tempDir", os.path.join(temporary, "")]  # noqa: PTH118 - ends with a separator
        return command if self.system == "Linux" else [*command, "-windowwidth", "640", "-windowheight", "480"]

    @property
    def working_folder(self) -> Path:
        """The folder in which it is started: on Windows, that of its libraries."""
        support = self.folder / "Support64"
        return support if self.system == "Windows" and support.is_dir() else self.folder

    def environment(self, variables: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return the environment variables for it: on Linux, its own libraries are added."""
        if self.system != "Linux":
            return dict(variables)
        paths = [variables.get("LD_LIBRARY_PATH", ""), str(self.folder / "Libs")]
        return {**variables, "LD_LIBRARY_PATH": ":".join(path for path in paths if path)}

    def require_map(self, game: MiniGame) -> None:
        """Raise ResourceError where the map of a mini-game is not installed."""
        places = [self.folder / name / game.map_path for name in ("Maps", "maps")]
        if not any(place.is_file() for place in places):
            raise ResourceError(
                _("The map of '{name}' is not installed: there is no '{path}'.", name=game.name, path=places[0]),
                hint=_("unpack mini_games.zip into '{folder}': {page}", folder=places[0].parents[1], page=MAPS_PAGE),
            )


def list_folders(system: str, variables: Mapping[str, str]) -> list[Path]:
    """Return the folders where the game may be: that of `SC2PATH` alone, or the usual ones of the system."""
    if variables.get(VARIABLE):
        return [Path(variables[VARIABLE]).expanduser()]
    folders = [Path(folder).expanduser() for folder in FOLDERS.get(system, ())]
    record = Path(RECORDS[system]).expanduser() if system in RECORDS else None
    if record is not None and record.is_file():
        # The game ends the file with a zero byte.
        text = record.read_text("utf-8", errors="replace").replace("\\", "/")
        if match := re.search(r"executable\s*=\s*(.+?)/Versions/", text):
            folders.insert(0, Path(match[1]))
    return folders


def find_installation(system: str | None = None, variables: Mapping[str, str] = os.environ) -> Installation:
    """Return the installed game, of its builds the latest.

    Args:
        system: The operating system; None: this one.
        variables: The environment variables.

    Raises:
        ResourceError: It is in none of the folders.
    """
    system = platform.system() if system is None else system
    folders = list_folders(system, variables)
    for folder in folders:
        builds = [build for build in folder.glob("Versions/Base*") if build.name[4:].isdigit()]
        for build in sorted(builds, key=lambda build: -int(build.name[4:])):
            binary = build / BINARIES.get(system, BINARIES["Linux"])
            if binary.is_file():
                return Installation(folder, binary, system)
    searched = ", ".join(f"'{folder}'" for folder in folders)
    setting = f'$env:{VARIABLE} = "FOLDER"' if system == "Windows" else f"export {VARIABLE}=FOLDER"
    page = LINUX_PAGE if system == "Linux" else GAME_PAGE
    what = (
        _("StarCraft II is not in the folder of the environment variable {variable}: {folders}.",
          variable=VARIABLE, folders=searched)
        if variables.get(VARIABLE)
        else _("StarCraft II is not installed; searched folders: {folders}.", folders=searched)
    )  # fmt: skip
    raise ResourceError(
        what,
        expected=_("expected a folder with Versions/Base.../{binary}; the game is here: {page}",
                   binary=BINARIES.get(system, BINARIES["Linux"]), page=page),
        hint=_("installed elsewhere: {setting}; running already: sc2:NAME@PORT", setting=setting),
    )  # fmt: skip
