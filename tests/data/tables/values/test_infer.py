"""The kind of a column is inferred, can be overruled, and no kind of value is silently read wrong."""

from datetime import date

import polars
import pytest

from axone.data.tables.values.infer import infer_column, infer_columns
from axone.errors import DataError

MANY = range(40)


def infer(values, kind="", **options):
    return infer_column(polars.Series("c", values, strict=False), kind, **options)


def kind_of(values, kind=""):
    return infer(values, kind)[0].kind


def test_kinds_are_inferred():
    assert kind_of([1, 2, 2]) == kind_of([1.5, None, 2.5]) == "number"
    assert kind_of([1.5, 1.5]) == kind_of([None, None]) == kind_of(["", ""]) == "drop"
    assert kind_of(["1", "2.5", "1e3", "-", "-.5"]) == "number"
    assert kind_of(["red", "blue", "red"]) == kind_of([True, False, None]) == "category"
    assert kind_of(["2024-01-01", "2024-01-02T10:30", "2024-01-03 10:30:15.5"]) == "date"
    assert kind_of([date(2024, 1, 1), date(2024, 1, 2)]) == "date"
    assert kind_of(["1,5", "2,5"]) == kind_of(["1,5", "2,5", "1,5"]) == "number"
    assert kind_of([f"name {n}" for n in range(30)]) == "drop"
    assert infer_column(polars.Series(["1", "2"], dtype=polars.Categorical))[0].kind == "category"


def test_kinds_that_are_prescribed_take_precedence():
    assert kind_of([1, 2, 2], "category") == "category" and kind_of([1, 2], "drop") == "drop"
    assert kind_of([7, 7], "number") == kind_of(["x", "5"], "number") == kind_of(["01", "02"], "number") == "number"
    assert infer(["1,234", "2,345"], "number:1.234,56")[1].to_list() == [1.234, 2.345]
    assert infer(["1,234", "2,345"], "number:1,234.56")[1].to_list() == [1234.0, 2345.0]
    assert infer(["05/09/2020"], "date:%m/%d/%Y")[1].to_list() == infer(["2020-05-09"], "date")[1].to_list()
    assert infer([20200509], "date:%Y%m%d")[1].to_list() == infer(["2020-05-09"], "date")[1].to_list()


def test_the_notation_reads_the_same_column_again():
    column, values = infer(["$1,234.50", "$7", "x"] + ["$8"] * 20)
    assert dict(column.notation) == {"decimal": ".", "thousands": ",", "unit": "$"}
    assert values.to_list()[:3] == [1234.5, 7.0, None] and column.missing == 1


@pytest.mark.parametrize(
    ("values", "kind", "said"),
    [
        ([f"192.168.{n}.1" for n in MANY], "drop", "looks like numbers"),
        ([f"192.168.100.10{n % 5}" for n in MANY], "category", "looks like numbers"),
        ([f"{n % 3}.{n % 2}.{n % 6}" for n in MANY], "category", "looks like numbers"),
        ([f"978-3-16-1484{n:02d}-0" for n in MANY], "drop", "looks like numbers"),
        ([f"06 12 34 56 {n + 10}" for n in MANY], "drop", "looks like numbers"),
        ([f"0612345{n:03d}" for n in MANY], "drop", "leading zeros"),
        ([f"+3361234{n:03d}" for n in MANY], "drop", "leading zeros or signs"),
        ([f"{n % 24}:30" for n in MANY], "date", "times"),
        ([f"{n}:{n + 10}" for n in MANY], "date", "times"),
        ([f"{40 + n / 7:.2f}N" for n in MANY], "number", "is read as"),
        ([f"{n / 7:.2f}{'EW'[n % 2]}" for n in MANY], "drop", "several units"),
        ([f"{n % 5}/{n % 7 + 1}" for n in MANY], "category", "looks like numbers"),
        (["10-20", "20-30"] * 9, "category", "looks like numbers"),
        ([f"{'$€'[n % 2]}{n % 9}" for n in MANY], "category", "several units"),
        ([str(43000 + 31 * n) for n in MANY], "number", ""),
        ([str(1980 + n % 9) for n in MANY], "number", ""),
        ([f"202005{n % 28 + 1:02d}" for n in MANY], "number", "looks like dates"),
        (["1", "2", "inf"] * 9, "number", "infinite"),
        (["1", "2", "nan"] * 9, "number", ""),
        (["١", "٢", "٣"], "number", "is read as"),
        (["Q1", "Q2", "Q3", "Q4"], "category", ""),
        (["9" * 20, "8" * 20, "9" * 20], "category", "too long"),
    ],
)
def test_kinds_of_values_that_only_look_like_numbers(values, kind, said):
    column, _values = infer(values)
    assert column.kind == kind
    assert (said in " ".join(column.notes)) if said else (column.notes == ())


def test_columns_decide_together():
    frame = polars.DataFrame({"a": ["1.234", "2.345"], "b": ["1,5", "2,5"], "c": ["05/09/2020", "06/09/2020"],
                              "d": ["25/09/2020", "26/09/2020"]})  # fmt: skip
    inferred = dict((column.name, values.to_list()) for column, values in infer_columns(frame, {}, delimiter=";"))
    assert inferred["a"] == [1234.0, 2345.0] and inferred["c"][0] == inferred["d"][0] - 20


def test_lists_and_bytes_are_no_columns():
    for values in (polars.Series("c", [[1], [2]]), polars.Series("c", [b"a", b"b"])):
        with pytest.raises(DataError, match="'c' contains"):
            infer_column(values)
