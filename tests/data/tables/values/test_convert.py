"""Columns of other tables are read as training read them, where a text leaves no doubt; what is left is listed."""

import polars
import pytest

from axone.data.tables.values.convert import convert, convert_columns
from axone.data.tables.values.infer import infer_columns

PLAIN = {"decimal": "."}


def numbers(*texts, notation=None, delimiter="", **others):
    facts = [{"name": name, "kind": "number", "notation": PLAIN} for name in others]
    frame = polars.DataFrame({"c": list(texts), **others})
    read = convert_columns(frame, [{"name": "c", "kind": "number", "notation": notation}, *facts], delimiter=delimiter)
    return read.frame["c"].to_list(), [(cells.reason, cells.texts) for cells in read.unreadable]


def test_numbers_written_otherwise_than_in_training():
    assert numbers("500,0", "20000,0", notation=PLAIN) == ([500.0, 20000.0], [])
    assert numbers("$20,000.00", "7000", notation=PLAIN) == ([20000.0, 7000.0], [])
    assert numbers("20000.5", notation={"decimal": ",", "thousands": "."}) == ([20000.5], [])
    assert numbers("20.000", notation={"decimal": ",", "thousands": "."}) == ([20000.0], [])
    assert numbers("20.000", notation=PLAIN) == ([20.0], [])


def test_other_columns_decide_between_two_readings():
    assert numbers("20.000", notation=PLAIN, area=["80,5"]) == ([20000.0], [])
    assert numbers("20,000", notation=PLAIN, area=["80.5"]) == ([20000.0], [])


def test_what_stays_open_is_not_read():
    assert numbers("20,000", notation=PLAIN) == ([None], [("two numbers", ("20,000",))])
    assert numbers("19", "0.19", notation={"unit": "%"}) == ([None, None], [("unit", ("19", "0.19"))])
    assert numbers("19%", notation=PLAIN) == ([None], [("unit", ("19%",))])
    assert numbers("twelve", "-", notation=PLAIN) == ([None, None], [("number", ("twelve",))])


def test_errors_of_units_say_what_to_write():
    values = polars.Series("share", ["19", "20%"])
    (cells,) = convert(values, "number", {"unit": "%"}).unreadable
    assert list(cells.describe_cells()) == [
        (0, "'share' is '19', but its unit in training is %: write it with this unit.")
    ]
    (cells,) = convert(values, "number").unreadable
    assert "write the number alone" in next(cells.describe_cells())[1]


def test_dates_and_levels():
    facts = [{"name": "day", "kind": "date", "notation": {"order": "month"}}, {"name": "code", "kind": "category"}]
    read = convert_columns(polars.DataFrame({"day": ["05/09/2020", "soon"], "code": [1.0, 2.0]}), facts)
    assert read.frame.rows() == [(18391.0, "1"), (None, "2")]
    assert [(cells.column, cells.rows) for cells in read.unreadable] == [("day", (1,))]
    assert convert(polars.Series("day", ["05/09/2020"]), "date").unreadable[0].reason == "two dates"


def test_other_words_may_mean_a_missing_value():
    read = convert(polars.Series("c", ["?", "5"]), "number", missing=("",))
    assert read.values.to_list() == [None, 5.0] and len(read.unreadable) == 1
    assert convert(polars.Series("c", ["NA"]), "category", missing=("",)).values.to_list() == ["NA"]


@pytest.mark.parametrize("values", [[1.5, 2.5], ["1.5", "2.5"], ["1,5", "2,5"]])
def test_types_do_not_matter(values):
    assert convert(polars.Series("c", values), "number").values.to_list() == [1.5, 2.5]


@pytest.mark.parametrize("delimiter", ["", ",", ";", "\t"])
def test_a_table_is_read_again_as_it_was_in_training(delimiter):
    frame = polars.DataFrame(
        {
            "ambiguous": ["1,293", "440"], "points": ["1.293", "2.440"], "mixed": ["1,5", "2.5"],
            "day": ["05/09/2020", "06/09/2020"],
            "time": ["12:30", "36:15"], "unit": ["5 kg", "7"], "percent": ["5%", "7%"], "code": ["01067", "80331"],
            "truth": ["True", "0"], "words": ["x", "y"], "money": ["$1,234", "$5"],
        }
    )  # fmt: skip
    inferred = infer_columns(frame, {"day": "date"}, delimiter=delimiter)
    facts = [
        {"name": column.name, "kind": column.kind, "notation": dict(column.notation)} for column, _read in inferred
    ]
    again = convert_columns(frame, facts, delimiter=delimiter)
    assert again.unreadable == ()
    assert {name: again.frame[name].to_list() for name in frame.columns} == {
        column.name: values.to_list() for column, values in inferred
    }
