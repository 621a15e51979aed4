"""Read texts as dates and times, in days since 1970: with the day first and with the month first.

    2020-05-09   2020-05-09T10:30:15.5+02:00   09.05.2020   9/5/20   05/09/2020 10:30 PM   9 May 2020   May 9, 2020
    9 mai 2020   lundi 4 mai 2020 10h30   2020-05   05/2020   12:30   36:15:00

As numbers, every text is read twice. An ISO date has two readings that are equal, 13/05/2020 has one, 05/09/2020 two
that differ: `order` decides between them. A date with an offset is the instant in UTC; without, it counts as UTC. A
time without a date, or a duration, is a fraction of a day. Two digits of a year are read as Python's strptime does: 69
to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.numbers.parse import is_likely, map_distinct

ACCENTS = {"é": "e", "è": "e", "ê": "e", "û": "u", "ô": "o", "à": "a", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
MONTHS = (
    "january jan janvier janv", "february feb fevrier fevr fev", "march mar mars", "april apr avril avr", "may mai",
    "june jun juin", "july jul juillet juil", "august aug aout", "september sept sep septembre", "october oct octobre",
    "november nov novembre", "december dec decembre",
)  # fmt: skip
MONTH_NUMBERS = {name: f"~{number:02d}" for number, names in enumerate(MONTHS, 1) for name in names.split()}
WEEKDAY = (
    r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mer|jeu|ven|sam"
    r"|dim)[.,]*\s+"
)
MINUTES = r"[:h](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}(?:[.,][0-9]+)?))?"
CLOCK = rf"(?P<hour>[0-9]{{1,2}})(?:{MINUTES})?\s?(?P<half>[ap][.]?m[.]?)?"
ZONE = r"\s?(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-][0-9]{2}(?::?[0-9]{2})?)?$"
REST = rf"(?:(?:t|,?\s+(?:a |at )?){CLOCK})?{ZONE}"
NUMERIC = rf"^(?P<a>[0-9]{{1,4}})(?P<sign>[./-])(?P<b>[0-9]{{1,4}})(?:[./-](?P<c>[0-9]{{1,4}}))?{REST}"
NTH = "(?:st|nd|rd|th|er)?"
NAMED = (
    rf"^(?P<a>[0-9]{{1,2}}){NTH}[ ./-]*(?:of |de )?~(?P<b>[0-9]{{2}})[.,]*[ ./-]*(?P<c>[0-9]{{4}}|[0-9]{{2}}){REST}",
    rf"^~(?P<b>[0-9]{{2}})[.]?[ /-]*(?P<a>[0-9]{{1,2}}){NTH},?[ /-]+(?P<c>[0-9]{{4}}){REST}",
    rf"^(?P<c>[0-9]{{4}})[ ./-]*~(?P<b>[0-9]{{2}})[ ./-]*(?P<a>[0-9]{{1,2}}){REST}",
    rf"^~(?P<b>[0-9]{{2}})[.,]?[ ./-]*(?P<c>[0-9]{{4}}){REST}",
)
TIME = rf"^{CLOCK}{ZONE}".replace("hour>[0-9]{1,2}", "hour>[0-9]{1,3}")  # durations, too
ISO_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?$"
SECOND = 1_000_000  # microseconds
DAY = 86_400 * SECOND


@dataclass(frozen=True)
class ParsedDates:
    """The texts of a column, read as dates with the day first and with the month first; null where there is none.

    Args:
        texts: The texts; null where missing.
        day_first: Float64 Series of days since 1970.
        month_first: The same with the month first.
        is_time: Boolean Series: the text is a time without a date.
    """

    texts: Any
    day_first: Any
    month_first: Any
    is_time: Any

    def is_read(self) -> Any:
        """Return where a text has a reading."""
        return self.day_first.is_not_null() | self.month_first.is_not_null()


def parse_dates(texts: Any, *, likely: bool = False) -> ParsedDates:
    """Read texts as dates.

    Args:
        texts: A polars Series of stripped texts; null where missing.
        likely: Do not read texts that are not like 2020-05-09 where a random sample shows that less than a quarter of
            all texts are dates.
    """
    import polars

    iso = texts.str.to_date("%Y-%m-%d", strict=False, exact=True).cast(polars.Float64)
    iso = iso.set((texts.str.len_bytes() != 10).fill_null(False), None)
    left = iso.is_null() & texts.is_not_null()
    nothing = polars.repeat(False, len(texts), eager=True)
    if not bool(left.any()):
        return ParsedDates(texts, iso, iso, nothing)
    if likely and not is_likely(texts, lambda sample: parse_dates(sample).is_read()):
        return ParsedDates(texts, iso, iso, nothing)
    places = left.arg_true()
    frame = map_distinct(texts.filter(left), _parse_left)
    return ParsedDates(
        texts,
        iso.clone().scatter(places, frame["day_first"]),
        iso.clone().scatter(places, frame["month_first"]),
        nothing.scatter(places, frame["is_time"]),
    )


def _parse_left(texts: Any) -> Any:
    """Return a frame with `day_first`, `month_first` and `is_time` of texts that are not dates like 2020-05-09."""
    import polars

    if bool(texts.str.contains(ISO_TIME).all()):
        moments = texts.str.replace("T", " ", literal=True).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False)
        if not moments.null_count():
            days, is_time = temporal_days(moments), polars.repeat(False, len(texts), eager=True)
            return polars.DataFrame({"day_first": days, "month_first": days, "is_time": is_time})
    lower = texts.str.to_lowercase().alias("text")
    groups = lower.str.extract_groups(NUMERIC).struct.unnest()
    unread = groups["a"].is_null()
    day_first, month_first = _read_numeric(groups)
    is_time = polars.repeat(False, len(texts), eager=True)
    if bool(unread.any()):
        named = lower.filter(unread).str.replace_many(list(ACCENTS), list(ACCENTS.values())).str.replace(WEEKDAY, "")
        names = sorted(MONTH_NUMBERS, key=len, reverse=True)
        named = named.str.replace_many(names, [MONTH_NUMBERS[name] for name in names], leftmost=True)
        days = _read_named(named)
        times = _time_of_day(named.str.extract_groups(TIME).struct.unnest(), required=True) / DAY
        places = unread.arg_true()
        is_clock = days.is_null() & times.is_not_null()
        days = days.zip_with(~is_clock, times)
        day_first, month_first = day_first.scatter(places, days), month_first.scatter(places, days)
        is_time = is_time.scatter(places, is_clock)
    return polars.DataFrame({"day_first": day_first, "month_first": month_first, "is_time": is_time})


def _read_numeric(groups: Any) -> tuple[Any, Any]:
    import polars

    col = polars.col
    length_a, length_c = col("a").str.len_bytes(), col("c").str.len_bytes()
    a, b, c = (col(name).cast(polars.Int64, strict=False) for name in "abc")
    # A first number of two digits above 31, in any row, says that the year comes first.
    short = groups.select((length_a == 2) & (a > 31) & (length_c <= 2)).to_series().fill_null(False)
    year_first = (length_a == 4) | ((length_a == 2) & (length_c == 2) if bool(short.any()) else False)
    year = polars.when(length_c.is_in([2, 4])).then(_full_year(c, length_c))
    is_long = length_a.is_in([1, 2])
    dotted = col("sign") == "."
    month_alone = col("c").is_null() & (length_a == 4) & (col("sign") == "-") & (col("b").str.len_bytes() == 2)
    month_year = col("c").is_null() & is_long & (col("b").str.len_bytes() == 4) & ~dotted
    if _are_seasons(groups.select(month_alone.alias("is_month"), a.alias("year"), b.alias("month"))):
        month_alone = polars.lit(False)
    dates = groups.with_columns(
        polars.when(year_first & (length_c <= 2)).then(_days(_full_year(a, length_a), b, c))
        .when(month_alone).then(_days(a, b, polars.lit(1)))
        .when(month_year).then(_days(b, a, polars.lit(1))).alias("first"),
        polars.when(is_long & ~year_first).then(_days(year, b, a)).alias("day"),
        polars.when(is_long & ~year_first & ~dotted).then(_days(year, a, b)).alias("month"),
        _time_of_day(groups).alias("time"),
    )  # fmt: skip
    readings = dates.select(
        _as_days(polars.coalesce("first", "day"), col("time")).alias("day"),
        _as_days(polars.coalesce("first", "month"), col("time")).alias("month"),
    )
    return readings["day"], readings["month"]


def _are_seasons(frame: Any) -> bool:
    """Return whether all texts like 2005-06 are a year and the following one, and no months."""
    frame = frame.filter(frame["is_month"])
    return frame.height > 0 and bool((frame["month"] == (frame["year"] + 1) % 100).all())


def _read_named(texts: Any) -> Any:
    import polars

    days = polars.repeat(None, len(texts), dtype=polars.Float64, eager=True)
    has_month = texts.str.contains("~", literal=True).fill_null(False)
    for pattern in NAMED if bool(has_month.any()) else ():
        groups = texts.str.extract_groups(pattern).struct.unnest()
        day = polars.col("a").cast(polars.Int64, strict=False) if "a" in groups.columns else polars.lit(1)
        length = polars.col("c").str.len_bytes()
        year = _full_year(polars.col("c").cast(polars.Int64, strict=False), length)
        month = polars.col("b").cast(polars.Int64, strict=False)
        timed = groups.with_columns(_time_of_day(groups).alias("time"))
        read = timed.select(_as_days(_days(year, month, day), polars.col("time"))).to_series()
        days = days.zip_with(days.is_not_null(), read)
    return days


def _full_year(year: Any, length: Any) -> Any:
    """Return the expression of a year of two or four digits."""
    import polars

    return polars.when(length > 2).then(year).when(year < 69).then(year + 2000).otherwise(year + 1900)


def _days(year: Any, month: Any, day: Any) -> Any:
    """Return the expression of days since 1970 of a date; null where there is no such date.

    After H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    """
    import polars

    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    short = month.is_in([4, 6, 9, 11])
    length = polars.when(month == 2).then(polars.when(leap).then(29).otherwise(28)).when(short).then(30).otherwise(31)
    is_valid = (month >= 1) & (month <= 12) & (day >= 1) & (day <= length) & (year >= 1)
    y = polars.when(month <= 2).then(year - 1).otherwise(year)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + polars.when(month > 2).then(-3).otherwise(9)) + 2) // 5 + day - 1
    count = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return polars.when(is_valid).then(count)


def _as_days(days: Any, microseconds: Any) -> Any:
    """Return the expression of days, as datetimes of other formats are converted: to the same bits."""
    import polars

    return (days * DAY + microseconds).cast(polars.Float64) / DAY


def _time_of_day(groups: Any, *, required: bool = False) -> Any:
    """Return the time of day less the offset, in microseconds; null where there is no such time.

    Without a time: 0; with `required` null.
    """
    import polars

    col = polars.col
    hour, minute = (col(name).cast(polars.Int64, strict=False) for name in ("hour", "minute"))
    second = col("second").str.replace(",", ".", literal=True).cast(polars.Float64, strict=False).fill_null(0.0)
    half = col("half").str.slice(0, 1)
    full = polars.when(half.is_null()).then(hour).when(half == "p").then(hour % 12 + 12).otherwise(hour % 12)
    is_valid = (
        (full <= (999 if required else 23))
        & (half.is_null() | ((hour >= 1) & (hour <= 12)))
        & (minute.fill_null(0) <= 59)
        & (second < 60)
        & (col("minute").is_not_null() | half.is_not_null())
    )
    zone = col("zone").str.extract_groups(r"([+-])([0-9]{2}):?([0-9]{2})?$").struct
    hours, minutes = (zone.field(name).cast(polars.Int64, strict=False) for name in "23")
    offset = hours * 60 + minutes.fill_null(0)
    offset = polars.when(zone.field("1") == "-").then(-offset).otherwise(offset).fill_null(0)
    microseconds = (full * 60 + minute.fill_null(0) - offset) * 60 * SECOND
    microseconds = microseconds + (second * SECOND).round().cast(polars.Int64)
    time: Any = polars.when(is_valid).then(microseconds)
    if not required:
        time = polars.when(col("hour").is_null()).then(-offset * 60 * SECOND).otherwise(time)
    return groups.select(time.alias("time")).to_series()


def temporal_days(values: Any) -> Any:
    """Return dates, datetimes, times of day or durations as numbers of days."""
    import polars

    if values.dtype == polars.Date:
        return values.cast(polars.Float64)
    if values.dtype == polars.Time:
        return values.cast(polars.Int64).cast(polars.Float64) / (DAY * 1000)
    if values.dtype == polars.Duration:
        return values.dt.total_microseconds().cast(polars.Float64) / DAY
    return values.dt.epoch("us").cast(polars.Float64) / DAY
