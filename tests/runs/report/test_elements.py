from __future__ import annotations

import shlex
from html import unescape

import pytest

from axone.runs.report.elements import (
    MOST_ROWS,
    encode_address,
    render_command,
    render_pairs,
    render_table,
    render_tabs,
)


def test_numbers_are_aligned_and_shares_have_bars():
    table = render_table("T", ["name", "recall", "images"], [["coat", 0.875, 1000], ["bag", 0.125, 12000]])
    assert table.count('<th scope="col" class=number>') == 2 and 'style="--share:87.5%"' in table
    assert "12,000" in table and 'data-value="12000"' in table
    assert "--share" not in render_table("T", ["rate"], [[0.001], [0.002]]), "tiny numbers are no shares"


def test_marked_rows_are_labeled_and_rows_above_the_limit_counted():
    table = render_table("", ["a"], [["x"], ["y"]], marked=[False, True], mark="best")
    assert 'y <em class="badge">best</em>' in table and table.count("badge") == 1
    assert "3 more rows are not shown." in render_table("", ["a"], [["x"]] * (MOST_ROWS + 3))


def test_ragged_rows_and_a_foot_are_no_error():
    table = render_table("", ["a"], [["x", 1, 2], []], foot=["total", 3])
    assert "<tfoot>" in table and table.count("<td") == 6


def test_empty_panels_and_lists_are_left_out():
    assert render_tabs([("A", ""), ("B", "<p>b</p>")]).count("<section") == 1
    assert render_tabs([("A", "")]) == "" and render_pairs({}) == ""
    assert "2026" in render_pairs({"year": 2026}), "no grouped thousands"


@pytest.mark.parametrize("path", ["runs/a b", "it's", 'a"b', "$HOME", "-x"])
def test_a_command_is_quoted_for_the_shell(path):
    text = unescape(
        render_command("predict", ["axone", "predict", path]).partition("<code>")[2].partition("</code>")[0]
    )
    assert shlex.split(text) == ["axone", "predict", path]


def test_an_image_becomes_a_data_address():
    assert encode_address("png", b"abc") == "data:image/png;base64,YWJj"
