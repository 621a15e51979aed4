"""A column of texts as numbers: whether it is one, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from axone.data.tables.values.dates.parse import parse_dates
from axone.data.tables.values.kinds import Prescription
from axone.data.tables.values.numbers.notation import (
    Decision,
    Evidence,
    NumberNotation,
    choose_unit,
    decide,
    find_evidence,
    find_thousands,
    sum_others,
)
from axone.data.tables.values.numbers.parse import SAMPLE, ParsedNumbers, parse_notation, parse_numbers
from axone.data.tables.values.reading import Conversion, read_numbers
from axone.data.tables.values.unreadable import NOT_A_NUMBER, OTHER_UNIT, Unreadable

MOSTLY = 0.9  # a column with at least this fraction of numbers is a column of numbers with a few errors
HALF = 0.5  # the same when the others are the same few words, and there are this many numbers per word:
FEW_WORDS, MANY_VALUES = 3, 20
WORDS = 0.05  # a column with less numbers or dates than this in a random sample is one of words
OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
ADDRESS = rf"^(?:{OCTET}\.){{3}}{OCTET}$"  # of the internet
CODE = r"^(?:0[0-9]+|\+[0-9]{7,})$"  # a postal code, a phone number
LIKE_NUMBER = r"^[^\p{L}]*[0-9][^\p{L}]*$"


@dataclass(frozen=True)
class NumberColumn:
    """A column of texts, read as numbers.

    Args:
        values: The column as it was read.
        parsed: Its texts, parsed.
        evidence: What they say about their decimal sign.
        decision: Their decimal sign.
        unit: Their unit.
        conversion: The numbers, and the cells that are none.
    """

    values: Any
    parsed: ParsedNumbers
    evidence: Evidence
    decision: Decision
    unit: str
    conversion: Conversion

    @property
    def known(self) -> Any:
        """The texts that are not missing."""
        return self.parsed.texts.drop_nulls()

    def share(self) -> float:
        """Return the fraction of the texts that are numbers, in any unit that the column has."""
        lost = count_cells(self.conversion, NOT_A_NUMBER) + count_cells(self.conversion, OTHER_UNIT)
        return 1 - lost / max(1, len(self.known))

    def is_number(self) -> bool:
        """Return whether the column is one of numbers, perhaps with a few errors."""
        if self.find_code() or self._is_address():
            return False
        return is_mostly(self.share(), self.conversion, NOT_A_NUMBER)

    def find_code(self) -> str:
        """Return a whole number with leading zeros, which makes the column one of codes; "" where there is none."""
        if self.evidence.point or self.evidence.comma or self.share() < MOSTLY:
            return ""
        known = self.known
        known = known.filter(known.str.starts_with("0") | known.str.starts_with("+"))
        codes = known.filter(known.str.contains(CODE)) if len(known) else known
        return str(codes[0]) if len(codes) else ""

    @cached_property
    def notation(self) -> NumberNotation:
        """How the column is written."""
        decimal = self.decision.decimal if self.decision.reason else ""
        return NumberNotation(decimal, find_thousands(self.parsed, self.decision.decimal), self.unit)

    def looks_like_numbers(self) -> bool:
        """Return whether nearly all texts contain digits and no letters."""
        return float(self.known.str.contains(LIKE_NUMBER).mean() or 0.0) >= MOSTLY

    def units(self) -> list[str]:
        """Return the units of the texts that can be read as numbers, the most frequent first."""
        if not self.parsed.other.height:
            return []
        other = self.parsed.other
        units = other["unit"].filter(other["point"].is_not_null() | other["comma"].is_not_null())
        counts = units.value_counts(sort=True)["unit"]
        return [str(unit) for unit in counts if unit]

    def _is_address(self) -> bool:
        return bool(self.evidence.comma and self.known.str.contains(ADDRESS).all())


def count_cells(conversion: Conversion, reason: str) -> int:
    """Return how many cells cannot be read for a reason."""
    return sum(len(cells) for cells in conversion.unreadable if cells.reason == reason)


def is_mostly(share: float, conversion: Conversion, reason: str) -> bool:
    """Return whether a column is of a kind, though some cells are not.

    Args:
        share: The fraction of the cells that are.
        conversion: The values, and the cells that are not.
        reason: Why these are not.
    """
    if share >= MOSTLY or share < HALF:
        return share >= MOSTLY
    other: list[Unreadable] = [cells for cells in conversion.unreadable if cells.reason != reason]
    words = sum(cells.cells.n_unique() for cells in conversion.unreadable if cells.reason == reason)
    if words > FEW_WORDS or other:
        return False
    return bool(conversion.values.drop_nulls().n_unique() >= MANY_VALUES * words)


def has_words(values: Any) -> bool:
    """Return whether a random sample of a column of texts shows plainly that it has neither numbers nor dates.

    False for columns that are so short that reading them takes no time.
    """
    import polars

    known = values.drop_nulls()
    if len(known) <= SAMPLE:
        return False
    sample = known.sample(SAMPLE, seed=0).cast(polars.String).str.strip_chars()
    numbers, dates = parse_numbers(sample).is_read(), parse_dates(sample).is_read()
    return float((numbers | dates | sample.str.contains(LIKE_NUMBER)).mean()) < WORDS


def read_number_columns(
    columns: Mapping[str, tuple[Any, Any]], prescriptions: Mapping[str, Prescription], delimiter: str
) -> dict[str, NumberColumn]:
    """Read columns of texts as numbers, each with regard to the others.

    Args:
        columns: By name, the column as it was read, and its texts.
        prescriptions: What the user prescribes.
        delimiter: Of the file.
    """
    parsed = {name: parse_numbers(texts, likely=True) for name, (_values, texts) in columns.items()}
    evidence = {name: find_evidence(texts) for name, texts in parsed.items()}
    others = sum_others(evidence)
    read = {}
    for name, (values, _texts) in columns.items():
        prescribed = prescriptions.get(name)
        notation = NumberNotation(*(parse_notation(prescribed.example) or ())) if prescribed else None
        decision = decide(evidence[name], file=others[name], delimiter=delimiter, prescribed=notation)
        unit, has_unit = choose_unit(parsed[name])
        conversion = read_numbers(values, parsed[name], decision, has_unit, unit)
        read[name] = NumberColumn(values, parsed[name], evidence[name], decision, unit, conversion)
    return read
