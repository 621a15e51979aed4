"""Cells that cannot be read are counted, and named on demand."""

import polars
import pytest

from axone.data.tables.values import unreadable as module
from axone.data.tables.values.unreadable import collect_unreadable

VALUES = polars.Series("a", ["x", "1", "y" * 99])


def test_cells_are_collected_with_rows_and_texts():
    assert collect_unreadable(VALUES, module.NOT_A_NUMBER, polars.Series([False, None, False])) == []
    (cells,) = collect_unreadable(VALUES, module.NOT_A_NUMBER, polars.Series([True, False, True]))
    assert len(cells) == 2 and cells.rows == (0, 2) and cells.texts == ("x", "y" * module.LONGEST)
    assert "'a': 2 values are not numbers" in cells.describe() and "row 1" in cells.describe()


REASONS = (
    module.NOT_A_NUMBER,
    module.NOT_A_DATE,
    module.INFINITE,
    module.TWO_NUMBERS,
    module.TWO_DATES,
    module.OTHER_UNIT,
)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_its_sentences(reason):
    (cells,) = collect_unreadable(VALUES, reason, polars.Series([False, False, True]))
    ((row, sentence),) = cells.describe_cells()
    assert row == 2 and "'a' is 'yyy" in sentence and "'a': 1 value" in cells.describe()
