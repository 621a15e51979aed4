"""The format of a table's file follows from its name."""

import pytest

from axone.data.tables.formats.names import parse_table_file


@pytest.mark.parametrize(
    ("name", "format", "sheet"),
    [
        ("a.csv", "text", ""),
        ("A.TSV", "text", ""),
        ("a.csv.gz", "text", ""),
        ("a.gz", "text", ""),
        ("a.parquet", "parquet", ""),
        ("a.parquet.gz", None, ""),
        ("a.jsonl", "json", ""),
        ("a.ndjson.gz", "json", ""),
        ("a.xlsx", "workbook", ""),
        ("a.xlsx#Sheet 2", "workbook", "Sheet 2"),
        ("a.csv#2", None, ""),
        ("a.png", None, ""),
        ("folder", None, ""),
    ],
)
def test_formats(name, format, sheet):
    file = parse_table_file(name)
    assert (file.format, file.sheet) == (format, sheet)


def test_a_file_whose_name_has_the_sign_is_that_file(tmp_path):
    path = tmp_path / "a#1.xlsx"
    path.write_bytes(b"")
    assert parse_table_file(path).path == path
