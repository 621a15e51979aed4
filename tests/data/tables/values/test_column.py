"""A column is described by plain values."""

from axone.data.tables.values.column import Column


def test_a_column_has_no_notes_and_no_notation_unless_there_are_some():
    column = Column("a", "number", 3, 0)
    assert column.notes == () and dict(column.notation) == {}
