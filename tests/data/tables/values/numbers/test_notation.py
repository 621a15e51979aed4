"""The decimal sign and the unit of a column are decided from all its texts, then from other evidence."""

import polars
import pytest

from axone.data.tables.values.numbers.notation import (
    Evidence,
    NumberNotation,
    choose_unit,
    decide,
    find_evidence,
    find_thousands,
    sum_others,
)
from axone.data.tables.values.numbers.parse import parse_numbers

POINT, COMMA = Evidence(point=2), Evidence(comma=2)


def parse(*texts):
    return parse_numbers(polars.Series("c", texts))


def decided(*texts, **options):
    decision = decide(find_evidence(parse(*texts)), **options)
    return decision.decimal, decision.reason


def test_the_column_decides():
    assert decided("1,234", "0.5", file=COMMA) == (".", "column")
    assert decided("1.234", "12,5", file=POINT) == (",", "column")
    assert decided("1.234", "1.234.567") == (",", "column")
    assert decided("12", "13") == ("", "")


def test_a_mixed_column_reads_texts_with_two_readings_only_where_the_others_are_few():
    few = decide(find_evidence(parse(*["1.5"] * 20, "1,5", "1.234", "1,234")))
    assert (few.decimal, few.allowed) == (".", ".")
    many = decide(find_evidence(parse("1.5", "2.5", "1,5", "1.234")))
    assert (many.decimal, many.allowed) == (".", "")


def test_then_the_user_the_other_columns_the_whole_numbers_and_the_delimiter():
    assert decided("1.234", prescribed=NumberNotation(",")) == (",", "user")
    assert decided("1,293", "440", file=COMMA) == (",", "file")
    assert decided("1,293", "440", file=POINT, delimiter=";") == (".", "file")
    assert decided("1,293", "440", delimiter="\t") == (".", "whole")
    assert decided("1.293", "440", delimiter=";") == (",", "whole")
    assert decided("1,293", delimiter=";") == (",", "delimiter")
    assert decided("1,293", "1500", delimiter=",") == decided("1.293", "440", delimiter=",") == (".", "usual")


def test_at_use_time_training_counts_and_what_it_leaves_open_is_not_read():
    def allowed(text, **training):
        decision = decide(find_evidence(parse(text)), training=NumberNotation(**training))
        return decision.decimal, decision.allowed

    assert allowed("1,234", decimal=".", thousands=",") == (".", ".,")
    assert allowed("1,234", decimal=".") == (".", ".") == allowed("1,234")
    assert allowed("1.234", decimal=",") == (",", ",")
    assert allowed("1,234", thousands=",") == (".", ",")


def test_evidence_is_counted():
    evidence = find_evidence(parse("1.5", "1,5", "1,234", "1.234", "1 234", "440", "$12"))
    assert evidence == Evidence(1, 1, 1, 1, 2, 440.0) and evidence.either == 2 and evidence.decimal == ""
    others = sum_others({"a": POINT, "b": POINT, "c": COMMA, "d": Evidence()})
    assert others["a"] == Evidence(point=1, comma=1) and others["c"] == Evidence(point=2)
    assert others["d"] == Evidence(point=2, comma=1)


@pytest.mark.parametrize(
    ("texts", "unit", "accepted"),
    [(["$5", "6", "€7"], "$", [True, True, False]), (["5%", "7%", "6", "0"], "%", [True, True, False, True]),
     (["5 kg", "6", "7 g"], "kg", [True, True, False]), (["5", "6", "7 kg", "8"], "", [True, True, False, True]),
     (["5 EUR", "6 €"], "€", [True, True]), (["1st", "2nd"], "th", [True, True]), (["5", None], "", [True, True])],
)  # fmt: skip
def test_units(texts, unit, accepted):
    chosen, has_unit = choose_unit(parse(*texts))
    assert chosen == unit and has_unit.to_list() == accepted


@pytest.mark.parametrize(
    ("unit", "texts", "accepted"),
    [("", ["$5", "6%", "7 kg", "8"], [True, False, False, True]), ("$", ["5", "€6"], [True, False]),
     ("%", ["5", "5%", "0"], [False, True, True]), ("%", ["5"], [False]),
     ("kg", ["5", "5 g", "5kg"], [True, False, True])],
)  # fmt: skip
def test_units_at_use_time(unit, texts, accepted):
    assert choose_unit(parse(*texts), NumberNotation(unit=unit))[1].to_list() == accepted


@pytest.mark.parametrize(
    ("texts", "decimal", "sign"),
    [(["1,234.5"], ".", ","), (["1.234,5"], ",", "."), (["1.234"], ",", "."), (["1 234", "5"], "", " "),
     (["1'234"], ".", "'"), (["84,6"], ".", ""), (["5"], ".", "")],
)  # fmt: skip
def test_thousands(texts, decimal, sign):
    assert find_thousands(parse(*texts), decimal) == sign


def test_notation_as_json():
    assert NumberNotation(".", unit="$").to_json() == {"decimal": ".", "unit": "$"}
