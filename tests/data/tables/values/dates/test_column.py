"""A column of texts is one of dates or times, though some cells are not."""

import polars

from axone.data.tables.values.dates.column import read_date_columns
from axone.data.tables.values.kinds import Prescription


def column(*texts, kind=None, **others):
    named = {name: polars.Series(name, values) for name, values in {"c": list(texts), **others}.items()}
    prescriptions = {"c": Prescription("date", kind)} if kind is not None else {}
    return read_date_columns({name: (values, values) for name, values in named.items()}, prescriptions)["c"]


def test_a_few_slips_count_as_missing():
    dates = column(*[f"{day:02d}.05.2020" for day in range(1, 12)], "soon")
    assert dates.is_date() and dates.conversion.values.null_count() == 1
    assert dates.conversion.unreadable[0].texts == ("soon",) and not column("9 May 2020", "soon").is_date()


def test_day_and_month():
    assert column("05/09/2020", "25/09/2020").notation.to_json() == {"order": "day"}
    assert column("05/09/2020", d=["09/25/2020"]).notation.to_json() == {"order": "month"}
    assert column("2020-05-09").notation.to_json() == {} and column("2020-05-09 10:30").is_iso()


def test_a_format_of_the_user():
    dates = column("05/09/2020", kind="%m/%d/%Y")
    assert dates.conversion.values.to_list() == column("2020-05-09").conversion.values.to_list()
    assert column("20200509", kind="%Y%m%d").conversion.values.to_list() == dates.conversion.values.to_list()
    assert column("20-05-09", kind="%y-%m-%d").conversion.values.to_list() == dates.conversion.values.to_list()
    assert column("2020-05-09 10", kind="%Y-%m-%d %H").conversion.values[0] > dates.conversion.values[0]


def test_times_and_dates_are_not_mixed():
    times = column("12:00", "18:00", "2020-05-09")
    assert times.notation.is_time and times.conversion.values.to_list() == [0.5, 0.75, None]
