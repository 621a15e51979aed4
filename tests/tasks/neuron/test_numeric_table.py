"""A table as a neuron takes it: numeric columns, class labels, and the choice of the positive class."""

import polars
import pytest
import torch

from axone.engine.context import IN_MEMORY, BuildContext
from axone.errors import DataError, SettingsError
from axone.settings import resolve
from axone.tasks.neuron.numeric_table import read_numeric_table, read_people
from axone.tasks.tables.settings import ColumnSettings

FRAME = polars.DataFrame(
    {
        "size": [1.0, None, 3.0, 4.0] * 5,
        "color": ["red", "blue", "green", "red"] * 5,
        "weight": list(range(20)),
        "large": ["yes", "no"] * 10,
    }
)


def read(frame, target="large", facts=None):
    settings = resolve(ColumnSettings, {"data": IN_MEMORY, "target": target})
    return read_numeric_table(settings, BuildContext(data=frame, facts=facts))


def test_people_are_children_and_adults():
    table = read_people()
    assert table.columns == ("age", "weight") and table.classes == ("child", "adult")
    assert table.values.shape == (1000, 2) and table.labels.bincount().tolist() == [500, 500]


def test_categories_are_left_out_with_a_note():
    table = read(FRAME)
    assert table.columns == ("size", "weight") and table.values.isnan().sum() == 5
    assert any("color" in note and "takes numbers only" in note for note in table.notes)


def test_a_restored_run_prescribes_the_columns():
    written = [{"name": "weight", "kind": "number", "notation": {}, "missing": False}]
    facts = {"written": written, "not_used": ["size", "color"], "target": "large", "classes": ["yes", "no"],
             "missing_words": None}  # fmt: skip
    table = read(FRAME, facts=facts)
    assert table.columns == ("weight",) and table.classes == ("yes", "no")
    with pytest.raises(DataError, match="no column 'weight'"):
        read(FRAME.drop("weight"), facts=facts)


def test_the_positive_class_can_be_chosen():
    table = read(FRAME)
    assert table.with_positive("") is table and table.with_positive("yes") is table
    swapped = table.with_positive("no")
    assert swapped.classes == ("yes", "no") and torch.equal(swapped.labels, 1 - table.labels)
    with pytest.raises(SettingsError, match="Did you mean 'yes'"):
        table.with_positive("yess")


def test_a_numeric_target_and_a_table_without_numbers_are_refused():
    numeric = FRAME.with_columns(ratio=polars.col("weight") / 3)
    with pytest.raises(DataError, match="a neuron predicts classes"):
        read(numeric, "ratio")
    with pytest.raises(DataError, match="has no numeric column"):
        read(FRAME.select("color", "large"))


def test_the_fingerprint_depends_on_values_labels_and_rows():
    table, rows = read(FRAME), torch.arange(10)
    prints = {
        table.fingerprint(rows),
        table.fingerprint(rows + 1),
        table.with_positive("no").fingerprint(rows),
        read(FRAME.with_columns(weight=polars.col("weight") + 1)).fingerprint(rows),
    }
    assert len(prints) == 4 and table.fingerprint(rows) == read(FRAME).fingerprint(rows)
