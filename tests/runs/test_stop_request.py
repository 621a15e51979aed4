from __future__ import annotations

import pytest

from axone.errors import RunError
from axone.runs.stop_request import STOP_REQUEST, StopRequests, request_stop, stop_requested
from axone.runs.storage.lock import RunLock
from axone.runs.storage.manifest import write_manifest
from axone.runs.storage.verification import verify


def test_the_writer_sees_a_request_once_and_removes_its_file(tmp_path):
    with RunLock(tmp_path):
        requests = StopRequests(tmp_path)
        request_stop(tmp_path)
        assert stop_requested(tmp_path)
        assert requests.check() and requests.check()
        assert not stop_requested(tmp_path) and not (tmp_path / STOP_REQUEST).exists()


def test_a_run_that_no_process_writes_cannot_be_stopped(tmp_path):
    with pytest.raises(RunError, match="nothing to stop"):
        request_stop(tmp_path)
    assert not stop_requested(tmp_path)


def test_a_request_to_an_earlier_writer_does_not_stop_the_next_one(tmp_path):
    with RunLock(tmp_path):
        request_stop(tmp_path)
    assert stop_requested(tmp_path)
    assert not StopRequests(tmp_path).check() and not stop_requested(tmp_path)


def test_free_space_is_not_queried_at_each_step(tmp_path, monkeypatch):
    times = iter([0.0, 0.1, 0.15, 0.25, 0.3])
    monkeypatch.setattr("axone.runs.stop_request.time.monotonic", lambda: next(times))
    with RunLock(tmp_path):
        requests = StopRequests(tmp_path)
        assert not requests.check()
        request_stop(tmp_path)
        assert [requests.check() for _step in range(4)] == [False, False, True, True]


def test_a_request_is_no_file_of_the_run(tmp_path):
    with RunLock(tmp_path):
        request_stop(tmp_path)
        write_manifest(tmp_path)
    StopRequests(tmp_path)
    assert verify(tmp_path) == []
