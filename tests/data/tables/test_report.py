"""The data report of a table: in sentences, and as a document."""

import json

import numpy as np
import polars
import torch

from axone.data.tables.columns import fit_columns
from axone.data.tables.load import load_table
from axone.data.tables.report import build_report, describe


def test_the_report_has_all_that_was_found():
    frame = polars.DataFrame(
        {
            "n": [None if k % 10 == 0 else k / 3 for k in range(90)],
            "c": [["a", "b", "c"][k % 3] for k in range(89)] + ["z"],
            "e": [None] * 90,
            "y": ["yes"] * 75 + ["no"] * 15,
        },
        strict=False,
    )
    table = load_table(frame, "y")
    columns = fit_columns(table, torch.arange(90))
    reported = "\n".join(describe(table, columns, {"train": 70, "validation": 10, "test": 10}))
    for part in ("70 training rows", "numbers (1): n", "categories (1): c", "no 15, yes 75", "imbalanced",
                 "Missing values: n 9", "unseen ones: c", "'e' is empty"):  # fmt: skip
        assert part in reported, reported
    report = json.loads(json.dumps(build_report(table, columns), allow_nan=False))
    assert report["classes"] == {"no": 15, "yes": 75} and [c["name"] for c in report["not_used"]] == ["e"]
    assert report["columns"][1]["levels_kept"] == 3 and report["columns"][1]["distinct"] == 4


def test_a_target_of_numbers_has_a_range():
    table = load_table(polars.DataFrame({"n": np.arange(50) % 9, "y": np.arange(50) / 2}), "y")
    reported = describe(table, fit_columns(table, torch.arange(50)), {"train": 50, "validation": 0, "test": 0})
    assert "Target (regression): y (0 to 24.5)." in reported
