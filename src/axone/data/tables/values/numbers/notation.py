"""How the numbers of a column are written: decimal sign, thousands sign, unit. It is decided from all values.

A column proves its decimal sign by a text with one reading (12.5; 1.234,5). Where every text has two readings, as
`1,234` next to `440`, the evidence is, in this order: what the user wrote, the other columns of the file, what
training found, and how such files are usually written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.numbers.parse import AMBIGUOUS_POINT, SAMPLE, ParsedNumbers
from axone.data.tables.values.numbers.units import PERCENT, is_currency

MIXED = 0.1  # up to this fraction of numbers with the other decimal sign, those that could be either are read as usual
POINT, COMMA = ".", ","


@dataclass(frozen=True)
class Evidence:
    """What the texts of a column, or of a file, say about their decimal sign.

    Args:
        point: How many are numbers with a decimal point only.
        comma: How many are numbers with a decimal comma only.
        either_point: How many have two different readings, and contain a point: 1.234.
        either_comma: The same with a comma: 1,234.
        whole: How many are whole numbers without a sign between digits.
        largest: The largest of these.
    """

    point: int = 0
    comma: int = 0
    either_point: int = 0
    either_comma: int = 0
    whole: int = 0
    largest: float = 0.0

    @property
    def decimal(self) -> str:
        """The decimal sign that most texts prove; "" where none does, or both do equally."""
        return "" if self.point == self.comma else POINT if self.point > self.comma else COMMA

    @property
    def either(self) -> int:
        """How many texts have two different readings."""
        return self.either_point + self.either_comma


@dataclass(frozen=True)
class NumberNotation:
    """How the numbers of a column are written. As JSON, it is part of the facts of a run.

    Args:
        decimal: "." or ","; "" when no number has decimals.
        thousands: The sign between groups of digits; "" for none.
        unit: A currency, "%" or a unit that numbers have; "" for none.
    """

    decimal: str = ""
    thousands: str = ""
    unit: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the fields that are not empty."""
        return {name: value for name, value in vars(self).items() if value}


def find_evidence(parsed: ParsedNumbers) -> Evidence:
    """Return what the texts of a column say about their decimal sign."""
    texts = parsed.texts.filter(parsed.plain).drop_nulls()
    other = parsed.other
    point = either_point = whole = 0
    largest = 0.0
    dotted = texts.head(SAMPLE)
    dotted = dotted.filter(dotted.str.contains(r"[.]"))
    if not other.height and bool((~dotted.str.contains(AMBIGUOUS_POINT)).any()):
        return Evidence(point=1)  # all texts are numbers with a decimal point, and one proves it
    has_point = texts.str.contains(".", literal=True)
    either_point = int(texts.filter(has_point).str.contains(AMBIGUOUS_POINT).sum())
    point = int(has_point.sum()) - either_point
    numbers = parsed.point.filter(parsed.plain & parsed.texts.is_not_null()).filter(~has_point)
    numbers = numbers.filter(numbers.is_finite())
    whole = len(numbers)
    largest = float(numbers.abs().max() or 0.0) if whole else 0.0
    if not other.height:
        return Evidence(point, 0, either_point, 0, whole, largest)
    as_point, as_comma = other["point"], other["comma"]
    is_either = (as_point != as_comma).fill_null(False)
    with_comma = other["body"].str.contains(",", literal=True).fill_null(False)
    same = (as_point == as_comma).fill_null(False) & ~other["body"].str.contains(r"[ '_]").fill_null(False)
    if bool(same.any()):
        whole += int(same.sum())
        largest = max(largest, float(as_point.filter(same).abs().max() or 0.0))
    return Evidence(
        point + int((as_point.is_not_null() & as_comma.is_null()).sum()),
        int((as_point.is_null() & as_comma.is_not_null()).sum()),
        either_point + int((is_either & ~with_comma).sum()),
        int((is_either & with_comma).sum()),
        whole,
        largest,
    )


def sum_others(columns: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """Return, for each column, how many others of its file prove a decimal point, and how many a decimal comma."""
    signs = {name: evidence.decimal for name, evidence in columns.items()}
    point, comma = (list(signs.values()).count(sign) for sign in (POINT, COMMA))
    return {
        name: Evidence(point=point - (sign == POINT), comma=comma - (sign == COMMA)) for name, sign in signs.items()
    }


@dataclass(frozen=True)
class Decision:
    """The decimal sign of a column.

    Args:
        decimal: "." or ","; "": only texts with one reading can be read.
        reason: "column", "user", "file", "training", "whole" (whole numbers are below 1000), "delimiter",
            "usual" (the decimal point), or "" where nothing has two readings.
        allowed: Which of "." and "," a text with two readings may contain to be read.
    """

    decimal: str
    reason: str = ""
    allowed: str = ".,"


def decide(
    evidence: Evidence,
    *,
    file: Evidence | None = None,
    delimiter: str = "",
    prescribed: NumberNotation | None = None,
    training: NumberNotation | None = None,
) -> Decision:
    """Decide the decimal sign of a column.

    Args:
        evidence: Of its texts.
        file: Of the other columns.
        delimiter: Of the file; "" where there is none.
        prescribed: What the user wrote.
        training: How the column was written in training; None while training.
    """
    if prescribed is not None and prescribed.decimal:
        return Decision(prescribed.decimal, "user")
    if evidence.point and evidence.comma:
        most = evidence.decimal or POINT
        few = min(evidence.point, evidence.comma) <= MIXED * max(evidence.point, evidence.comma)
        return Decision(most, "column", most if few else "")
    if evidence.decimal:
        return Decision(evidence.decimal, "column")
    if not evidence.either:
        return Decision(training.decimal if training else "")
    if file is not None and file.decimal:
        return Decision(file.decimal, "file")
    if training is not None:
        if training.decimal:
            return Decision(training.decimal, "training", training.decimal + training.thousands)
        if training.thousands in (POINT, COMMA):
            return Decision(COMMA if training.thousands == POINT else POINT, "training", training.thousands)
        return Decision(POINT, "usual", POINT)
    return _decide_by_custom(evidence, delimiter)


def _decide_by_custom(evidence: Evidence, delimiter: str) -> Decision:
    """Decide between two readings of all texts of a column when no other column helps."""
    groups = evidence.whole > 0 and evidence.largest < 1000  # 1,293 next to 440, and never 1293
    if evidence.either_comma and evidence.either_point:
        return Decision(COMMA if delimiter == ";" else POINT, "delimiter", COMMA if delimiter == ";" else POINT)
    if evidence.either_comma:
        if groups:
            return Decision(POINT, "whole")
        return Decision(COMMA, "delimiter") if delimiter == ";" else Decision(POINT, "usual")
    if groups and delimiter not in ("", ","):
        return Decision(COMMA, "whole")
    return Decision(POINT, "usual")


def choose_unit(parsed: ParsedNumbers, training: NumberNotation | None = None) -> tuple[str, Any]:
    """Return the unit of a column, and a Boolean Series: whether each text has it, or may be without.

    A number without the unit is one in that unit, but for a percentage: 19 may be 19 % or 1900 %. Amounts in another
    currency, or in another unit, are not numbers of this column.
    """
    import polars

    everywhere = polars.repeat(True, len(parsed.texts), eager=True)
    if not parsed.other.height:
        return (training.unit if training else ""), everywhere if not _is_percent(training) else _zeros(parsed)
    other = parsed.other
    counts = other["unit"].filter(other["point"].is_not_null() | other["comma"].is_not_null())
    counts = counts.value_counts(sort=True, name="count")
    named = counts.filter(counts["unit"] != "")
    most = str(named["unit"][0]) if named.height else ""
    bare = int(counts.filter(counts["unit"] == "")["count"].sum()) + int(parsed.plain.sum())
    unit = most
    if training is not None and not (training.unit == "" and is_currency(most)):
        unit = training.unit
    elif most and not is_currency(most) and int(named["count"][0]) < bare:
        unit = ""
    places = (~parsed.plain).arg_true()
    if unit == PERCENT:
        return unit, _zeros(parsed).scatter(places, (other["unit"] == unit) | (other["point"] == 0).fill_null(False))
    accepted = (other["unit"] == unit) | (other["unit"] == "")
    return (unit if training is None else training.unit), everywhere.scatter(places, accepted)


def _is_percent(training: NumberNotation | None) -> bool:
    return training is not None and training.unit == PERCENT


def _zeros(parsed: ParsedNumbers) -> Any:
    return ((parsed.point == 0) | parsed.texts.is_null()).fill_null(False)


def find_thousands(parsed: ParsedNumbers, decimal: str) -> str:
    """Return the sign between groups of three digits, the most frequent one; "" where there is none."""
    for other in (parsed.other.head(SAMPLE), parsed.other):
        if sign := _most_frequent(parsed, other, decimal):
            return sign
    return ""


def _most_frequent(parsed: ParsedNumbers, read: Any, decimal: str) -> str:
    body = read["body"].filter(read["comma" if decimal == COMMA else "point"].is_not_null())
    other = {POINT: COMMA, COMMA: POINT}.get(decimal, "")
    signs = [sign for sign in (other, " ", "'", "_") if sign]
    counts = {sign: int(body.str.contains(sign, literal=True).sum()) for sign in signs} if len(body) else {}
    if other == POINT:  # a decimal comma: float reads 1.234
        grouped = parsed.texts.filter(parsed.plain).str.contains(AMBIGUOUS_POINT)
        counts[POINT] = counts.get(POINT, 0) + int(grouped.sum())
    best = max(counts, key=lambda sign: counts[sign], default="")
    return best if counts.get(best) else ""
