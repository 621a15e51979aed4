"""The live line of a terminal, and the plain lines of a log."""

import io

from axone.display.terminal import LogDisplay, TerminalDisplay
from axone.display.text import printable
from tests.display.test_display import STEP


def test_a_log_has_plain_lines(capsys):
    with LogDisplay(epochs=2) as display:
        display({"kind": "data", "notes": ["ten images"]})
        display(STEP)
        display.progress("testing", 1, 2)
        display.progress("testing", 2, 2)
        for epoch in (1, 2):
            display({"kind": "epoch", "epoch": epoch, "train": {"loss": 0.5}, "validation": {"accuracy": 0.5},
                     "seconds": 1.5, "best": epoch == 1})  # fmt: skip
    assert capsys.readouterr().err.splitlines() == [
        "ten images",
        "epoch 1/2  loss 0.5  validation: accuracy 50.00 %  1.5 s  *",
        "epoch 2/2  loss 0.5  validation: accuracy 50.00 %  1.5 s",
    ]


def test_a_log_names_work_that_takes_long():
    file = io.StringIO()
    with LogDisplay(file=file, first_seconds=0.0, next_seconds=-1.0) as display:
        for done in range(3):
            display.progress("decoding images", done, 1500)
        display.progress("writing the report")
        display(STEP)
        display(STEP)
    lines = file.getvalue().splitlines()
    assert lines[:4] == [
        "decoding images",
        "decoding images  1/1,500",
        "decoding images  2/1,500",
        "writing the report",
    ]
    assert len(lines) == 5 and "75%" in lines[4]  # a long epoch, too


def test_a_task_that_reports_once_is_named_by_a_timer():
    display = LogDisplay(file=io.StringIO(), first_seconds=1000.0)
    display.progress("writing the report")
    timer = display.timer
    assert timer is not None and timer.daemon
    timer.function(*timer.args)
    assert display.file.getvalue() == "writing the report\n"
    display.print_line("done")
    assert timer.finished.is_set() and display.timer is None


def test_a_live_line_with_a_terminal():
    display = TerminalDisplay()
    for batch in (1, 2, 3):
        display({**STEP, "batch": batch})
    text = str(display.live.get_renderable())
    assert "75%" in text and "1,234 examples/s" in text and "loss 0.25" in text and "left" in text
    display.progress("testing", 1, 2)
    assert str(display.live.get_renderable()) == "testing  1/2"
    display.task_started -= 100  # such a line also says since when
    assert printable(display.live.get_renderable()) == "testing  1/2  1 min 40 s"
    display.print_line("done")
    assert str(display.live.get_renderable()) == ""
    display.close()
    assert not display.live.is_started
