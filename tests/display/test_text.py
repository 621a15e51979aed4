"""Lines for people: safe characters, narrow encodings, closed pipes, metrics on one line."""

import io
import sys

import pytest

from axone.display.text import format_metrics, printable, say


def test_metrics_on_one_line():
    assert (
        printable(format_metrics({"loss": 0.12345, "accuracy": 0.9156, "other": None}))
        == "loss 0.1235  accuracy 91.56 %  other -"
    )


def test_control_characters_do_not_reach_the_terminal():
    assert printable("a\x1b[31mb\u202ec\nd") == "a\ufffd[31mb\ufffdc\nd"


def test_a_closed_pipe_is_an_error_for_results_and_ignored_for_lines_to_people(monkeypatch):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    say("line")
    with pytest.raises(BrokenPipeError):
        say("line", file=Closed())


def test_a_narrow_encoding_is_no_error():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    say("é ☃ \udcff", file=stream)
    assert raw.getvalue() == b"? ? ?\n"
