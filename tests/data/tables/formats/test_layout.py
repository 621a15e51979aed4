"""Where a table begins and ends in a text: titles and comments are not rows; irregular tables have none."""

import csv
import io

import pytest

from axone.data.tables.formats.layout import find_end, find_header, find_layout, is_number, split_record


def layout_of(text):
    return find_layout(text.encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_splits_every_line_alike(delimiter):
    rows = [("a", "b", "c"), ("1,5", "x;y", "u|v"), ("2,5", "x", "u"), ("3", "x;y;z", "u")]
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    assert layout_of(stream.getvalue()).delimiter == delimiter


@pytest.mark.parametrize(
    ("above", "delimiter"),
    [
        ("", ";"),
        ("sep=;\n", ";"),
        ('"sep=;"\n', ";"),
        ("Report of 2024\n", ";"),
        ("Report\n\n", ";"),
        ("Report, of 2024\nby us\n\n", ";"),
        ("Report;;\n;;\n", ";"),
        ("# a comment\n# a; second; one\n", ";"),
    ],
)
@pytest.mark.parametrize("rows", ["x;1,5;2,5\ny;3,5;4,5\nz;5,5;6,5\n", "x;1;2\ny;3;4\n"])
def test_lines_above_the_header_are_skipped(above, delimiter, rows):
    text = above + "name;size;2020\n" + rows
    layout = layout_of(text)
    assert (layout.delimiter, layout.names) == (delimiter, ["name", "size", "2020"])
    assert text[layout.begin :] == rows


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b,c\n1,2\n3,4,5\n6,7,8\n", ["a", "b", "c"]),  # a ragged line
        ("a,b\n1,2,3\n", ["a", "b"]),
        ("name\nSmith, John\nDoe, Jane\n", ["name"]),
        ("income\n500,0\n700\n", ["income"]),
        (",x\n0,5\n1,6\n", ["", "x"]),
        ("#name,size\nx,1\n", ["name", "size"]),
        ("country,2019,2020\nF,1,2\n", ["country", "2019", "2020"]),
    ],
)
def test_the_first_record_is_the_header_otherwise(text, names):
    layout = layout_of(text)
    assert layout.names == names and layout.skipped == 0


@pytest.mark.parametrize("below", ["Source: census\n", "\nA footnote, with commas\nand more\n", "\n* estimated\n"])
def test_lines_below_the_rows_are_found(below):
    text = "a,b,c\n1,2,3\n4,5,6\n"
    layout = layout_of(text + below)
    assert text.strip() == (text + below)[: find_end((text + below).encode(), layout)].strip()


@pytest.mark.parametrize("last", ["7,8", "7", "\n7,8,9\n", '"x\n\ny",8,9'])
def test_a_cut_row_is_no_footer(last):
    text = "a,b,c\n1,2,3\n4,5,6\n" + last
    assert find_end(text.encode(), layout_of(text)) == len(text)


def test_fields_are_split_as_python_splits_them():
    for record in ('a,"b,c",d', '"x ""y""",z', ",,", '"",1'):
        assert split_record(record, ",") == next(csv.reader([record]))


def test_titles_of_a_sheet():
    assert find_header([["Report", "", ""], ["", "", ""], ["a", "b", "c"], ["1", "2", "3"]]) == 2
    assert find_header([["a", "b"], ["1", "2"]]) == 0
    assert find_header([["", "x"], ["0", "1"]]) == 0


@pytest.mark.parametrize("text", ["12", "1,234.5", "$5", "5 €", "-3e5", "1 234", "12%"])
def test_numbers_in_any_notation(text):
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "a1", "12a", "name", "-"])
def test_words_are_no_numbers(text):
    assert not is_number(text)
