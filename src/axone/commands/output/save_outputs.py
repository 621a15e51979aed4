"""Output files of verbs such as `predict` and `generate`: in the run, as a part of it, or in a folder of the user's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

FILES_AT_ONCE = 256  # files between two updates of a run's manifest; all of them are in memory


def make_unique_stem(name: str, taken: set[str]) -> str:
    """Return a safe file name without suffix for one input, and add it to the names `taken` by earlier inputs."""
    from axone.runs.storage.files import safe_name

    wanted = safe_name(name, "image")
    stem, number = wanted, 1
    while stem in taken:
        number += 1
        stem = f"{wanted}-{number}"
    taken.add(stem)
    return stem


def save_output(run: Path, subfolder: str, out: str | None, name: str, content: bytes) -> Path:
    """Write one file into `subfolder` of a run, or into the folder `out`, and return its path."""
    return save_outputs(run, subfolder, out, [(name, content)])[0]


def save_outputs(run: Path, subfolder: str, out: str | None, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write files, given as (name, content), as `save_output` does; return their paths.

    Contents may be computed lazily: at most `FILES_AT_ONCE` of them are held in memory. Raises ResourceError when
    the disk is full or the folder cannot be written.
    """
    remaining, paths = iter(files), []
    while batch := dict(islice(remaining, FILES_AT_ONCE)):
        paths += _add_to_run(run, subfolder, batch) if out is None else _write_into(Path(out), batch)
    return paths


def _add_to_run(run: Path, subfolder: str, files: Mapping[str, bytes]) -> list[Path]:
    from axone.runs.storage.output_files import add_files

    return add_files(run, {f"{subfolder}/{name}": content for name, content in files.items()})


def _write_into(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    from axone.runs.storage.files import make_folder, write_atomically

    for name, content in files.items():
        make_folder((folder / name).parent)
        write_atomically(folder / name, content)
    return [folder / name for name in files]
