"""A corpus: the documents that a language model learns from, from a file, a folder, a named text or from memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axone.data.datasets.store import ensure_local
from axone.data.datasets.texts import PYTHON, TEXTS, find_python_sources, is_python_source
from axone.data.paths import printable_path
from axone.data.text.files import TextFile, read_text_file
from axone.data.text.folder import read_text_folder
from axone.errors import DataError, closest
from axone.messages import _
from axone.progress import Progress, ignore_progress


@dataclass(frozen=True)
class Corpus:
    """Documents with text, and where they came from.

    Args:
        name: What the corpus is called.
        source: Where it came from, for people.
        documents: The documents, in the order of their names.
        notes: Sentences for people.
        skipped: The relative path of each file that cannot be used, and why.
    """

    name: str
    source: str
    documents: tuple[TextFile, ...]
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def bytes(self) -> int:
        """The size of all documents in UTF-8."""
        return sum(len(document.data) for document in self.documents)


def read_corpus(source: Any, progress: Progress = ignore_progress) -> Corpus:
    """Read the documents of a source.

    Args:
        source: A text file, a folder of text files, the name of a text (see `datasets.texts`; "": Python's sources),
            or from Python: texts, or texts by name.
        progress: Called while files are read or downloaded.

    Raises:
        DataError: The source is missing, empty, binary or in an encoding that is not known.
        ResourceError: A file may not be read, or the texts do not fit into memory.
    """
    if isinstance(source, Mapping):
        return _from_memory({str(name): text for name, text in source.items()})
    if isinstance(source, Sequence) and not isinstance(source, str | bytes):
        return _from_memory({str(number): text for number, text in enumerate(source)})
    path = Path(source).expanduser() if source else Path()
    if source in ("", PYTHON) and not (source and path.exists()):
        folder = read_text_folder(find_python_sources(), progress, choose=is_python_source)
        return Corpus(PYTHON, _("the sources of Python's standard library on this machine"), tuple(folder.files),
                      (), tuple(folder.skipped))  # fmt: skip
    if source in TEXTS and not path.exists():
        spec = TEXTS[source]
        location = ensure_local(spec, progress)
        assert location.folder is not None
        files = tuple(read_text_file(location.folder / file.name) for file in spec.files)
        return Corpus(spec.name, spec.homepage, files, location.notes)
    if path.is_dir():
        folder = read_text_folder(path, progress)
        place = printable_path(path.resolve())
        return Corpus(printable_path(path.resolve().name), _("the folder {path}", path=place), tuple(folder.files),
                      tuple(folder.notes), tuple(folder.skipped))  # fmt: skip
    if not path.exists() and (near := closest(str(source), [PYTHON, *TEXTS])):
        raise DataError(
            _("There is no file '{path}' (from {folder}).", path=printable_path(path), folder=Path.cwd()),
            hint=_("Did you mean '{near}'?", near=near),
        )
    file = read_text_file(path)
    return Corpus(file.name, _("the file {path}", path=printable_path(path.resolve())), (file,), file.notes)


def _from_memory(texts: Mapping[str, Any]) -> Corpus:
    documents = []
    for name, text in texts.items():
        if not isinstance(text, str):
            raise DataError(
                _("Text {name} is of the type {kind}.", name=name, kind=type(text).__name__),
                expected=_("expected texts (str)"),
            )
        try:
            data = text.replace("\r\n", "\n").encode()
        except UnicodeEncodeError as error:
            raise DataError(
                _("Text {name} has half of a surrogate pair at character {place}.", name=name, place=error.start),
                hint=_("decode it again from its bytes"),
            ) from None
        if data.strip():
            documents.append(TextFile(name, data))
    if not documents:
        raise DataError(_("The texts are empty."))
    return Corpus(_("texts"), _("from Python"), tuple(documents))
