"""Convert what a person asks about into one form: a list of texts, paths of text files, and rows of tables.

    "a wonderful film"          a text
    review.txt                  the text of a file
    reviews/                    all text files below a folder
    reviews.csv                 a row for each text of a table
    {"review": "wonderful"}     a row
    ["one", "two"]              texts; in a list, a path is a file only as a pathlib.Path

What was typed is a path where a file or a folder of this name exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from axone.data.tables.formats.names import parse_table_file
from axone.data.text.files import read_text_file
from axone.data.text.folder import list_text_files
from axone.errors import DataError
from axone.messages import _

Item = str | Path | Mapping[str, Any]


def read_text_inputs(source: Any, facts: Mapping[str, Any]) -> tuple[list[Item], bool]:
    """Return the inputs as a list, and whether the source was a single one. Raises DataError, ResourceError."""
    if isinstance(source, Mapping):
        return [source], True
    if isinstance(source, str | Path):
        return _read_word(source, facts)
    if type(source).__module__.partition(".")[0] in ("pandas", "polars"):
        return _read_rows(source), False
    if isinstance(source, Iterable):
        items = list(source)
        for item in items:
            if not isinstance(item, str | Path | Mapping):
                raise DataError(
                    _("A {kind} is not a text.", kind=type(item).__name__),
                    expected=_("expected a text, a list of texts, a file, a folder or a table"),
                )
        return items, False
    raise DataError(
        _("A {kind} is not a text.", kind=type(source).__name__),
        expected=_("expected a text, a list of texts, a file, a folder or a table"),
    )


def read_item(item: Item, facts: Mapping[str, Any]) -> str:
    """Return the text of an input. Raises DataError for an empty one, a file that is no text, a row without a text."""
    if isinstance(item, Mapping):
        column = find_column(item, facts)
        text = item[column]
        text = "" if text is None else str(text)
    elif isinstance(item, Path):
        text = read_text_file(item).text
    else:
        text = item
    if not text.strip():
        raise DataError(_("The text is empty."), expected=_("expected at least one character that is not a space"))
    return text


def find_column(row: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Return the column of the text in a row: that of the training, or the only one that is not a target."""
    if facts["text"] in row:
        return cast("str", facts["text"])
    others = [name for name in row if name not in facts["target"]]
    if len(others) == 1:
        return str(others[0])
    raise DataError(
        _("The row has no column '{name}'.", name=facts["text"] or "text"),
        expected=_("columns: {names}", names=", ".join(map(str, row))),
    )


def _read_word(word: str | Path, facts: Mapping[str, Any]) -> tuple[list[Item], bool]:
    path = Path(word)
    if not str(word).strip() or not _exists(path):  # an empty path would be the current folder
        return [word], True
    if path.is_dir():
        return [path / name for name in list_text_files(path)[0]], False
    if parse_table_file(path).format in (None, "text") and path.suffix.lower() not in (".csv", ".tsv", ".tab", ".gz"):
        return [path], True
    return _read_rows(path), False


def _read_rows(source: Any) -> list[Item]:
    from axone.data.tables.files import read_content  # imports polars, which a text does not need

    return list(read_content(source).frame.iter_rows(named=True))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a text that is too long for a name, or with a zero byte
        return False
