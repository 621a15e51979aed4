"""Infer the kind of every column of a table to learn from, and how its values are written; return them as that kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from axone.data.tables.values.convert import Conversion, convert, read_numbers
from axone.data.tables.values.dates import DATE
from axone.data.tables.values.kinds import Prescription, parse_prescription
from axone.data.tables.values.levels import EXACT
from axone.data.tables.values.missing import MISSING_NUMBERS, is_text, read_texts
from axone.data.tables.values.notation import (
    Decision,
    NumberNotation,
    choose_unit,
    decide,
    find_evidence,
    find_thousands,
    sum_evidence,
)
from axone.data.tables.values.numbers import ParsedNumbers, parse_numbers
from axone.errors import DataError
from axone.messages import _
from axone.numbers import format_percent

MOSTLY = 0.9  # a column with at least this fraction of numbers is a column of numbers with a few errors
FEW_ROWS = 20  # in fewer rows, it means little that all values differ


@dataclass(frozen=True)
class Column:
    """One column of a table to learn from.

    Args:
        name: Its name.
        kind: One of `kinds.KINDS`; "drop": it is not used.
        distinct: The number of different values.
        missing: The number of missing values, among them those that cannot be read.
        notes: Sentences for people.
        notation: How its values are written, plain JSON, which `convert_columns` takes: the fields of `NumberNotation`
            for numbers. It is part of the facts of the column.
    """

    name: str
    kind: str
    distinct: int
    missing: int
    notes: tuple[str, ...] = ()
    notation: Mapping[str, Any] = field(default_factory=dict)


def infer_column(values: Any, kind: str = "", *, delimiter: str = "") -> tuple[Column, Any]:
    """Infer one column, without regard to others: see `infer_columns`."""
    import polars

    return infer_columns(polars.DataFrame([values]), {values.name: kind} if kind else {}, delimiter=delimiter)[0]


def infer_columns(
    frame: Any, kinds: Mapping[str, str], *, delimiter: str = "", missing: Collection[str] | None = None
) -> list[tuple[Column, Any]]:
    """Infer the columns of a table to learn from; return each with its values as its kind.

    Args:
        frame: A polars.DataFrame.
        kinds: `KIND` or `KIND:EXAMPLE` by column, where the user prescribes it.
        delimiter: Of the file that the frame was read from; "" for others.
        missing: The words that mean a missing value; None: the usual ones.

    Raises:
        DataError: A column contains neither numbers nor words.
        SettingsError: A kind does not exist, or its example cannot be understood.
    """
    prescriptions = {name: parse_prescription(name, kind) for name, kind in kinds.items()}
    parsed: dict[str, ParsedNumbers] = {}
    for values in frame.iter_columns():
        _require_values(values)
        prescribed = prescriptions.get(values.name)
        if is_text(values) and (prescribed is None or prescribed.kind == "number"):
            texts = read_texts(values, MISSING_NUMBERS if missing is None else missing)
            parsed[values.name] = parse_numbers(texts)
    evidence = {name: find_evidence(texts) for name, texts in parsed.items()}
    inferred = []
    for values in frame.iter_columns():
        others = sum_evidence(found for name, found in evidence.items() if name != values.name)
        texts = parsed.get(values.name)
        decision = decide(evidence[values.name], file=others, delimiter=delimiter) if texts else None
        inferred.append(_infer(values, prescriptions.get(values.name), texts, decision, missing))
    return inferred


def _require_values(values: Any) -> None:
    if values.dtype.is_nested() or str(values.dtype) in ("Object", "Binary"):
        raise DataError(
            _(
                "The column '{name}' contains {kind}, neither numbers nor words.",
                name=values.name,
                kind=str(values.dtype)[:60],
            ),
            hint=_("leave the column out"),
        )


def _infer(
    values: Any,
    prescribed: Prescription | None,
    parsed: ParsedNumbers | None,
    decision: Decision | None,
    missing: Collection[str] | None,
) -> tuple[Column, Any]:
    name = values.name
    notes: list[str] = []
    numbers: Conversion | None = None
    unit = ""
    if parsed is not None and decision is not None:
        unit, has_unit = choose_unit(parsed)
        numbers = read_numbers(values, parsed, decision, has_unit)
    if prescribed is None:
        kind, notes = _infer_kind(values, parsed, numbers)
    else:
        kind = prescribed.kind
    if kind == "drop":
        return Column(name, "drop", values.n_unique(), values.null_count(), tuple(notes)), values
    notation: dict[str, Any] = {}
    if kind == "number" and numbers is not None and parsed is not None and decision is not None:
        conversion = numbers
        decimal = decision.decimal if decision.reason else ""
        notation = NumberNotation(decimal, find_thousands(parsed, decision.decimal), unit).to_json()
    else:
        conversion = convert(values, kind, missing=missing)
    notes += [cells.describe() + " " + _("They count as missing.") for cells in conversion.unreadable]
    converted = conversion.values
    count, distinct = converted.null_count(), converted.drop_nulls().n_unique()
    if distinct < 2 and prescribed is None:
        note = _("'{name}' is empty: not used.", name=name) if distinct == 0 else _(
            "'{name}' has the same value in every row: not used.", name=name
        )  # fmt: skip
        if distinct == 0 or count == 0:
            return Column(name, "drop", distinct, count, (note,)), values
    return Column(name, kind, distinct, count, tuple(notes), notation), converted


def _infer_kind(values: Any, parsed: ParsedNumbers | None, numbers: Conversion | None) -> tuple[str, list[str]]:
    import polars

    name = values.name
    if values.dtype == polars.Boolean:
        return "category", []
    if values.dtype.is_integer():
        return _infer_integer_kind(name, values)
    if values.dtype.is_numeric():  # floats and decimals
        return "number", []
    if values.dtype.is_temporal():
        return "date", [_("'{name}' contains dates: used as numbers of days.", name=name)]
    assert parsed is not None and numbers is not None
    texts = parsed.texts.drop_nulls()
    if not len(texts):
        return "number", []
    share = (len(numbers.values) - numbers.values.null_count()) / len(texts)
    if share == 1:
        exact = texts.cast(polars.Int128, strict=False)
        return _infer_integer_kind(name, exact) if not exact.null_count() else ("number", [])
    if share >= MOSTLY:
        return "number", []
    if bool(texts.str.contains(DATE).all()):
        return "date", [_("'{name}' contains dates: used as numbers of days.", name=name)]
    if len(texts) >= FEW_ROWS and texts.n_unique() == len(texts):
        note = _("'{name}' is different in every row, like a name or a text: not used (--columns {name}=category).",
                 name=name)  # fmt: skip
        return "drop", [note]
    notes = []
    if share > 0.1:
        notes.append(
            _(
                "'{name}' contains {share} numbers among words: used as categories.",
                name=name,
                share=format_percent(share, 0),
            )
        )
    return "category", notes


def _infer_integer_kind(name: str, values: Any) -> tuple[str, list[str]]:
    """Return the kind of a column of whole numbers: "number", unless they are too long, like account numbers."""
    known = values.drop_nulls()
    if not len(known):
        return "number", []
    if max(abs(int(known.min())), abs(int(known.max()))) > EXACT:
        if len(known) >= FEW_ROWS and known.n_unique() == len(known):
            note = _("'{name}' contains whole numbers too long to be exact, all different: not used.", name=name)
            return "drop", [note]
        note = _("'{name}' contains whole numbers too long to be exact: used as categories.", name=name)
        return "category", [note]
    is_dense = int(known.max()) - int(known.min()) < 2 * len(known)
    if len(known) >= FEW_ROWS and known.n_unique() == len(known) and is_dense:
        note = _("'{name}' is different in every row, like a row number: to leave it out, type --columns {name}=drop.",
                 name=name)  # fmt: skip
        return "number", [note]
    return "number", []
