"""Tables in random notations are read back equal: numbers, dates, levels, delimiters and quotes."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.data.tables.load import load_table

ROWS = 12
SPACES = (" ", "\u00a0", "\u202f")
PROOF = 1234567.25  # in every notation with separators, it can be read in one way only
NUMBERS = st.fixed_dictionaries(
    {
        "decimal": st.sampled_from(".,"),
        "group": st.sampled_from(["", "other", *SPACES, "'", "\u2019", "_"]),
        "digits": st.integers(0, 4),
        "unit": st.sampled_from(["{}", "${}", "{} €", "EUR {}", "{}%", "{} %", "{} kg", "CHF {}", "{}km"]),
        "minus": st.sampled_from(["-{}", "\u2212{}", "({})", "{}-"]),
    }
)
DAY_FORMATS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d/%m/%y", "%m/%d/%y", "%Y/%m/%d", "%d %b %Y",
    "%d %B %Y", "%B %d, %Y", "%b %d %Y", "%d-%b-%y",
)  # fmt: skip
TIME_FORMATS = ("", " %H:%M", "T%H:%M:%S", " %I:%M %p", " %H:%M:%S.%f", " %H:%M:%SZ", " %H:%M:%S+00:00")
FRENCH = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
          "décembre")  # fmt: skip


def write_number(value: float, notation) -> str:
    """Return a number in a notation."""
    decimal = notation["decimal"]
    group = {"other": "," if decimal == "." else "."}.get(notation["group"], notation["group"])
    text = f"{abs(value):,.{notation['digits']}f}"
    text = text.replace(",", "\0").replace(".", decimal).replace("\0", group)
    text = notation["minus"].format(text) if value < 0 else text
    return notation["unit"].format(text)


def write_table(path, columns, delimiter, quoting):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    path.write_text(text.getvalue(), "utf-8")
    return path


files = st.tuples(st.sampled_from(",;\t|"), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
values_of = st.lists(st.integers(-(10**8), 10**8), min_size=ROWS - 1, max_size=ROWS - 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBERS, values_of), min_size=1, max_size=3), files)
def test_numbers_in_random_notations(folder, columns, file):
    written, expected = {}, {}
    for place, (notation, whole) in enumerate(columns):
        numbers = [PROOF, *(value / 10 ** (place + 2) for value in whole)]
        numbers = [float(f"{number:.{notation['digits']}f}") for number in numbers]
        written[f"c{place}"] = [write_number(number, notation) for number in numbers]
        expected[f"c{place}"] = [abs(number) if number == 0 else number for number in numbers]
    written["y"] = [str(row % 2) for row in range(ROWS)]
    table = load_table(write_table(folder / "numbers.csv", written, *file), "y")
    used = {name: values for name, values in expected.items() if len(set(values)) > 1}
    assert [column.kind for column in table.columns] == ["number"] * len(used)
    assert {name: table.features[name].to_list() for name in used} == used


moments = st.datetimes(datetime(1970, 1, 1), datetime(2037, 12, 31))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([*DAY_FORMATS, "french"]),
    st.sampled_from(TIME_FORMATS),
    st.lists(moments, min_size=ROWS, max_size=ROWS, unique_by=lambda moment: moment.date()),
    files,
)
def test_dates_in_random_notations(folder, day_format, time_format, dates, file):
    dates[0] = dates[0].replace(day=25)  # proves whether the day or the month is first
    if day_format == "french":
        texts = [f"{moment.day} {FRENCH[moment.month - 1]} {moment.year}" for moment in dates]
    else:
        texts = [moment.strftime(day_format) for moment in dates]
    texts = [text + moment.strftime(time_format) for text, moment in zip(texts, dates)]
    written = {"day": texts, "y": [str(row % 2) for row in range(ROWS)]}
    table = load_table(write_table(folder / "dates.csv", written, *file), "y")
    assert table.columns[0].kind == "date"
    parts = {"": {}, " %H:%M": {"second", "microsecond"}, " %I:%M %p": {"second", "microsecond"}}
    cut = parts.get(time_format, set() if "%f" in time_format else {"microsecond"})
    for moment, days in zip(dates, table.features["day"]):
        read = datetime(1970, 1, 1) + timedelta(microseconds=round(days * 86_400_000_000))
        expected = datetime.combine(moment.date(), datetime.min.time()) if time_format == "" else moment
        assert abs(read - expected.replace(**dict.fromkeys(cut, 0))) <= timedelta(microseconds=100)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=ROWS, max_size=ROWS).filter(lambda codes: len(set(codes)) > 1), files)
def test_codes_are_the_same_levels_in_every_format(folder, codes, file):
    labels = [str(row % 2) for row in range(ROWS)]
    paths = [
        write_table(folder / f"codes{place}.csv", {"code": [form(code) for code in codes], "y": labels}, *file)
        for place, form in enumerate((str, lambda code: f"{code}.0", float))
    ]
    frame = polars.DataFrame({"code": codes, "y": labels})
    frame.write_parquet(folder / "codes.parquet")
    frames = [
        frame, frame.with_columns(polars.col("code").cast(polars.Float64)), frame.to_dict(as_series=False),
        frame.with_columns(polars.col("code").cast(polars.String).cast(polars.Categorical)),
    ]  # fmt: skip
    read = [
        load_table(source, "y", kinds={"code": "category"}).features["code"].to_list()
        for source in (*paths, folder / "codes.parquet", *frames)
    ]
    assert all(levels == [str(code) for code in codes] for levels in read)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.dates(date(1970, 1, 1), date(2037, 1, 1)), min_size=4, max_size=4, unique=True))
def test_dates_of_a_frame_are_those_of_its_text(dates):
    moments = [datetime.combine(day, datetime.min.time()) + timedelta(hours=day.day) for day in dates]
    labels = ["a", "b", "a", "b"]
    typed = load_table(polars.DataFrame({"when": moments, "y": labels}), "y").features["when"].to_list()
    zoned = polars.Series(moments).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")
    assert load_table(polars.DataFrame({"when": zoned, "y": labels}), "y").features["when"].to_list() == typed
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M"):
        texts = [moment.strftime(form) for moment in moments]
        assert load_table({"when": texts, "y": labels}, "y").features["when"].to_list() == typed
    shifted = [(moment + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%S+09:00") for moment in moments]
    assert load_table({"when": shifted, "y": labels}, "y").features["when"].to_list() == typed
