"""Signals and the flag that they set."""

import os
import signal

import pytest

from axone.engine.interrupt import StopFlag


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
def test_the_first_signal_requests_a_stop_and_the_second_ends_the_process():
    previous_handler = signal.getsignal(signal.SIGINT)
    with StopFlag() as flag:
        os.kill(os.getpid(), signal.SIGTERM)
        assert flag.requested and flag.exit_code == 143
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is previous_handler


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_closed_terminal_requests_a_stop_unless_hangups_are_ignored():
    with StopFlag() as flag:
        os.kill(os.getpid(), signal.SIGHUP)
        assert flag.reason == "SIGHUP" and flag.exit_code == 129
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        with StopFlag() as flag:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not flag.requested
    finally:
        signal.signal(signal.SIGHUP, previous)
