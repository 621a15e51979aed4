from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from axone.errors import LockedError
from axone.runs.storage import lock as lock_module
from axone.runs.storage.lock import HOLDER, RunLock, holder, last_holder

HOLD = """
import sys, time
from axone.runs.storage.lock import RunLock
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


def test_a_second_writer_is_refused_and_a_kill_releases_the_lock(tmp_path, other):
    with pytest.raises(LockedError) as error:
        RunLock(tmp_path).acquire()
    assert error.value.exit_code == 4
    assert str(other.pid) in error.value.what and socket.gethostname() in error.value.what
    assert holder(tmp_path).pid == other.pid
    other.kill()
    other.wait()
    assert (tmp_path / HOLDER).exists(), "a killed process leaves its name"
    assert holder(tmp_path) is None, "a name without a process is no writer"
    with RunLock(tmp_path):
        assert holder(tmp_path).pid == os.getpid()
    assert holder(tmp_path) is None and not (tmp_path / HOLDER).exists()


def test_a_second_lock_of_the_same_process_is_refused(tmp_path):
    with RunLock(tmp_path), pytest.raises(LockedError, match=str(os.getpid())):
        RunLock(tmp_path).acquire()
    RunLock(tmp_path).acquire().release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', json.dumps({"pid": 1}), "[" * 5000])
def test_a_damaged_file_of_the_holder_is_no_holder(tmp_path, text):
    (tmp_path / HOLDER).write_text(text)
    (tmp_path / "run.lock").touch()
    assert holder(tmp_path) is None
    with RunLock(tmp_path):
        (tmp_path / HOLDER).write_text(text)
        with pytest.raises(LockedError, match="another process"):
            RunLock(tmp_path).acquire()


def test_readers_that_poll_never_make_a_writer_fail(tmp_path):
    """Two hundred writers in turn, while two threads ask who holds the lock as often as they can."""
    ended, answers = threading.Event(), set()

    def poll():
        while not ended.is_set():
            result = holder(tmp_path)
            answers.add(None if result is None else result.pid)

    readers = [threading.Thread(target=poll) for _number in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _turn in range(200):
            with RunLock(tmp_path):
                assert holder(tmp_path).pid == os.getpid()
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    assert answers and answers <= {None, os.getpid()}


def test_asking_takes_no_lock(tmp_path, monkeypatch):
    if lock_module.fcntl is None or not hasattr(lock_module.fcntl, "F_OFD_GETLK"):
        pytest.skip("this platform cannot query locks")
    with RunLock(tmp_path):
        monkeypatch.setattr(lock_module, "FileLock", lambda *args, **options: pytest.fail("a lock is made"))
        assert holder(tmp_path).pid == os.getpid()


def test_where_locks_cannot_be_queried_the_lock_itself_is_tried(tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(lock_module, "fcntl", SimpleNamespace(fcntl=refuse, F_OFD_SETLK=37, F_WRLCK=1))
    with RunLock(tmp_path):
        assert holder(tmp_path).pid == os.getpid()
        with pytest.raises(LockedError, match=str(os.getpid())):
            RunLock(tmp_path).acquire()
        name = (tmp_path / HOLDER).read_bytes()
    (tmp_path / HOLDER).write_bytes(name)  # as after a kill
    assert holder(tmp_path) is None and last_holder(tmp_path).pid == os.getpid()


def test_a_link_or_a_pipe_in_place_of_the_name_is_no_holder(tmp_path):
    (tmp_path / HOLDER).symlink_to("/etc/hostname")
    assert holder(tmp_path) is None and last_holder(tmp_path) is None
    (tmp_path / HOLDER).unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / HOLDER)
        assert holder(tmp_path) is None and last_holder(tmp_path) is None
