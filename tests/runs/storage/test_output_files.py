"""Files added to a run that is finished, damaged, or in training."""

import json

import pytest

from axone.runs.storage import manifest, output_files
from axone.runs.storage.lock import Holder
from axone.runs.storage.manifest import MANIFEST, write_manifest
from axone.runs.storage.output_files import add_file, add_files
from axone.runs.storage.verification import verify


@pytest.fixture
def run(tmp_path):
    (tmp_path / "facts.json").write_text("{}")
    write_manifest(tmp_path, finished=True)
    return tmp_path


def test_an_added_file_is_part_of_the_run_and_can_be_replaced(run):
    for data in (b"one", b"another"):
        path = add_file(run, "explanations/shoe.png", data)
        assert path == run / "explanations" / "shoe.png" and path.read_bytes() == data
        assert "explanations/shoe.png" in json.loads((run / MANIFEST).read_text())["files"]
    path.write_bytes(b"changed")
    assert [damage.file for damage in verify(run) if damage.file.startswith("expl")] == ["explanations/shoe.png"]


def test_a_damaged_manifest_stays_as_it_is(run):
    damaged = (run / MANIFEST).read_text().replace("facts", "fucts")
    (run / MANIFEST).write_text(damaged)
    assert add_file(run, "report.html", b"page").read_bytes() == b"page"
    assert (run / MANIFEST).read_text() == damaged


def test_only_the_training_process_writes_the_manifest(run, monkeypatch):
    before = (run / MANIFEST).read_bytes()
    monkeypatch.setattr(output_files, "holder", lambda folder: Holder(pid=1, host="here", since=0.0))
    assert add_file(run, "report.html", b"page").read_bytes() == b"page"
    assert (run / MANIFEST).read_bytes() == before


def test_the_manifest_is_written_once_for_many_files(run, monkeypatch):
    written = []
    monkeypatch.setattr(manifest, "write_manifest", lambda *a, **k: (written.append(a), write_manifest(*a, **k)))
    add_files(run, {f"samples/{number}.png": b"%d" % number for number in range(20)})
    assert len(written) == 1
    assert not verify(run, only=["samples"])
    (run / "samples/7.png").write_bytes(b"8")
    assert [damage.file for damage in verify(run, only=["samples"])] == ["samples/7.png"]
