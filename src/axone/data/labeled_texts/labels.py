"""Labels as numbers: one class for each text, or any number of labels for each text.

news                     one class
news;sports              two labels; or news|sports
three columns of 0 and 1 a label for each column
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Shaped
from torch import Tensor

from axone.errors import DataError
from axone.messages import _
from axone.numbers import format_number

Labels = Literal["auto", "one", "several"]
SEPARATORS = (";", "|")
YES, NO = {"1", "true", "yes", "1.0", "x", "oui", "vrai"}, {"0", "false", "no", "0.0", "", "non", "faux"}
MOST_CLASSES = 1000
MAX_LISTED = 20


class EncodedLabels(NamedTuple):
    """The classes in order, and the targets of the texts."""

    classes: tuple[str, ...]
    targets: Shaped[Tensor, "texts ..."]  # int64 positions [texts], or float32 0 and 1 [texts, classes]


def choose_separator(values: Sequence[str], labels: Labels, known: Sequence[str] | None) -> str | None:
    """Return the separator of a column of labels; None where each of its cells is one class.

    With "auto", cells contain several labels if some contain a separator and its parts occur in other cells too.
    """
    if labels == "one":
        return None
    for separator in SEPARATORS:
        joined = [value for value in values if separator in value]
        if not joined:
            continue
        if labels == "several":
            return separator
        parts = {part.strip() for value in joined for part in value.split(separator)}
        others = {value.strip() for value in values if separator not in value} | set(known or ())
        if parts & others or len(parts) < len(set(joined)):
            return separator
    return SEPARATORS[0] if labels == "several" else None


def encode_classes(values: Sequence[str], known: Sequence[str] | None) -> EncodedLabels:
    """Return the class of each text. Raises DataError for a single class, too many, or one that a run does not know."""
    names = sort_names(values)
    classes = tuple(names) if known is None else tuple(known)
    require_known(names, known)
    require_classes(classes, len(values))
    places = {name: place for place, name in enumerate(classes)}
    return EncodedLabels(classes, torch.tensor([places[value] for value in values], dtype=torch.int64))


def encode_joined(values: Sequence[str], separator: str, known: Sequence[str] | None) -> EncodedLabels:
    """Return the labels of each text, which are joined by a separator; an empty cell has none. Raises DataError."""
    split = [[part.strip() for part in value.split(separator) if part.strip()] for value in values]
    names = sort_names([name for parts in split for name in parts])
    classes = tuple(names) if known is None else tuple(known)
    require_known(names, known)
    require_classes(classes, len(values))
    places = {name: place for place, name in enumerate(classes)}
    targets = torch.zeros(len(values), len(classes))
    for row, parts in enumerate(split):
        targets[row, [places[name] for name in parts]] = 1.0
    return EncodedLabels(classes, targets)


def encode_columns(names: Sequence[str], columns: Sequence[Sequence[str]]) -> EncodedLabels:
    """Return a label for each column, which says yes or no in each row. Raises DataError for another value."""
    targets = torch.zeros(len(columns[0]), len(names))
    for place, (name, values) in enumerate(zip(names, columns, strict=True)):
        for row, value in enumerate(values):
            word = value.strip().lower()
            if word not in YES | NO:
                raise DataError(
                    _("The target '{name}' is {value} in row {row}: with several target columns, each says yes or no.",
                      name=name, value=repr(value[:40]), row=format_number(row + 1)),
                    expected=_("expected 0 and 1, or true and false"),
                    hint=_("for classes in one column, name that column alone: --target {name}", name=name),
                )  # fmt: skip
            targets[row, place] = float(word in YES)
    return EncodedLabels(tuple(names), targets)


def sort_names(values: Sequence[str]) -> list[str]:
    """Return the distinct names in order: 9 before 10, and words as their letters say."""
    names = set(values)
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)


def require_known(names: Sequence[str], known: Sequence[str] | None) -> None:
    """Raise DataError for classes that a run does not know."""
    if known is not None and (unknown := [name for name in names if name not in known]):
        raise DataError(
            _("The target has classes that the model does not know: {names}.", names=_list_names(unknown)),
            expected=_("it knows: {names}", names=_list_names(known)),
        )


def require_classes(classes: Sequence[str], texts: int) -> None:
    """Raise DataError unless there are at least two classes, and few enough for the texts."""
    if len(classes) < 2:
        raise DataError(
            _("All texts have the same class, '{name}': there is nothing to learn.", name=classes[0])
            if classes
            else _("No text has a label."),
            expected=_("expected at least two classes"),
        )
    if len(classes) > MOST_CLASSES or (len(classes) > 20 and len(classes) > texts // 2):
        raise DataError(
            _("The target has {count} different values in {rows} texts: too many to be classes.",
              count=format_number(len(classes)), rows=format_number(texts)),
            hint=_("choose another --target"),
        )  # fmt: skip


def _list_names(names: Sequence[str]) -> str:
    listed = ", ".join(str(name) for name in names[:MAX_LISTED])
    more = len(names) - MAX_LISTED
    return listed if more <= 0 else listed + ", " + _("... and {count} more", count=more)
