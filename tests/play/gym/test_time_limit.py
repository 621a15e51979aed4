"""A time limit interrupts a call that does not end; it leaves other calls, and the timers of others, alone."""

import signal
import threading

import pytest

from axone.play.gym.time_limit import CallTimeoutError, TimeLimit


def test_only_a_whole_period_in_which_no_call_ends_is_interrupted():
    limit, calls = TimeLimit(1000.0), []
    with pytest.raises(CallTimeoutError), limit.guard():
        for call in limit.count(["a", "b", "c", "d"]):
            for _check in range(1000 if call == "d" else 1):
                calls.append(call)
                signal.raise_signal(signal.SIGALRM)
    assert calls == ["a", "b", "c", "d", "d", "d"] and limit.ended == 3


def test_the_timer_and_the_handler_of_others_are_restored():
    handler = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        with TimeLimit(60.0).guard():
            assert signal.getitimer(signal.ITIMER_REAL)[0] <= 60
        assert 900 < signal.getitimer(signal.ITIMER_REAL)[0] <= 1000
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


@pytest.mark.parametrize("seconds", [0.0, 0.001])
def test_without_a_limit_and_outside_of_the_main_thread_nothing_is_watched(seconds):
    results = []

    def play():
        with TimeLimit(seconds).guard():
            results.append(signal.getitimer(signal.ITIMER_REAL))

    if seconds:
        thread = threading.Thread(target=play)
        thread.start()
        thread.join()
    else:
        play()
    assert results == [(0.0, 0.0)]
