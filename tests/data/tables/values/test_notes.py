"""How columns were read is said in one line each, with the flag that reads them otherwise."""

import polars

from axone.data.tables.values.infer import infer_columns


def notes(*texts, delimiter="", **others):
    frame = polars.DataFrame({"c": list(texts), **others})
    return [note for column, _values in infer_columns(frame, {}, delimiter=delimiter) for note in column.notes]


def test_plain_columns_need_no_note():
    assert notes("1.5", "2", d=["x", "y"]) == [] and notes("1.234", "2.345", delimiter=",") == []


def test_columns_of_the_same_notation_share_a_line():
    assert notes("1.234,5", "2,5", d=["5.678,25", "7,5"]) == ["'1.234,5' is read as 1234.5: c, d."]
    assert notes("$5", "$7") == ["'$5' is read as 5: c."]
    assert notes("(5)", "7", "8") == ["'(5)' is read as -5: c."]


def test_a_choice_between_two_readings_is_said_with_the_flag_for_the_other():
    (line,) = notes("1,293", "440", delimiter="\t")
    assert "'1,293' is read as 1293" in line and line.endswith("type --columns c=number:1.234,56.")
    (line,) = notes("1.293", "2.440", delimiter=";")
    assert "'1.293' is read as 1.293" in line and "--columns c=number:1.234,56" in line
    line = notes("1.293", "2.440", delimiter=";", d=["0,5", "1,5"])[0]
    assert "'1.293' is read as 1293, like the other columns" in line and line.endswith("--columns c=number:1,234.56.")


def test_mixtures_and_errors_are_said():
    lines = notes("1.5", "1,5", "2.345", "7", *["1"] * 30, *["x"] * 2)
    assert "decimal point and with a decimal comma" in lines[0]
    assert "2 values are not numbers, first in row 35: 'x'. They count as missing." in lines[1]
    assert "can be read in two ways" in lines[2] and "--columns c=number:1.234,56" in lines[2]


def test_dates_are_said_with_an_example():
    assert notes("2020-05-09", "2020-05-10") == ["'c' contains dates: used as numbers of days."]
    assert notes("25.12.2020", "01.02.2020") == [
        "'c' contains dates (25.12.2020 is 2020-12-25): used as numbers of days."
    ]
    (line,) = notes("05/09/2020", "07/09/2020")
    assert "05/09/2020 is read as 2020-09-05" in line and line.endswith("type --columns c=date:%m/%d/%Y.")
    assert "contains times" in notes("12:30", "13:45")[0]


def test_what_looks_like_numbers_is_said():
    assert (
        "leading zeros or signs (01067): used as categories; as numbers: --columns c=number"
        in notes("01067", "80331")[0]
    )
    assert "several units (kg, g)" in notes("5 kg", "6 kg", "7 g")[0]
    assert "looks like numbers written as '10-20'" in notes("10-20", "20-30")[0]
    assert "67" in notes("5", "6", "x")[0] and "numbers among words" in notes("5", "6", "x")[0]
    assert notes("True", "0", "true", "1") == []


def test_a_long_list_of_columns_is_cut():
    many = {f"d{place}": ["1,5", "2,5"] for place in range(9)}
    assert notes("1,5", "2,5", **many)[0].endswith("and 2 more.")
