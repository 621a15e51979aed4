"""Read texts as numbers in the ways in which people write them, with a decimal point and with a decimal comma.

    1234.5   1,234.5   1 234,5   1.234,50   1'234.5   1_234   1.2e-3   −5   (5)   5-   $5   5 €   EUR 5   5 %   5 kg

Every text is read twice. Most have one reading (12.5; 1,234.5), or two that are equal (12); `1,234` has two that
differ, between which other cells must decide: `notation` does. A text that `float` reads has the decimal point and is
read without regular expressions, which makes ordinary columns fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.numbers.units import CURRENCY, PERCENT, SAME, UNIT

SPACES = "\u00a0\u202f\u2009\u2007\u2002\u2003\u2008"
APOSTROPHES = "\u2019\u02bc\u2018\u00b4\u2032"
MINUS = "\u2212\u2012\u2013\ufe63\uff0d"
DIGITS = {chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0, 0x0966, 0xFF10) for digit in range(10)}
BODY = r"(?:[0-9](?:[0-9.,'_ ]*[0-9.])?|[.,][0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
WRITTEN = (
    rf"^(?P<open>\()?\s*(?P<first>[-+])?\s*(?P<before>{CURRENCY})?\s*(?P<inner>\()?\s*(?P<second>[-+])?\s*"
    rf"(?P<body>{BODY})(?P<third>-)?(?P<shut>\))?\s*(?P<after>{CURRENCY}|{UNIT})?\s*(?P<last>-)?(?P<close>\))?$"
)
GROUPED = r"^[1-9][0-9]{0,2}(?:(?: [0-9]{3})+|(?:'[0-9]{3})+|(?:_[0-9]{3})+)(?:[.,][0-9]*)?$"
EXPONENT = r"(?:[eE][-+]?[0-9]+)?$"
# The comma may also group by two digits, as in India: 12,34,567.
POINT = rf"^(?:[0-9]+|[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+|[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}})?(?:\.[0-9]*)?{EXPONENT}"
COMMA = rf"^(?:[0-9]+|[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+)?(?:,[0-9]+)?{EXPONENT}"
# Of texts that `float` reads: those that are another number, or none, when the comma is the decimal sign.
AMBIGUOUS_POINT = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
SAMPLE = 2000  # cells in which a decimal point is looked for before all are, and from which `is_likely` estimates
LIKELY = 0.25


@dataclass(frozen=True)
class ParsedNumbers:
    """The texts of a column, read with a decimal point and with a decimal comma.

    Args:
        texts: The texts; null where missing.
        point: Float64 Series: the readings with a decimal point; null where there is none.
        other: Of the texts that `float` does not read, in their order: a frame with `comma` (the readings with a
            decimal comma), `unit` (a currency, %, a unit, or "") and `body` (the digits and signs between them).
        plain: Boolean Series: the texts that `float` reads.
    """

    texts: Any
    point: Any
    other: Any
    plain: Any

    def comma(self) -> Any:
        """Return the readings with a decimal comma, null where there is none."""
        import polars

        texts = self.texts.filter(self.plain)
        dotted = texts.str.contains(".", literal=True)
        whole = texts.str.contains(AMBIGUOUS_POINT)
        plain = texts.str.replace(".", "", literal=True).cast(polars.Float64, strict=False)
        plain = plain.set(dotted & ~whole, None)
        values = polars.repeat(None, len(self.texts), dtype=polars.Float64, eager=True)
        values = values.scatter(self.plain.arg_true(), plain)
        return values.scatter((~self.plain).arg_true(), self.other["comma"]) if self.other.height else values

    def is_read(self) -> Any:
        """Return where a text has a reading."""
        return self.point.is_not_null() | self.comma().is_not_null()

    def units(self) -> Any:
        """Return the unit of each text, "" where there is none."""
        import polars

        values = polars.repeat("", len(self.texts), dtype=polars.String, eager=True)
        return values.scatter((~self.plain).arg_true(), self.other["unit"]) if self.other.height else values


def parse_numbers(texts: Any, *, likely: bool = False) -> ParsedNumbers:
    """Read texts as numbers, with a decimal point and with a decimal comma.

    Args:
        texts: A polars Series of stripped texts; null where missing.
        likely: Do not read texts in notations that `float` does not know where a random sample shows that less than
            a quarter of all texts are numbers.
    """
    import polars

    point = texts.cast(polars.Float64, strict=False)
    plain = point.is_not_null() | texts.is_null()
    if bool(plain.all()):
        schema = {"point": polars.Float64, "comma": polars.Float64, "unit": polars.String, "body": polars.String}
        return ParsedNumbers(texts, point, polars.DataFrame(schema=schema), plain)
    left = texts.filter(~plain)
    if likely and not is_likely(texts, lambda sample: parse_numbers(sample).is_read()):
        nothing = polars.lit(None, dtype=polars.Float64)
        empty = polars.lit("")
        other = (
            polars.DataFrame({"text": left})
            .select(point=nothing, comma=nothing, unit=empty, body=empty, text="text")
            .drop("text")
        )
        return ParsedNumbers(texts, point, other, plain)
    other = map_distinct(left, _parse_written)
    point = point.scatter((~plain).arg_true(), other["point"])
    return ParsedNumbers(texts, point, other, plain)


def is_likely(texts: Any, read: Callable[[Any], Any]) -> bool:
    """Return whether `read` reads at least a quarter of the texts, in a random sample where they are many."""
    known = texts.drop_nulls()
    if len(known) <= SAMPLE:
        return True
    return float(read(known.sample(SAMPLE, seed=0)).mean()) >= LIKELY


def map_distinct(texts: Any, parse: Callable[[Any], Any]) -> Any:
    """Return the frame that `parse` returns for texts; each different text is parsed once where many are equal."""
    import polars

    few = texts.head(SAMPLE)  # by the birthday problem, more than 10 are equal to others below 200,000 different ones
    distinct = texts.unique() if few.n_unique() < len(few) - 10 else texts
    if len(distinct) > len(texts) / 2:
        return parse(texts)
    parsed = parse(distinct).with_columns(distinct.alias("key"))
    keys = polars.DataFrame({"key": texts})
    return keys.join(parsed, on="key", how="left", nulls_equal=True, maintain_order="left").drop("key")


def _parse_written(texts: Any) -> Any:
    """Return a frame with `point`, `comma`, `unit` and `body` of texts that `float` does not read.

    Most texts of a column differ in their digits only, as $1,234 and $56 do: what is before and after the digits is
    parsed once, and the regular expression with groups is left for the other texts.
    """
    import polars

    texts = clean(texts)
    first = str(texts[0]) if len(texts) else ""
    affixes = re.fullmatch(r"([^0-9.,+(-]*).*?([^0-9.,)+-]*)", first, re.DOTALL)
    before, after = affixes.groups() if affixes else ("", "")
    sample = _read_parts(_split(polars.Series([f"{before}1{after}"])))
    body = texts.str.strip_prefix(before).str.strip_suffix(after) if before or after else texts
    alike = body.str.contains(rf"^-?{BODY}$")
    if before or after:
        alike &= texts.str.starts_with(before) & texts.str.ends_with(after)
    if sample["point"][0] is None or not bool(alike.any()):
        return _read_parts(_split(texts))
    body = body.filter(alike)
    negative = body.str.starts_with("-")
    body = body.str.strip_prefix("-") if bool(negative.any()) else body
    parts = polars.DataFrame({"body": body, "negative": negative})
    read = _read_parts(parts.with_columns(polars.lit(True).alias("valid"), polars.lit(sample["unit"][0]).alias("unit")))
    if len(parts) == len(texts):
        return read
    order = polars.concat([alike.arg_true(), (~alike).arg_true()]).arg_sort()
    return polars.concat([read, _read_parts(_split(texts.filter(~alike)))])[order]


def _split(texts: Any) -> Any:
    """Return a frame with `body`, `negative`, `valid` and `unit` of texts: signs and unit may be in many places."""
    import polars

    col = polars.col
    groups = texts.str.extract_groups(WRITTEN).struct.unnest()
    signs = [col(name) for name in ("first", "second", "third", "last")]
    any_sign = polars.sum_horizontal(sign.is_not_null().cast(polars.Int8) for sign in signs)
    opened = col("open").is_not_null().cast(polars.Int8) + col("inner").is_not_null().cast(polars.Int8)
    closed = col("close").is_not_null().cast(polars.Int8) + col("shut").is_not_null().cast(polars.Int8)
    unit = polars.coalesce("before", "after").fill_null("").str.strip_chars()
    lower = unit.str.to_lowercase()
    return groups.select(
        "body",
        polars.any_horizontal(opened > 0, *((sign == "-").fill_null(False) for sign in signs)).alias("negative"),
        (
            (opened == closed)
            & (any_sign + opened <= 1)
            & (col("before").is_null() | col("after").is_null() | (col("after") == PERCENT))
        ).alias("valid"),
        polars.when(lower.is_in(list(SAME)))
        .then(lower.replace(SAME))
        .otherwise(unit)
        .cast(polars.String)
        .alias("unit"),
    )


def _read_parts(parts: Any) -> Any:
    """Return a frame with `point`, `comma`, `unit` and `body` of the parts of texts."""
    import polars

    number = parts["body"].set(~parts["valid"], None)
    spaced = number.str.contains(r"[ '_]").fill_null(False)
    if bool(spaced.any()):
        number = number.set(spaced & ~number.str.contains(GROUPED).fill_null(False), None)
        number = number.str.replace_all(r"[ '_]", "")
    factor = parts["negative"].cast(polars.Float64) * -2 + 1
    point = number.set(~number.str.contains(POINT).fill_null(False), None).str.replace_all(",", "", literal=True)
    comma = number.set(~number.str.contains(COMMA).fill_null(False), None).str.replace_all(".", "", literal=True)
    comma = comma.str.replace(",", ".", literal=True)
    return polars.DataFrame(
        {
            "point": point.cast(polars.Float64, strict=False) * factor,
            "comma": comma.cast(polars.Float64, strict=False) * factor,
            "unit": parts["unit"],
            "body": parts["body"],
        }
    )


def clean(texts: Any) -> Any:
    """Return texts with ASCII digits, spaces, apostrophes and minus signs instead of their many Unicode forms."""
    if not bool((texts.str.len_bytes() != texts.str.len_chars()).any()):
        return texts
    plain = {**dict.fromkeys(SPACES, " "), **dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(MINUS, "-"), **DIGITS}
    return texts.str.replace_many(list(plain), list(plain.values()))


def parse_notation(example: str) -> tuple[str, str, str] | None:
    """Return decimal sign, thousands sign and unit of an example such as 1,234.56; ("", "", "") for an empty one.

    Return None for an example that is no number, or that can be read in two ways.
    """
    import polars

    if not example:
        return "", "", ""
    parsed = parse_numbers(polars.Series([example.strip()]))
    point, comma, unit = parsed.point[0], parsed.comma()[0], str(parsed.units()[0])
    if (point is None and comma is None) or (point is not None and comma is not None and point != comma):
        return None
    decimal = "," if point is None else "." if comma is None else ""
    body = str(parsed.other["body"][0]) if parsed.other.height else example
    sign = next((sign for sign in " '_.," if sign != decimal and sign in body.strip()), "")
    return decimal, sign, unit
