from __future__ import annotations

from collections import Counter

import pytest

from axone.runs import listing
from axone.runs.events import EventLog
from axone.runs.listing import list_runs
from axone.runs.storage.lock import RunLock
from tests.helpers.runs.run_folders import make_run


def test_the_list_is_by_start_and_empty_without_a_folder(tmp_path):
    for name, started in (("b", 2.0), ("a", 3.0), ("c", 1.0)):
        make_run(tmp_path, name, started=started)
    assert [run.name for run in list_runs(tmp_path)] == ["c", "b", "a"]
    assert list_runs(tmp_path / "none") == []


@pytest.fixture
def reads(monkeypatch):
    """How often each run was read."""
    counts = Counter()

    def count(folder):
        counts[folder.name] += 1
        return real(folder)

    real = listing.read_run
    monkeypatch.setattr(listing, "read_run", count)
    return counts


def test_a_run_is_read_again_only_when_it_changed(tmp_path, reads):
    paths = [make_run(tmp_path, f"run-{number}", started=number) for number in range(5)]
    assert [run.status for run in list_runs(tmp_path)] == ["killed"] * 5
    list_runs(tmp_path)
    assert set(reads.values()) == {1}
    EventLog(paths[1] / "events.jsonl").append("stop", reason="asked")
    (paths[2] / "figures").mkdir()
    (paths[2] / "figures" / "a.png").touch()
    (paths[3] / "facts.json").write_text("{")
    with RunLock(paths[4]):
        assert [run.status for run in list_runs(tmp_path)] == ["killed", "stopped", "killed", "damaged", "running"]
        list_runs(tmp_path)
    assert dict(reads) == {"run-0": 1, "run-1": 2, "run-2": 2, "run-3": 2, "run-4": 2}
    assert list_runs(tmp_path)[4].status == "killed"


def test_a_writer_that_dies_changes_the_state_though_no_file_changes(tmp_path, reads, monkeypatch):
    path = make_run(tmp_path, "run")
    lock = RunLock(path).acquire()
    assert list_runs(tmp_path)[0].status == "running"
    monkeypatch.setattr("axone.runs.storage.lock.discard", lambda path: None)  # a kill leaves run.lock.json
    lock.release()
    assert list_runs(tmp_path)[0].status == "killed" and reads["run"] == 2


def test_a_removed_run_disappears_and_a_new_one_of_its_name_is_read(tmp_path, reads):
    path = make_run(tmp_path, "run", done={"seed": 1})
    assert list_runs(tmp_path)[0].done == {"seed": 1}
    path.rename(tmp_path / "elsewhere")
    assert [run.name for run in list_runs(tmp_path) if run.path.parent.name == "cnn"] == []
    make_run(tmp_path, "run", done={"seed": 2})
    assert list_runs(tmp_path)[0].done == {"seed": 2}


def test_damaged_runs_hide_no_others(tmp_path):
    for number in range(40):
        make_run(tmp_path, f"good-{number}", started=number, done={} if number % 2 else None)

    def damage(name, change):
        path = make_run(tmp_path, f"bad-{name}", done={})
        change(path)
        return path.name

    expected = {
        damage("settings-cut", lambda path: (path / "settings.toml").write_text("epochs = ")): "settings.toml",
        damage("settings-gone", lambda path: (path / "settings.toml").unlink()): "settings.toml: missing",
        damage("facts-html", lambda path: (path / "facts.json").write_text("<html>")): "facts.json",
        damage("facts-list", lambda path: (path / "facts.json").write_text("[1]")): "facts.json",
        damage("facts-deep", lambda path: (path / "facts.json").write_text("[" * 100_000)): "facts.json",
        damage("facts-binary", lambda path: (path / "facts.json").write_bytes(b"\xff\xfe\0")): "facts.json",
        damage("environment", lambda path: (path / "environment.json").write_text("")): "environment.json",
        damage("done", lambda path: (path / "done.json").write_text("{}")): "done.json",
        damage("done-gone", lambda path: (path / "done.json").unlink()): "done.json: missing",
        damage("manifest", lambda path: (path / "manifest.json").write_text("{}")): "manifest.json",
        damage("manifest-gone", lambda path: (path / "manifest.json").unlink()): "manifest.json: missing",
        damage("events-cut", lambda path: (path / "events.jsonl").write_text("")): "events.jsonl: 0 bytes",
        damage("all-gone", lambda path: [file.unlink() for file in path.iterdir()]): "settings.toml: missing",
    }
    (tmp_path / "cnn" / "a-folder").mkdir()
    (tmp_path / "cnn" / "a-file").touch()
    runs = {run.name: run for run in list_runs(tmp_path)}
    assert sum(run.status in ("finished", "killed") for run in runs.values()) == 40
    assert len(runs) == 40 + len(expected) + 1
    for name, reason in expected.items():
        assert runs[name].status == "damaged" and runs[name].reason.startswith(reason), (name, runs[name].reason)
