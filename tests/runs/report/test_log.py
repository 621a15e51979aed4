from __future__ import annotations

from axone.runs.report.contents import read_contents
from axone.runs.report.log import MOST_EVENTS, render_log


def test_each_kind_of_event_is_a_sentence(finished):
    contents = read_contents(finished)
    at = contents.log[0]["time"]
    contents.log = [
        {"kind": "start", "time": at},
        {"kind": "rollback", "time": at + 61.0, "step": 7},
        {"kind": "early_stop", "epoch": 5, "best_epoch": 3},
        {"kind": "best_epoch", "epoch": 3, "monitor": "accuracy", "value": 0.5, "maximized": True, "ties": 1},
        {"kind": "resume", "step": 9, "epoch": 2},
        {"kind": "stop", "reason": "Ctrl-C"},
        {"kind": "stop"},
        {"kind": "error", "reason": "<out of memory>"},
        {"kind": "warning", "text": "odd"},
        {"kind": "done"},
    ]
    rendered = render_log(contents)
    for text in ("Training started.", "after step 7", "the best was epoch 3",
                 "that of epoch 3, with the highest accuracy", "Resumed at step 9, epoch 2.",
                 "Stopped: Ctrl-C", "Stopped.", "Failed: &lt;out of memory&gt;", ">odd<", "Finished.",
                 "+1\u202fmin 01\u202fs"):  # fmt: skip
        assert text in rendered, text


def test_a_long_log_is_shortened_and_an_empty_one_left_out(finished):
    contents = read_contents(finished)
    contents.log = [{"kind": "warning", "text": "odd"}] * (MOST_EVENTS + 2)
    assert "and 2 more" in render_log(contents)
    contents.log = []
    assert render_log(contents) == ""
