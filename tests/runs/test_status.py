from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from axone.runs.events import EventLog
from axone.runs.status import read_run
from axone.runs.storage.lock import HOLDER, RunLock
from axone.runs.storage.manifest import write_manifest
from tests.helpers.runs.run_folders import make_run


def test_the_state_follows_from_the_lock_and_the_last_event(tmp_path):
    finished = read_run(make_run(tmp_path, "finished", done={"test": {"accuracy": 0.9}}))
    assert (finished.status, finished.reason, finished.done) == ("finished", "", {"test": {"accuracy": 0.9}})
    assert finished.facts["classes"] == ["a", "b"] and finished.settings == {"epochs": 3}
    for kind, status in (("stop", "stopped"), ("error", "failed")):
        path = make_run(tmp_path, kind)
        EventLog(path / "events.jsonl").append(kind, reason="the reason")
        info = read_run(path)
        assert (info.status, info.reason) == (status, "the reason")
        with RunLock(path):
            assert (read_run(path).status, read_run(path).reason) == ("running", "")
        EventLog(path / "events.jsonl").append("resume", step=1, epoch=1)
        assert read_run(path).status == "killed"
    assert read_run(tmp_path / "none").status == "damaged"


WRITE_AND_DIE = """
import os, sys
from axone.runs.recorder import Recorder
recorder = Recorder(sys.argv[1])
if sys.argv[2] != "opened":
    recorder.begin("epochs = 3\\n", {"system": "cnn"})
if sys.argv[2] == "described":
    recorder.describe({"classes": ["a"]})
os._exit(9)
"""


@pytest.mark.parametrize("moment", ["opened", "begun", "described"])
def test_a_process_that_died_is_named(tmp_path, moment):
    process = subprocess.Popen([sys.executable, "-c", WRITE_AND_DIE, str(tmp_path), moment])
    assert process.wait() == 9
    info = read_run(tmp_path)
    assert info.status == "killed" and str(process.pid) in info.reason
    (tmp_path / HOLDER).unlink()  # as in a copy without hidden or lock files
    assert read_run(tmp_path).status == "killed" and "ended without saving" in read_run(tmp_path).reason


def test_a_long_last_event_is_no_end(tmp_path):
    path = make_run(tmp_path, "run")
    EventLog(path / "events.jsonl").append("stop", reason="first")
    EventLog(path / "events.jsonl").append("table", rows=[["x" * 200_000]])
    assert read_run(path).status == "killed"


def test_a_moved_run_is_the_same_run(tmp_path):
    path = make_run(tmp_path / "here", "mine", done={})
    shutil.move(path, tmp_path / "there")
    info = read_run(tmp_path / "there")
    assert (info.status, info.system, info.name) == ("finished", "cnn", "there")


@pytest.mark.parametrize("name", ["settings.toml", "facts.json", "environment.json", "done.json", "events.jsonl"])
def test_a_pipe_instead_of_a_file_is_damage_and_no_endless_wait(tmp_path, name):
    path = make_run(tmp_path, "run", done={})
    (path / name).unlink()
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    os.mkfifo(path / name)
    info = read_run(path)
    assert info.status == "damaged" and info.reason.startswith(name)


@pytest.mark.parametrize("name", ["settings.toml", "facts.json", "events.jsonl", "run.lock.json", "figures"])
def test_a_link_out_of_the_folder_is_damage_and_nothing_is_read_through_it(tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text(json.dumps({"pid": 1, "host": "secret", "since": 1.0, "queryable": False}))
    path = make_run(tmp_path, "run", done={})
    (path / name).unlink(missing_ok=True)
    (path / name).symlink_to(secret)
    info = read_run(path)
    assert info.status == "damaged" and name in info.reason
    assert "secret" not in repr((info.settings, info.facts, info.environment, info.done))


def test_a_file_that_the_manifest_lists_and_the_folder_lacks_is_damage(tmp_path):
    path = make_run(tmp_path, "run")
    (path / "facts.json").unlink()
    assert (read_run(path).status, read_run(path).reason) == ("damaged", "facts.json: missing")
    (path / "facts.json").write_text("{}")
    write_manifest(path)
    assert "facts.json" in read_run(path).reason
