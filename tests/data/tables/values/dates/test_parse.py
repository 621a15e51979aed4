"""Texts are read as dates and times in the ways in which people write them."""

from datetime import datetime, timedelta

import polars
import pytest

from axone.data.tables.values.dates.parse import parse_dates, temporal_days


def readings(*texts):
    """Return each text with the day first and with the month first, as ISO dates."""
    parsed = parse_dates(polars.Series("c", texts))
    return [tuple(_iso(days) for days in pair) for pair in zip(parsed.day_first, parsed.month_first)]


def _iso(days):
    return None if days is None else (datetime(1970, 1, 1) + timedelta(days=days)).isoformat(" ", "seconds")


def same(date):
    return (f"{date} 00:00:00",) * 2


@pytest.mark.parametrize(
    "text",
    ["2020-05-09", "2020/05/09", "2020.05.09", "2020-5-9", "9 May 2020", "09-May-20", "May 9, 2020", "9th of May 2020",
     "9 mai 2020", "Sat, 09 May 2020", "samedi 9 mai 2020", "2020-May-09"],
)  # fmt: skip
def test_the_same_day(text):
    assert readings(text) == [same("2020-05-09")]


@pytest.mark.parametrize(
    ("text", "month"),
    [("1er février 2021", "02"), ("1 FÉVR. 2021", "02"), ("1 août 2021", "08"), ("1 déc. 2021", "12"),
     ("1 Sept 2021", "09"), ("1 mars 2021", "03"), ("Mar 1, 2021", "03"), ("1 juil. 2021", "07")],
)  # fmt: skip
def test_names_of_months(text, month):
    assert readings(text) == [same(f"2021-{month}-01")]


def test_day_and_month_first():
    assert readings("05/09/2020") == [("2020-09-05 00:00:00", "2020-05-09 00:00:00")]
    assert readings("13/09/2020", "09/13/2020") == [("2020-09-13 00:00:00", None), (None, "2020-09-13 00:00:00")]
    assert readings("05.09.2020") == [("2020-09-05 00:00:00", None)]


def test_two_digits_of_a_year_are_read_as_strptime_does():
    for year in (0, 68, 69, 99):
        expected = datetime.strptime(f"25/12/{year:02d}", "%d/%m/%y").date().isoformat()
        assert readings(f"25/12/{year:02d}")[0][0] == f"{expected} 00:00:00"
    assert readings("99-05-09", "20-12-25") == [same("1999-05-09"), same("2020-12-25")]


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2020-05-09T10:30", "10:30:00"), ("2020-05-09 10:30:15.4", "10:30:15"), ("2020-05-09T10:30:15Z", "10:30:15"),
     ("2020-05-09T10:30:15+02:00", "08:30:15"), ("2020-05-09 10:30:15-0430", "15:00:15"),
     ("9 May 2020 10:30 PM", "22:30:00"),
     ("9 May 2020, 12:30 am", "00:30:00"), ("9 mai 2020 à 10h30", "10:30:00"),
     ("Sat, 09 May 2020 10:00:00 GMT", "10:00:00")],
)  # fmt: skip
def test_times_and_offsets(text, moment):
    assert readings(text) == [(f"2020-05-09 {moment}",) * 2]


def test_times_of_day():
    parsed = parse_dates(polars.Series("c", ["12:30", "6 PM", "18:00:00", "36:00", "12:75", "13 pm"]))
    assert parsed.day_first.to_list() == [pytest.approx(12.5 / 24), 0.75, 0.75, 1.5, None, None]
    assert parsed.is_time.to_list() == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    "text", ["2020-02-30", "30/02/2020", "2021-13-01", "1.2.3", "10-20", "1/2", "12.05", "192.168.1.1", "555-1234",
             "978-3-16-148410-0", "20200509", "May", "9 Mayor 2020", "2020-05-09 24:00", "1900-02-29"],
)  # fmt: skip
def test_others_are_no_dates(text):
    assert readings(text) == [(None, None)]


def test_months_and_seasons():
    assert readings("2020-05", "2020-07") == [same("2020-05-01"), same("2020-07-01")]
    assert (
        readings("05/2020", "May 2020") == [same("2020-05-01")] * 2
        and readings("2020/05", "13/2020") == [(None, None)] * 2
    )
    assert readings("2005-06", "2006-07") == [(None, None)] * 2


def test_missing_texts_stay_missing_and_leap_days_exist():
    assert readings(None, "29/02/2000", "2000-02-29")[::2] == [(None, None), same("2000-02-29")]
    assert parse_dates(polars.Series("c", ["29/02/2000"])).day_first[0] == 11016.0


def test_temporal_values_have_the_bits_of_their_texts():
    moments = polars.Series("c", [datetime(1970, 1, 2, 6), datetime(2020, 5, 9, 10, 30, 15, 123)])
    texts = polars.Series("c", ["1970-01-02 06:00", "2020-05-09T10:30:15.000123"])
    assert temporal_days(moments).to_list() == parse_dates(texts).day_first.to_list()
    zoned = moments.dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    assert temporal_days(zoned).to_list() == temporal_days(moments).to_list()
    assert temporal_days(polars.Series([timedelta(hours=6)])).to_list() == [0.25]
