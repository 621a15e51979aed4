from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from axone.errors import LockedError
from axone.runs.lock import HOLDER, RunLock, holder

HOLD = """
import sys, time
from axone.runs.lock import RunLock
lock = RunLock(sys.argv[1]).acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock of `tmp_path`."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_second_writer_is_refused_by_name_and_a_kill_releases(tmp_path, other):
    with pytest.raises(LockedError) as error:
        RunLock(tmp_path).acquire()
    assert error.value.exit_code == 4
    assert str(other.pid) in error.value.what and socket.gethostname() in error.value.what
    assert holder(tmp_path).pid == other.pid
    other.kill()
    other.wait()
    assert (tmp_path / HOLDER).exists(), "the killed process had no time to remove its name"
    assert holder(tmp_path) is None, "a name left behind is not a writer"
    with RunLock(tmp_path):
        assert holder(tmp_path).pid == os.getpid()
    assert holder(tmp_path) is None and not (tmp_path / HOLDER).exists()


def test_second_lock_of_the_same_process_is_refused_too(tmp_path):
    with RunLock(tmp_path), pytest.raises(LockedError, match=str(os.getpid())):
        RunLock(tmp_path).acquire()
    RunLock(tmp_path).acquire().release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', json.dumps({"pid": 1}), "[" * 5000])
def test_damaged_name_of_the_holder(tmp_path, text):
    (tmp_path / HOLDER).write_text(text)
    (tmp_path / "run.lock").touch()
    assert holder(tmp_path) is None
    with RunLock(tmp_path):
        (tmp_path / HOLDER).write_text(text)
        with pytest.raises(LockedError, match="another process"):
            RunLock(tmp_path).acquire()
