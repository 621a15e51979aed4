"""Where files that answer somebody are kept: in the run, as a part of it, or in a folder of the user's."""

from __future__ import annotations

from pathlib import Path


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
    from axone.runs.addition import add_file
    from axone.runs.files import make_folder, write_atomically

    if out is None:
        return add_file(run, f"{inside}/{file}", content)
    place = Path(out, file)
    make_folder(place.parent)
    write_atomically(place, content)
    return place
