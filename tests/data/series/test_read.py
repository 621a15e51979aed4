"""Series from tables: long and wide, sorted by time, with classes; what cannot be read is an error with its place."""

from __future__ import annotations

import polars
import pytest
import torch

from axone.data.series.read import read_known_series, read_series
from axone.errors import DataError


def write(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def known_facts(series, task="classification"):
    layout = dict(series.layout)
    columns = layout.pop("columns")
    channels = [{"name": name} for name in series.channels]
    return {"layout": layout, "columns": columns, "classes": list(series.classes), "task": task, "channels": channels}


LONG = "id;time;x;y;kind\n" + "".join(
    f"{c};{t};{t * 0.5:.1f};{-t - c};{'ab'[c % 2]}\n".replace(".", ",") for c in range(4) for t in reversed(range(5))
)


def test_a_row_for_each_step_with_decimal_commas_in_any_order(tmp_path):
    series = read_series(write(tmp_path, LONG), target="kind")
    assert series.channels == ("x", "y") and series.classes == ("a", "b") and series.names == ("0", "1", "2", "3")
    assert series[2].tolist() == [[0.0, -2.0], [0.5, -3.0], [1.0, -4.0], [1.5, -5.0], [2.0, -6.0]]
    assert series.labels.tolist() == [0, 1, 0, 1] and series.lengths.tolist() == [5] * 4
    assert "4 series were not in the order of 'time': sorted." in series.notes


def test_the_rows_of_a_run_are_read_alike(tmp_path):
    series = read_series(write(tmp_path, LONG), target="kind")
    facts = known_facts(series)
    assert read_known_series(write(tmp_path, LONG), facts).fingerprint() == series.fingerprint()
    points = LONG.replace(",", ".").replace(";", ",")
    again = read_known_series(write(tmp_path, points), facts)
    assert torch.equal(again.values, series.values) and again.labels.tolist() == [0, 1, 0, 1]
    without = "\n".join(line.rsplit(";", 1)[0] for line in LONG.splitlines())
    assert read_known_series(write(tmp_path, without), facts).labels is None
    with pytest.raises(DataError, match="has no column 'y'"):
        read_known_series(write(tmp_path, LONG.replace("y", "z")), facts)


def test_a_row_for_each_series_with_numbered_columns(tmp_path):
    head = "name," + ",".join(f"x_{step},y_{step}" for step in range(10, 0, -1))  # columns in another order
    rows = [f"s{row}," + ",".join(f"{row + step},{-step}" for step in range(10, 0, -1)) for row in range(3)]
    series = read_series(write(tmp_path, "\n".join([head, *rows])))
    assert series.channels == ("x", "y") and series.names == ("s0", "s1", "s2")
    assert series[1].tolist() == [[1.0 + step, -step] for step in range(1, 11)]


def test_empty_cells_at_the_end_of_a_row_are_no_steps_and_others_are_missing(tmp_path):
    head = ",".join(f"v{step}" for step in range(1, 9))
    series = read_series(write(tmp_path, f"{head}\n1,2,,4,5,,,\n1,2,3,4,5,6,7,8\n"))
    assert series.lengths.tolist() == [5, 8] and series.has_missing
    assert series[0][:, 0].isnan().tolist() == [False, False, True, False, False]


def test_rows_without_a_name_are_one_series_and_dates_order_them(tmp_path):
    text = "date,load\n" + "".join(f"{day:02}/01/2024,{day * day}\n" for day in range(28, 0, -1))
    series = read_series(write(tmp_path, text))
    assert len(series) == 1 and series[0][:3, 0].tolist() == [1.0, 4.0, 9.0]
    assert not any("date" in note and "days" in note for note in series.notes)


def test_columns_named_by_the_user_win(tmp_path):
    text = "a,b,c\n" + "".join(f"{row % 2},{row // 2},{row}\n" for row in range(20))
    series = read_series(write(tmp_path, text), series="a", time="b")
    assert series.channels == ("c",) and series.names == ("0", "1") and series[1][:3, 0].tolist() == [1.0, 3.0, 5.0]
    with pytest.raises(DataError, match=r"has no column 'bb' \(named by --time\)"):
        read_series(write(tmp_path, text), time="bb")


def test_frames_are_read_like_files():
    frame = polars.DataFrame({"id": [1, 1, 1, 2, 2, 2], "t": [0, 1, 2, 0, 1, 2], "x": [1.0, 2, 3, 4, 5, 6]})
    series = read_series(frame)
    assert series[1][:, 0].tolist() == [4.0, 5.0, 6.0]
    assert read_series(frame.to_dicts()).fingerprint() == series.fingerprint()


def test_a_numeric_target_that_changes_is_a_channel(tmp_path):
    text = "t,x,y\n" + "".join(f"{row},{row},{row * row}\n" for row in range(20))
    series = read_series(write(tmp_path, text), target="y")
    assert series.labels is None and series.channels == ("x", "y")


def test_unequal_steps_are_said(tmp_path):
    text = "t,x\n" + "".join(f"{t},{t}\n" for t in (0, 1, 2, 5, 6))
    assert any("not equally long" in note for note in read_series(write(tmp_path, text)).notes)


@pytest.mark.parametrize(
    ("text", "options", "parts"),
    [
        ("t,x\n0,1\n1,2\n1,3\n2,4\n", {}, ["has two rows for one time", "row 2 (line 3)", "--series COLUMN"]),
        ("t,x\n0,1\n,2\n1,3\n2,4\n", {"time": "t"}, ["row 2 (line 3)", "the time ('t') is missing"]),
        ("id,t,x,k\n1,0,1,a\n1,1,2,b\n2,0,1,a\n2,1,1,a\n", {"target": "k"}, ["two classes", "row 1", "row 2"]),
        ("id,t,x,k\n1,0,1,\n1,1,2,\n2,0,1,a\n2,1,1,a\n", {"target": "k"}, ["'1' has no class in 'k'"]),
        ("id,t,x,k\n1,0,1,a\n1,1,2,a\n2,0,1,a\n2,1,1,a\n", {"target": "k"}, ["same class in 'k': a"]),
        ("id,t,x\n1,0,1\n,1,2\n1,2,1\n2,1,1\n", {"series": "id"}, ["the name of the series ('id') is missing"]),
        ("name,kind\nann,a\nbob,b\n", {}, ["no column of numbers"]),
        ("x\n", {}, ["no rows"]),
        ("a,b\n1,2\n3,4\n", {"form": "wide"}, ["no columns that are numbered", "--layout long"]),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, text, options, parts):
    with pytest.raises(DataError) as caught:
        read_series(write(tmp_path, text), **options)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


def test_a_number_for_each_series_is_no_class(tmp_path):
    text = "id,t,x,y\n" + "".join(f"{c},{t},{t},{c * 1.5}\n" for c in range(9) for t in range(4))
    with pytest.raises(DataError, match="only classes of series"):
        read_series(write(tmp_path, text), target="y")
    assert len(read_series(write(tmp_path, text), target="y", task="classification").classes) == 9


def test_a_series_without_values_is_left_out_and_said(tmp_path):
    text = "id,t,x\n1,0,1\n1,1,2\n2,0,\n2,1,\n3,0,4\n3,1,5\n"
    series = read_series(write(tmp_path, text))
    assert series.names == ("1", "3") and "1 series has no values: left out (2)." in series.notes
