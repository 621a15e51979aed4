"""docs/tables.md: its snippets and its commands are executed in order, in an empty folder, and do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars
import pytest

from axone.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text("utf-8")
FAILS = {"axone predict flats new.csv --out answers.csv": 3}  # commands whose exit code is not 0


def test_the_page_can_be_followed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    printed = {}
    for snippet, line in re.findall(r"^```python\n(.*?)^```|^ {4}(axone [^\n]*)$", PAGE, re.M | re.S):
        if snippet:
            exec(compile(snippet, "docs/tables.md", "exec"), namespace)
            continue
        assert main([*shlex.split(line)[1:], *(["--threads", "1"] if " train " in line else [])]) == FAILS.get(line, 0)
        printed[line] = capsys.readouterr()
    training = printed["axone train mlp --data flats.csv --target rent --name flats"].err
    assert "Lines 1 to 2" in training and "is a total" in training and "is read as" in training
    answers = polars.read_csv(tmp_path / "answers.csv")
    assert answers.columns[:5] == ["customer", "area", "built", "district", "prediction"]
    assert answers["prediction"].is_null().to_list() == [False, False, True] and "'large'" in answers["error"][2]
    assert answers["prediction"][1] == pytest.approx(12 * 120, abs=150)
    remarks = printed["axone predict flats new.csv --out answers.csv"].err
    assert remarks.count("'customer'") == 1 and "'area': 1 value is not a number" in remarks
