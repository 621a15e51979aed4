from __future__ import annotations

import threading

import pytest

from axone.runs.events import EventLog
from axone.runs.follow import Follower, follow
from axone.runs.storage.lock import RunLock


@pytest.fixture
def log(tmp_path):
    return EventLog(tmp_path / "events.jsonl")


def steps(events):
    return [event.get("step", event["kind"]) for event in events]


def test_only_new_events_are_returned(tmp_path, log):
    follower = Follower(tmp_path)
    assert follower.read() == []
    for step in range(5):
        log.append("step", step=step)
        assert steps(follower.read()) == [step]
        assert follower.read() == []
    assert steps(Follower(tmp_path).read()) == [0, 1, 2, 3, 4]


def test_a_line_is_returned_only_when_it_is_whole(tmp_path, log):
    follower = Follower(tmp_path)
    with (tmp_path / "events.jsonl").open("ab", buffering=0) as file:
        file.write(b'{"kind": "step", "st')
        assert follower.read() == []
        file.write(b'ep": 1}\n{"kin')
        assert steps(follower.read()) == [1]
    EventLog(tmp_path / "events.jsonl").append("step", step=2)  # the next writer removes the incomplete line
    assert steps(follower.read()) == [2]


def test_a_rollback_has_the_number_of_valid_events(tmp_path, log):
    follower = Follower(tmp_path)
    log.append("start")
    log.append("step", step=1)
    position = log.sync()
    log.append("step", step=2)
    assert steps(follower.read()) == ["start", 1, 2]
    log.append("step", step=3)
    log.rewind(position)
    log.append("rollback", step=3)
    log.append("step", step=2)
    events = follower.read()
    assert events[0] == {"kind": "rewind", "kept": 2} and steps(events[1:]) == [3, 2]
    log.append("step", step=3)
    assert steps(follower.read()) == [3]


def test_a_rollback_of_events_that_were_not_read_yet_needs_no_marker(tmp_path, log):
    follower = Follower(tmp_path)
    log.append("step", step=1)
    follower.read()
    position = log.sync()
    log.append("step", step=2)
    log.rewind(position)
    log.append("step", step=7)
    assert steps(follower.read()) == [7]


def test_a_file_replaced_within_the_same_inode_and_longer_is_noticed(tmp_path, log):
    follower = Follower(tmp_path)
    log.append("step", step=1)
    log.append("step", step=2)
    follower.read()
    (tmp_path / "events.jsonl").write_text('{"kind": "step", "step": 9}\n' * 20)
    events = follower.read()
    assert events[0] == {"kind": "rewind", "kept": 0} and steps(events[1:]) == [9] * 20


@pytest.mark.parametrize("at", range(4))
def test_a_list_kept_by_the_rule_of_the_markers_equals_the_file(tmp_path, log, at):
    """The reader reads at any moment of a history with two rollbacks, and always ends with the events of the file."""
    follower, known = Follower(tmp_path), []

    def look(moment):
        if moment == at or moment == "end":
            for event in follower.read():
                if event["kind"] == "rewind":
                    del known[event["kept"] :]
                else:
                    known.append(event)

    log.append("start")
    first = log.sync()
    log.append("step", step=1)
    look(0)
    log.append("warning", text="lost")
    log.rewind(first)
    look(1)
    log.append("rollback", step=1)
    log.append("step", step=1)
    second = log.sync()
    log.append("step", step=2)
    look(2)
    log.rewind(second)
    log.append("rollback", step=2)
    look(3)
    log.append("done")
    look("end")
    assert known == Follower(tmp_path).read()


def test_following_ends_with_the_writer(tmp_path, log):
    """The writer writes one event whenever the reader waits."""
    lock = RunLock(tmp_path).acquire()
    log.append("start")
    script = iter([lambda: log.append("step", step=1), lambda: log.append("done"), lock.release])
    events = list(follow(tmp_path, wait=lambda: next(script)()))
    assert steps(events) == ["start", 1, "done"]
    assert list(follow(tmp_path, wait=lambda: pytest.fail("nothing writes it"))) == events


def test_while_a_writer_appends_and_rolls_back_no_reader_sees_half_a_line(tmp_path, log):
    lock = RunLock(tmp_path).acquire()

    def write():
        position = 0
        for step in range(600):
            log.append("step", step=step, text="x" * (step % 97) * 50)
            if step % 50 == 20:
                position = log.sync()
            if step % 50 == 40:
                log.rewind(position)
        lock.release()

    writer = threading.Thread(target=write)
    writer.start()
    known = []
    for event in follow(tmp_path, wait=lambda: None):
        if event["kind"] == "rewind":
            del known[event["kept"] :]
        else:
            known.append(event)
    writer.join()
    assert known == Follower(tmp_path).read() and known[-1]["step"] == 599


def test_a_folder_without_events_has_none(tmp_path):
    assert Follower(tmp_path / "none").read() == [] and list(follow(tmp_path)) == []
