"""Find the text files below a folder, and read them; what cannot be read is skipped and reported.

Files are recognized by their names: prose (.txt, .md, ...), source code, and files without an ending, such as README.
Hidden files, what systems leave in folders, and folders of caches and of installed packages are passed over without a
word; a link that leads to a folder above it is reported. A file that is named by the user is read whatever its name.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from axone.data.images.folders.walk import leads_back, list_entries, name_some
from axone.data.paths import printable_path
from axone.data.text.files import TextFile, read_text_file
from axone.errors import DataError, ResourceError
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

PROSE = ".txt .text .md .markdown .rst .tex .org .adoc .log .srt .abc .ly"
MARKUP = ".html .htm .xml .css .json .yaml .yml .toml .ini .cfg .cmake .mk .sql"
CODE = (
    ".py .pyi .pyx .ipy .c .h .cc .cpp .cxx .hpp .hh .cu .cs .java .kt .scala .go .rs .swift .js .jsx .ts .tsx .vue .m "
    ".php .rb .pl .pm .lua .r .jl .hs .ml .mli .clj .el .lisp .scm .ex .exs .erl .f .f90 .for .pas .ada .sh .bash "
    ".zsh .fish .bat .ps1 .asm .s .v .vhd .tcl .vim"
)
ENDINGS = frozenset(f"{PROSE} {MARKUP} {CODE}".split())
PASSED_OVER = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})  # folders
MAX_SKIPPED = 0.05  # share of unusable files above which a folder is refused


@dataclass
class TextFolder:
    """The text files of a folder.

    Args:
        files: The files that were read, sorted by their relative paths.
        skipped: The relative path of each file that cannot be used, and why.
        notes: Sentences for people.
    """

    files: list[TextFile]
    skipped: list[tuple[str, str]]
    notes: list[str] = field(default_factory=list)


def is_text_name(name: str) -> bool:
    """Return whether a file is read as text by its name: a known ending, or none."""
    ending = os.path.splitext(name)[1].lower()  # noqa: PTH122  (names of a listing, not paths)
    return ending in ENDINGS or not ending


def list_text_files(root: str | Path) -> tuple[list[str], list[str], list[str]]:
    """List the files below a folder, at any depth, by their paths relative to it, sorted.

    Returns:
        The text files, the files that are no text by their names, and the links that lead to a folder above them.

    Raises:
        DataError: There is no such folder.
        ResourceError: A folder may not be read.
    """
    if not Path(root).is_dir():
        raise DataError(_("There is no folder '{path}' (from {here}).", path=printable_path(root), here=Path.cwd()))
    texts: list[str] = []
    others: list[str] = []
    loops: list[str] = []

    def visit(folder: str, prefix: str, above: tuple[str, ...]) -> None:
        folders, files = list_entries(folder)
        for entry in files:
            (texts if is_text_name(entry.name) else others).append(prefix + entry.name)
        for entry in folders:
            if entry.name in PASSED_OVER:
                continue
            if leads_back(entry.path, above):
                loops.append(prefix + entry.name)
            else:
                visit(entry.path, prefix + entry.name + "/", (*above, os.path.realpath(entry.path)))

    visit(str(root), "", (os.path.realpath(root),))
    return sorted(texts), sorted(others), sorted(loops)


def read_text_folder(
    root: str | Path,
    progress: Progress = ignore_progress,
    *,
    choose: Callable[[str], bool] = lambda name: True,
    most_skipped: float = MAX_SKIPPED,
) -> TextFolder:
    """Read the text files below a folder; empty ones are left out, unusable ones are skipped and reported.

    Args:
        root: The folder.
        progress: Called with the number of files read.
        choose: Whether to read the file of a relative path.
        most_skipped: The share of unusable files above which the folder is refused.

    Raises:
        DataError: The folder is missing, has no text file, or too many of its files cannot be used.
        ResourceError: A folder may not be read, or a file does not fit into memory.
    """
    names, others, loops = list_text_files(root)
    names = [name for name in names if choose(name)]
    place = printable_path(root)
    if not names:
        raise DataError(
            _("'{path}' contains no text file.", path=place),
            expected=_("expected files such as .txt, .md or .py; found: {names}", names=name_some(others))
            if others
            else _("expected files such as .txt, .md or .py; it is empty"),
        )
    folder = TextFolder([], [])
    empty: list[str] = []
    for number, name in enumerate(names):
        progress(_("reading {name}", name=place), number, len(names))
        path = Path(root) / name
        try:
            if path.is_file() and not path.stat().st_size:
                empty.append(name)
                continue
            file = read_text_file(path, name)
            folder.files.append(file)
            folder.notes += file.notes
        except DataError as error:
            folder.skipped.append((printable_path(name), str(error).splitlines()[0]))
        except ResourceError:
            if os.access(path, os.R_OK):
                raise
            folder.skipped.append((printable_path(name), _("may not be read")))
    if len(folder.skipped) > most_skipped * len(names) or not folder.files:
        _refuse(place, folder, len(names), len(empty))
    folder.notes += _describe_left_out(place, empty, others, loops)
    return folder


def _refuse(place: str, folder: TextFolder, count: int, empty: int) -> None:
    if not folder.skipped:
        raise DataError(
            plural("{count} text file in '{path}' is empty.", "All {count} text files in '{path}' are empty.", empty,
                   path=place)
        )  # fmt: skip
    reasons = "\n".join(reason for _name, reason in folder.skipped[:5])
    raise DataError(
        _("{skipped} of {count} text files in '{path}' cannot be used:", skipped=len(folder.skipped), count=count,
          path=place) + "\n" + reasons,
        hint=_("correct these files, or move them away"),
    )  # fmt: skip


def _describe_left_out(place: str, empty: list[str], others: list[str], loops: list[str]) -> list[str]:
    notes = []
    if empty:
        notes.append(
            plural("{count} file in '{path}' is empty: {names}.", "{count} files in '{path}' are empty: {names}.",
                   len(empty), path=place, names=name_some(empty))
        )  # fmt: skip
    if others:
        notes.append(
            plural("{count} file in '{path}' is not text by its name and was left out: {names}.",
                   "{count} files in '{path}' are not text by their names and were left out: {names}.",
                   len(others), path=place, names=name_some(others))
        )  # fmt: skip
    if loops:
        notes.append(_("Left out, because they lead to a folder above them: {names}.", names=name_some(loops)))
    return notes
