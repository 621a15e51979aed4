"""Words such as NA in a target: a missing value, or a class; what was decided is said, and can be set."""

import polars
import pytest

from axone.data.tables.files import TableContent
from axone.data.tables.targets.missing import describe_missing_levels, drop_rows_without_target, parse_missing
from axone.errors import DataError


def drop(target, missing=None, classes=None, **others):
    frame = polars.DataFrame({"k": list(range(len(target))), "y": target, **others})
    content, notes = drop_rows_without_target(TableContent(frame, "t", ""), ["y"], missing, classes)
    return content.frame["k"].to_list(), "\n".join(notes)


REGIONS = ["EU", "AS", "NA"] * 4


def test_a_frequent_word_is_a_class():
    rows, notes = drop(REGIONS)
    assert rows == list(range(12)) and "NA in 4 rows is taken for a class" in notes and "--missing NA" in notes


def test_a_rare_word_is_a_missing_value():
    rows, notes = drop(["yes", "no"] * 10 + ["NA"])
    assert rows == list(range(20)) and "1 row without a target" in notes and "NA (1)" in notes
    assert '--missing ""' in notes


def test_a_word_that_other_columns_use_for_missing_values_is_one():
    assert drop(REGIONS, size=["1", "2.5", "NA"] * 4)[0] == [row for row in range(12) if row % 3 != 2]
    assert len(drop(REGIONS, size=["a", "b", "NA"] * 4)[0]) == 12
    assert len(drop(REGIONS, size=["a", "b", "NA"] * 4, shape=["c", "NA", "d"] * 4)[0]) == 8


def test_the_setting_decides():
    assert len(drop(REGIONS, missing=parse_missing("NA"))[0]) == 8
    assert len(drop(["yes", "no"] * 10 + ["NA"], missing=parse_missing(""))[0]) == 21
    assert len(drop(["yes", "no", "-"] * 4, missing=parse_missing("-, ?"))[0]) == 8


def test_the_classes_of_a_run_are_no_missing_values():
    assert len(drop(["yes", "no"] * 10 + ["NA"], classes=["NA", "no", "yes"])[0]) == 21
    assert len(drop(["yes", "no"] * 10 + ["NA"], classes=["no", "yes"])[0]) == 20


def test_numbers_have_more_words_for_missing_values():
    rows, notes = drop(["1.5", "2,500", "-", "?"] * 3)
    assert len(rows) == 6 and "- (3), ? (3)" in notes and "--missing" not in notes


def test_empty_cells_and_gaps_of_numbers():
    assert drop(["u", " ", None, "v"]) == ([0, 3], "2 rows without a target were left out.")
    assert drop([1.0, float("nan"), float("inf"), None])[0] == [0]
    with pytest.raises(DataError, match="empty in every row"):
        drop(["", " "])


def test_lines_of_the_file_follow_the_rows():
    import numpy as np

    frame = polars.DataFrame({"y": ["u", "", "v"]})
    content, _notes = drop_rows_without_target(TableContent(frame, "t", "", ",", (), np.array([4, 7, 9])), ["y"])
    assert content.lines.tolist() == [4, 9] and content.locate(1) == "row 2 (line 9)"


def test_words_in_categories_are_named():
    frame = polars.DataFrame({"w": ["u", "NA", "na", None], "x": ["a", "b", "c", "d"], "t": [True, False, None, True]})
    (note,) = describe_missing_levels(frame, ["w", "x", "t"], None)
    assert "w NA (1), w na (1)" in note and '--missing ""' in note
    assert describe_missing_levels(frame, ["w"], ("",)) == []


@pytest.mark.parametrize(("text", "words"), [(None, None), ("", ("",)), (" NA, - ,", ("", "na", "-"))])
def test_the_flag_is_parsed(text, words):
    assert parse_missing(text) == words
