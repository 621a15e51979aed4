"""Workbooks: the header is found, cells keep their types, a sheet is chosen by name."""

import datetime
import zipfile

import polars
import pytest

from axone.data import memory
from axone.data.tables.files import read_content
from axone.data.tables.formats.workbook import read_workbook
from axone.errors import DataError, ResourceError

openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture
def workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["Report of 2024"], [], ["day", "n", "word", "mix", "size", "done"]):
        book.active.append(row)
    for k in range(5):
        book.active.append([datetime.date(2024, 1, k + 1), k, "a", k if k % 2 else "x", k + 0.5, k % 2 == 0])
    book.active.append(["Total", 10])
    book.create_sheet("Other").append(["a", "b"])
    book["Other"].append([1, 2])
    book.create_sheet("Empty")
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_types_titles_and_totals(workbook):
    sheet = read_workbook(workbook)
    kinds = ["Datetime", "Int64", "String", "String", "Float64", "Boolean"]
    assert [str(kind).split("(")[0] for kind in sheet.frame.dtypes] == kinds
    assert sheet.frame["n"].to_list() == [0, 1, 2, 3, 4] and sheet.lines.tolist() == [4, 5, 6, 7, 8]
    assert sheet.frame["mix"].to_list() == ["x", "1", "x", "3", "x"]
    text = "\n".join(sheet.notes)
    assert "row 9" in text and "Data, Other" in text and "Rows 1 to 2" in text


def test_a_sheet_by_name(workbook):
    assert read_content(f"{workbook}#Other").frame.equals(polars.DataFrame({"a": [1], "b": [2]}))
    with pytest.raises(DataError, match="Did you mean 'Other'"):
        read_content(f"{workbook}#Oter")
    with pytest.raises(DataError, match="is empty"):
        read_content(f"{workbook}#Empty")


def test_what_is_no_workbook_and_what_is_too_large(tmp_path, workbook, monkeypatch):
    for content in (b"hello", b"PK\3\4xxxx", b"", workbook.read_bytes()[:2000]):
        (tmp_path / "b.xlsx").write_bytes(content)
        with pytest.raises(DataError, match=r"cannot be read|is empty"):
            read_workbook(tmp_path / "b.xlsx")
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1 << 22))
    monkeypatch.setattr(memory, "free_memory", lambda: 1 << 22)
    with pytest.raises(ResourceError, match="does not fit into memory"):
        read_workbook(tmp_path / "bomb.xlsx")
