from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from axone.errors import ResourceError, RunError
from axone.runs import folder as module
from axone.runs.folder import create, find, list_runs, read
from axone.runs.lock import RunLock
from axone.runs.manifest import write_manifest
from axone.runs.sealed import seal


def make(root, name, system="cnn", started=1.0, done=None):
    path = create(root, system, name)
    (path / "settings.toml").write_text("epochs = 3\n")
    (path / "facts.json").write_text('{"classes": ["a", "b"]}')
    (path / "environment.json").write_text(json.dumps({"system": system, "started": started}))
    (path / "events.jsonl").write_text('{"kind": "start"}\n')
    write_manifest(path, finished=done is not None)
    if done is not None:
        (path / "done.json").write_bytes(seal(done))
    return path


def test_new_folder_has_the_date_and_two_words(tmp_path):
    path = create(tmp_path / "runs", "cnn")
    assert path.is_dir() and path.parent == tmp_path / "runs" / "cnn"
    year, month, day, adjective, noun = path.name.split("-")
    assert "-".join((year, month, day)) == date.today().isoformat()
    assert adjective in module.ADJECTIVES.split() and noun in module.NOUNS.split()


def test_never_the_same_folder_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ADJECTIVES", "brave")
    monkeypatch.setattr(module, "NOUNS", "kernel gate")
    with ThreadPoolExecutor(16) as pool:
        paths = list(pool.map(lambda _number: create(tmp_path, "cnn"), range(40)))
    assert len(set(paths)) == 40
    assert [create(tmp_path, "cnn", "mine").name for _number in range(3)] == ["mine", "mine-2", "mine-3"]


@pytest.mark.parametrize("name", ["../../x", "<img onerror=x>", "x" * 300, "con", "-rf", "last", "é/è"])
def test_names_stay_inside_the_folder(tmp_path, name):
    path = create(tmp_path / "root", "../sys<tem>", name)
    assert path.parent.parent == tmp_path / "root" and path.resolve().is_relative_to((tmp_path / "root").resolve())
    assert path.parent.name == "sys-tem"


def test_place_that_is_a_file(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(ResourceError, match="cannot be written"):
        create(tmp_path / "runs", "cnn")


def test_finds_by_path_name_prefix_words_and_last(tmp_path):
    old = make(tmp_path, "2026-01-01-brave-kernel", started=5)
    new = make(tmp_path, "2026-01-02-calm-gate", "gan", started=9)
    other = make(tmp_path, "2026-01-03-brave-lens", started=2)
    assert find(str(old), tmp_path / "elsewhere") == old
    for text in ("2026-01-01-brave-kernel", "2026-01-01", "brave-kernel", "brave-k", "cnn/brave-k", "cnn\\2026-01-01"):
        assert find(text, tmp_path) == old
    assert find("last", tmp_path) == new and find("calm", tmp_path) == new and find("brave-l", tmp_path) == other
    with pytest.raises(RunError, match="2 runs: cnn/2026-01-01-brave-kernel, cnn/2026-01-03-brave-lens"):
        find("brave", tmp_path)
    with pytest.raises(RunError, match="Did you mean 'calm-gate'") as error:
        find("clam-gate", tmp_path)
    assert error.value.exit_code == 4


@pytest.mark.parametrize("text", ["", "last", "x", "a\0b", "../..", "/", "x" * 5000])
def test_nothing_there(tmp_path, text):
    with pytest.raises(RunError):
        find(text, tmp_path / "none")


def test_a_file_is_not_a_run(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(RunError, match="is a file"):
        find(str(tmp_path / "model.safetensors"), tmp_path)


def test_exact_name_wins_over_prefix(tmp_path):
    one = make(tmp_path, "mine")
    make(tmp_path, "mine-2")
    assert find("mine", tmp_path) == one


def test_status(tmp_path):
    stopped = make(tmp_path, "a")
    finished = make(tmp_path, "b", done={"test": {"accuracy": 0.9}})
    assert read(stopped).status == "stopped" and read(stopped).settings == {"epochs": 3}
    info = read(finished)
    assert (
        info.status == "finished" and info.done == {"test": {"accuracy": 0.9}} and info.facts["classes"] == ["a", "b"]
    )
    with RunLock(stopped):
        assert read(stopped).status == "running"
    assert read(stopped).status == "stopped"
    assert read(tmp_path / "none").status == "damaged"


def test_a_moved_run_is_the_same_run(tmp_path):
    path = make(tmp_path / "here", "mine", done={})
    shutil.move(path, tmp_path / "there")
    info = read(tmp_path / "there")
    assert (info.status, info.system, info.name) == ("finished", "cnn", "there")


def test_damaged_runs_hide_nobody(tmp_path):
    for number in range(40):
        make(tmp_path, f"good-{number}", started=number, done={} if number % 2 else None)

    def damage(name, change):
        path = make(tmp_path, f"bad-{name}", done={})
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
    found = {run.name: run for run in list_runs(tmp_path)}
    assert sum(run.status in ("finished", "stopped") for run in found.values()) == 40
    assert len(found) == 40 + len(expected) + 1
    for name, reason in expected.items():
        assert found[name].status == "damaged" and found[name].reason.startswith(reason), (name, found[name].reason)


def test_list_is_by_age_and_empty_without_a_folder(tmp_path):
    for name, started in (("b", 2.0), ("a", 3.0), ("c", 1.0)):
        make(tmp_path, name, started=started)
    assert [run.name for run in list_runs(tmp_path)] == ["c", "b", "a"]
    assert list_runs(tmp_path / "none") == []


def test_reading_runs_needs_no_torch():
    rooms = "folder, files, manifest, lock, events"
    code = f"import sys; from axone.runs import {rooms}; assert not {{'torch', 'matplotlib'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
