from __future__ import annotations

import pytest

from axone.runs.report.commands import example_input
from tests.helpers.report_pages import read_page


def test_commands_contain_the_path_of_the_run_as_it_is_typed(stopped, monkeypatch):
    monkeypatch.chdir(stopped.parents[1])
    named = stopped.rename(stopped.with_name("it's mine; rm -rf"))
    told = read_page(named)[1].text
    assert "axone resume 'cnn/it'\"'\"'s mine; rm -rf'" in told or 'axone resume "cnn\\it\'s mine; rm -rf"' in told


@pytest.mark.parametrize(
    ("facts", "typed"),
    [
        ({}, "FILE"),
        ({"columns": []}, "FILE"),
        ({"columns": [{"name": "age"}, "weight"]}, "age=...,weight=..."),
        ({"columns": [{"name": "x" * 100}]}, "FILE"),
    ],
)
def test_an_input_is_a_row_for_a_small_table_and_otherwise_a_file(facts, typed):
    assert example_input(facts) == typed
