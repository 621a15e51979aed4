"""Where files that answer somebody are kept: in the run, as a part of it, or in a folder of the user's."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

TOGETHER = 256  # files between two writings of a run's manifest: all of them wait in memory


def stem(name: str, taken: set[str]) -> str:
    """Return the begin of a file's name for one input, which no other input of this command has."""
    from axone.runs.files import safe_name

    wanted = safe_name(name, "picture")
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    taken.add(found)
    return found


def keep(run: Path, inside: str, out: str | None, file: str, content: bytes) -> Path:
    """Write a file into the folder `inside` of a run, or into `out` where that is given; return where it is."""
    return keep_all(run, inside, out, [(file, content)])[0]


def keep_all(run: Path, inside: str, out: str | None, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write many files as `keep` does one, and a run's manifest once for each few hundred of them."""
    from axone.runs.addition import add_files
    from axone.runs.files import make_folder, write_atomically

    rest, kept = iter(files), []
    while some := dict(islice(rest, TOGETHER)):
        if out is None:
            kept += add_files(run, {f"{inside}/{file}": content for file, content in some.items()})
            continue
        for file, content in some.items():
            place = Path(out, file)
            make_folder(place.parent)
            write_atomically(place, content)
            kept.append(place)
    return kept
