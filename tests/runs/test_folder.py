from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from axone.errors import ResourceError, RunError
from axone.runs import folder as module
from axone.runs.folder import create, find
from tests.helpers.runs.run_folders import make_run


def test_the_name_of_a_new_folder_is_the_date_and_two_words(tmp_path):
    path = create(tmp_path / "runs", "cnn")
    assert path.is_dir() and path.parent == tmp_path / "runs" / "cnn"
    year, month, day, adjective, noun = path.name.split("-")
    assert "-".join((year, month, day)) == date.today().isoformat()
    assert adjective in module.ADJECTIVES.split() and noun in module.NOUNS.split()


def test_no_folder_is_created_twice(tmp_path, monkeypatch):
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


def test_a_root_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(ResourceError, match="cannot be written"):
        create(tmp_path / "runs", "cnn")


def test_runs_are_found_by_path_name_prefix_words_and_last(tmp_path):
    old = make_run(tmp_path, "2026-01-01-brave-kernel", started=5)
    new = make_run(tmp_path, "2026-01-02-calm-gate", "gan", started=9)
    other = make_run(tmp_path, "2026-01-03-brave-lens", started=2)
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
def test_an_unknown_name_is_an_error(tmp_path, text):
    with pytest.raises(RunError):
        find(text, tmp_path / "none")


def test_a_file_is_not_a_run(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(RunError, match="is a file"):
        find(str(tmp_path / "model.safetensors"), tmp_path)


def test_an_exact_name_is_preferred_to_a_prefix(tmp_path):
    one = make_run(tmp_path, "mine")
    make_run(tmp_path, "mine-2")
    assert find("mine", tmp_path) == one


def test_reading_runs_needs_no_torch():
    modules = "folder, follow, listing, events, status, stop_request"
    storage = "files, lock, manifest"
    code = (
        f"import sys; from axone.runs import {modules}; from axone.runs.storage import {storage}; "
        "assert not {'torch', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
