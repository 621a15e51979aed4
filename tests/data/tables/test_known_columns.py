"""Tables at use time: nothing is answered that was not read, and all that differs from training is remarked."""

import polars
import pytest

from axone.data.tables.files import TableContent
from axone.data.tables.known_columns import list_names, read_known_columns, warn_of
from axone.errors import DataError, DataNote

FACTS = {
    "columns": [
        {"name": "income", "kind": "number", "notation": {}, "missing": False},
        {"name": "age", "kind": "number", "notation": {}, "missing": True},
        {"name": "color", "kind": "category", "notation": {}, "levels": ["red", "blue"], "missing": False},
    ],
    "targets": [{"name": "band"}],
    "not_used": ["id"],
    "missing_words": None,
}
GOOD = {"income": ["500", "7000"], "age": ["40", "41"], "color": ["red", "blue"]}


def read(facts=FACTS, lines=None, **columns):
    return read_known_columns(TableContent(polars.DataFrame(columns), "new.csv", "", ",", (), lines), facts)


def test_the_same_columns_in_any_order_need_no_remark():
    known = read(color=GOOD["color"], id=["a", "b"], band=["x", "y"], age=[40, 41], income=[500.0, 7e3])
    assert known.frame.rows() == [(500.0, 40.0, "red"), (7000.0, 41.0, "blue")]
    assert not (known.errors or known.row_notes or known.notes or known.unreadable_notes or known.cell_notes)


def test_a_cell_that_cannot_be_read_is_an_error_where_training_saw_no_gaps():
    known = read(**{**GOOD, "income": ["five", "7000"]})
    assert list(known.errors) == [0] and "'income' is 'five'" in known.errors[0]
    (note,) = known.unreadable_notes
    assert "1 value is not a number, in row 1" in note and "not answered" in note


def test_a_cell_that_cannot_be_read_is_missing_where_training_saw_gaps():
    known = read(**{**GOOD, "age": ["old", "young"]})
    assert known.errors == {} and known.frame["age"].to_list() == [None, None]
    (note,) = known.unreadable_notes
    assert "2 values are not numbers, first in row 1: 'old'" in note and "count as missing" in note
    assert [len(known.row_notes[row]) for row in (0, 1)] == [1, 1]


def test_unknown_columns_are_ignored_and_named_once():
    (note,) = read(**GOOD, customer=["C1", "C2"], shop=[1, 2]).notes
    assert "columns that the model does not know; they are ignored: 'customer', 'shop'" in note


def test_a_missing_column_is_one_error_or_counts_as_missing():
    with pytest.raises(DataError, match=r"'new.csv' has no column 'income'. Did you mean 'incomes'"):
        read(incomes=["1"], age=["2"], color=["red"])
    known = read(income=["1"], color=["red"])
    assert known.frame["age"].to_list() == [None] and "no column 'age': its values count as missing" in known.notes[0]


def test_gaps_and_levels_that_training_did_not_see_are_remarked():
    known = read(income=["1", ""], age=["", "2"], color=["violet", "red"])
    assert known.row_notes == {
        0: ["never seen in training: color = violet"],
        1: ["missing, unlike in training: income"],
    }
    gap, unseen = known.cell_notes
    assert "'income': 1 value is missing, in row 2" in gap and "color = violet" in unseen


def test_words_that_mean_missing_are_those_of_the_training():
    assert read(**{**GOOD, "age": ["-", "41"]}).unreadable_notes == ()
    facts = {**FACTS, "missing_words": ("",)}
    assert "'-'" in read(facts, **{**GOOD, "age": ["-", "41"]}).unreadable_notes[0]


def test_notes_are_warnings_of_their_own_category():
    with pytest.warns(DataNote, match="a remark"):
        warn_of(["a remark"])
    assert list_names(list("abcdefg")) == "'a', 'b', 'c', 'd', 'e' and 2 more"
