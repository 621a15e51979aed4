"""A table knows its rows, and a change of any value changes its fingerprint."""

import polars

from axone.data.tables.load import load_table

FRAME = polars.DataFrame({"a": [1.0, None, 3.0], "c": ["u", "v", None], "y": ["n", "p", "n"]})


def fingerprint(frame, target="y"):
    return load_table(frame, target).fingerprint()


def test_equal_values_have_equal_fingerprints():
    assert fingerprint(FRAME.clone()) == fingerprint(FRAME) and load_table(FRAME, "y").rows == 3


def test_a_changed_number_text_target_or_name_changes_the_fingerprint():
    changed = [
        FRAME.with_columns(a=polars.col("a") + 1e-9),
        FRAME.with_columns(c=polars.Series(["u", "w", None])),
        FRAME.with_columns(y=polars.Series(["n", "p", "p"])),
        FRAME.rename({"a": "b"}),
    ]
    assert len({fingerprint(frame) for frame in [FRAME, *changed]}) == 5
