"""Bad tables, numbers 21 to 40 of the reliability list: each with its message and exit code, none with a traceback."""

from __future__ import annotations

import json

import numpy as np
import polars
import pytest
import torch

from axone.data import memory
from axone.data.tables.columns import fit_columns
from axone.data.tables.files import read_content
from axone.data.tables.known_columns import read_known_columns
from axone.data.tables.load import load_table
from axone.errors import AxoneError, DataError, ResourceError

ROWS = "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(30))


@pytest.fixture
def written(tmp_path):
    def write(content, name="people.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused(path, match, kind=DataError, code=3, target="y"):
    with pytest.raises(AxoneError, match=match) as caught:
        load_table(path, target)
    assert isinstance(caught.value, kind) and caught.value.exit_code == code
    return caught.value


@pytest.mark.parametrize(("content", "match"), [("", "is empty"), ("\n  \n", "is empty"), ("a,b,y\n", "no rows")])
def test_21_empty_or_header_alone(written, content, match):
    refused(written(content), match)


def test_22_a_byte_order_mark_is_no_part_of_a_name(written):
    assert load_table(written(b"\xef\xbb\xbfa,b,y\n" + ROWS.encode()), "y").features.columns[0] == "a"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "cp1252", "latin-1"])
def test_22_other_encodings_are_read_and_named(written, codec):
    table = load_table(written(("a,b,y\n" + ROWS + "1,2,caf\u00e9\n1,3,caf\u00e9\n").encode(codec)), "y")
    assert table.classes == ("a", "b", "caf\u00e9") and any("caf\u00e9" in note for note in table.notes)


def test_23_a_ragged_line_is_named(written):
    content = "a,b,y\n" + "1,2,x\n" * 38 + "1,2,3,4,x\n" + "1,2,x\n"
    assert "Line 40 of" in refused(written(content), "has 5 fields, the header has 3").what
    assert "Line 3 of" in refused(written("a,b,y\r\n1,2,x\r\n1,2\r\n"), "has 2 fields, the header has 3").what


def test_24_an_open_quote_and_a_zero_byte_are_found(written):
    refused(written('a,b,y\n1,2,x\n1,2,"x\n'), "opens a quote in line 3 that is not closed")
    refused(written('a,b,y\n1,"2,x\n1,2,x\n1,2,x\n'), "quote in line 2")
    refused(written(b"a,b,y\n1,2,x\n1,\0,x\n" + ROWS.encode()), "line 3 has a zero byte")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_25_other_delimiters_and_decimal_commas_are_found(written, delimiter):
    lines = [delimiter.join((f"{n},5", str(n % 7), "ab"[n % 2])) for n in range(30)]
    table = load_table(written("\n".join([delimiter.join("aby"), *lines])), "y")
    assert table.features["a"].to_list() == [n + 0.5 for n in range(30)]


def test_25_a_single_column_leads_to_a_hint_on_the_delimiter(written):
    assert "delimiter" in refused(written("a b y\n1 2 x\n3 4 z\n"), "no column 'y'").hint
    assert "delimiter" in refused(written("y\nx\nz\n"), "no column to learn from").hint


def test_26_columns_of_the_same_name_are_listed(written):
    refused(written("a,b,a,b,y\n1,2,3,4,x\n"), "same name: a, b")


def test_27_a_missing_target_names_the_nearest(written):
    refused(written("age,weight,group\n1,2,x\n"), "Did you mean 'weight'", target="weigth")
    error = refused(written("age,weight,group\n1,2,x\n"), "Which column", target=None)
    assert "age, weight, group" in error.expected and "--target" in error.hint


def test_28_a_target_without_a_difference(written):
    refused(written("a,y\n1,x\n2,x\n"), "the same in every row")
    refused(written("a,y\n1,\n2,NA\n"), "empty in every row")


def test_29_rows_without_a_target_are_dropped_and_counted(written):
    table = load_table(written("a,b,y\n" + ROWS + "1,2,\n3,4,NA\n"), "y")
    assert table.rows == 30 and "2 rows without a target were left out." in table.notes


def test_30_values_that_are_no_finite_numbers_are_missing_and_reported(written):
    values = ["1", "nan", "N/A", "-", "inf", "1e400", "", *map(str, range(30))]
    table = load_table(written("a,y\n" + "".join(f"{v},{'uv'[n % 2]}\n" for n, v in enumerate(values))), "y")
    assert table.features["a"].null_count() == 6 and table.columns[0].missing == 6
    assert any("2 values are infinite" in note for note in table.notes)


def test_31_empty_and_constant_columns_are_dropped(written):
    table = load_table(written("e,c,a,y\n" + "".join(f",7,{n % 5},{'uv'[n % 2]}\n" for n in range(30))), "y")
    assert [column.name for column in table.dropped] == ["e", "c"]
    assert any("'e' is empty" in note for note in table.notes) and any("'c' has the same" in n for n in table.notes)


def test_32_a_word_in_a_column_of_numbers_is_reported_with_its_row(written):
    lines = [f"{'oops' if n == 16 else n % 9},{'uv'[n % 2]}\n" for n in range(40)]
    table = load_table(written("a,y\n" + "".join(lines)), "y")
    assert table.columns[0].kind == "number" and table.columns[0].missing == 1
    assert any("in row 17 (line 18): 'oops'" in note for note in table.notes)
    mixed = [f"{n % 9 if n % 2 else 'word' + str(n % 5)},{'uv'[n % 2]}\n" for n in range(40)]
    table = load_table(written("a,y\n" + "".join(mixed)), "y")
    assert table.columns[0].kind == "category" and any("numbers among words" in note for note in table.notes)


def test_33_a_column_that_differs_in_every_row_is_reported(written):
    lines = [f"{n},name {n},{n % 3},{'uv'[n % 2]}\n" for n in range(40)]
    table = load_table(written("id,who,a,y\n" + "".join(lines)), "y")
    assert [column.name for column in table.dropped] == ["who"]
    assert any("--columns id=drop" in note for note in table.notes)
    without = load_table(written("id,who,a,y\n" + "".join(lines)), "y", kinds={"id": "drop"})
    assert [column.name for column in without.columns] == ["a"]


def test_34_a_category_of_very_many_levels_keeps_the_most_frequent():
    count = 100_000
    frame = polars.DataFrame(
        {"c": [f"level {n // 2}" for n in range(count)], "x": np.arange(count) % 7, "y": ["u", "v"] * (count // 2)}
    )
    table = load_table(frame, "y")
    facts = fit_columns(table, torch.arange(count))
    assert len(facts[0]["levels"]) == 1000 and len(json.dumps(facts)) < 50_000


def test_36_columns_are_known_by_name_and_missing_or_strange_ones_are_named(written):
    table = load_table(written("a,b,y\n" + ROWS), "y")
    facts = {"columns": fit_columns(table, torch.arange(table.rows)), "targets": [{"name": "y"}]}
    frame = polars.DataFrame({"b": ["3", "4"], "a": [1, 2]})
    known = read_known_columns(read_content(frame), facts)
    assert known.frame.equals(polars.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})) and known.notes == ()
    with pytest.raises(DataError, match="no column 'b'"):
        read_known_columns(read_content(frame.select("a")), facts)
    (note,) = read_known_columns(read_content(frame.with_columns(c=1)), facts).notes
    assert "does not know; it is ignored: 'c'" in note
    assert read_known_columns(read_content(frame.with_columns(y=1)), facts).notes == ()


def test_37_long_whole_numbers_dates_and_truths_lose_nothing_in_silence(written):
    long = 9007199254740993  # 2 ** 53 + 1
    lines = [
        f"{long + n},{long + n % 3},2024-01-{1 + n % 28:02d},{'true' if n % 3 else 'false'},{'uv'[n % 2]}\n"
        for n in range(40)
    ]
    table = load_table(written("account,branch,day,member,y\n" + "".join(lines)), "y")
    kinds = {column.name: column.kind for column in (*table.columns, *table.dropped)}
    assert kinds == {"account": "drop", "branch": "category", "day": "date", "member": "category"}
    assert table.features["branch"][0] == "9007199254740993"
    assert table.features["day"][0] == 19_723.0  # days from 1970 to 2024
    assert sum("too long to be exact" in note for note in table.notes) == 2


def test_38_parquet_that_is_cut_or_nested_or_something_else(tmp_path):
    good = tmp_path / "good.parquet"
    frame = polars.DataFrame({"a": list(range(30)), "y": ["u", "v"] * 15})
    frame.write_parquet(good)
    assert load_table(good, "y").rows == 30
    data = good.read_bytes()
    for name, content in (
        ("cut", data[:-20]),
        ("magic", b"JUNK" + data[4:]),
        ("empty", b""),
        ("header", b"PAR1PAR1"),
        ("middle", data[:40] + bytes(40) + data[80:]),
        ("length", data[:-8] + b"\xff\xff\xff\x7fPAR1"),
    ):
        (tmp_path / f"{name}.parquet").write_bytes(content)
        refused(tmp_path / f"{name}.parquet", ".parquet'")
    frame.with_columns(l=polars.lit([[1, 2]]).first()).write_parquet(tmp_path / "nested.parquet")
    refused(tmp_path / "nested.parquet", "more than one value per row: l")
    decimals = frame.with_columns(d=polars.col("a").cast(polars.Decimal(10, 2)))
    decimals.write_parquet(tmp_path / "decimal.parquet")
    assert load_table(tmp_path / "decimal.parquet", "y").features["d"].dtype == polars.Float64


def test_39_more_than_the_memory_is_refused_before_it_is_read(written, monkeypatch):
    path = written("a,b,y\n" + ROWS)
    monkeypatch.setattr(memory, "free_memory", lambda: 100)
    error = refused(path, "does not fit into memory", ResourceError, 5)
    assert "needed" in error.expected and "free" in error.expected


def test_other_files_are_refused(written, tmp_path):
    refused(written("x", "table.docx"), "not a table in a format that can be read")
    refused(written("x", "table.xlsx"), "cannot be read")
    refused(tmp_path / "none.csv", "There is no file")
    refused(tmp_path, "is a folder")
