"""The display in a terminal and elsewhere: plain lines without a terminal, safe characters, durations."""

import io
import sys

import pytest

from axone.display import Display, format_metrics, printable, say


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


def test_plain_lines_without_a_terminal(capsys):
    display = Display(epochs=2, terminal=False)
    display({"kind": "data", "notes": ["ten images"]})
    display({"kind": "step", "epoch": 1, "batch": 1, "batches": 2, "samples_per_second": 5.0, "loss": 1.0})
    display({"kind": "text", "text": "sum +0.201\n  output 0.550"})
    for epoch in (1, 2):
        display({"kind": "epoch", "epoch": epoch, "train": {"loss": 0.5}, "validation": {"accuracy": 0.5},
                 "seconds": 1.5, "best": epoch == 1})  # fmt: skip
    display({"kind": "unknown"})
    display.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "ten images",
        "sum +0.201",
        "  output 0.550",
        "epoch 1/2  loss 0.5  validation: accuracy 50.00 %  1.5 s  *",
        "epoch 2/2  loss 0.5  validation: accuracy 50.00 %  1.5 s",
    ]


def test_a_live_line_with_a_terminal(capsys):
    display = Display(epochs=1, terminal=True)
    for batch in (1, 2, 3):
        display({"kind": "step", "epoch": 1, "batch": batch, "batches": 4, "samples_per_second": 1234.0, "loss": 0.25})
    assert display.live is not None
    text = str(display.live.get_renderable())
    display.close()
    assert "75%" in text and "1,234 examples/s" in text and "loss 0.25" in text and "left" in text
