from __future__ import annotations

from collections import Counter

import pytest

from axone.runs.throttle import ProgressThrottle


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = [0.0]
    monkeypatch.setattr("axone.runs.throttle.time.monotonic", lambda: now[0])
    return now


def test_the_history_gets_one_report_a_second_and_the_listener_ten(clock):
    throttle, receivers = ProgressThrottle(), []
    for number in range(300):
        clock[0] = number / 100
        receivers.append(throttle.admit("reading images"))
    assert [number for number, receiver in enumerate(receivers) if receiver == "history"] == [0, 100, 200]
    assert Counter(receivers) == {"history": 3, "listener": 27, "none": 270}


def test_the_first_report_of_each_task_goes_to_the_history(clock):
    throttle = ProgressThrottle()
    assert [throttle.admit(task) for task in ("read", "read", "train", "read")] == [
        "history", "none", "history", "history",
    ]  # fmt: skip


def test_without_recording_only_the_first_report_of_a_task_goes_to_the_history(clock):
    throttle, receivers = ProgressThrottle(), []
    for number in range(4):
        clock[0] = float(number)
        receivers.append(throttle.admit("reading images", recording=False))
    assert receivers == ["history", "listener", "listener", "listener"]
