from __future__ import annotations

import pytest

from axone.commands.output import save_outputs as module
from axone.commands.output.save_outputs import make_unique_stem, save_output, save_outputs
from axone.runs.storage.manifest import write_manifest
from axone.runs.storage.verification import verify


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "facts.json").write_text("{}")
    write_manifest(tmp_path / "run")
    return tmp_path / "run"


def test_stems_are_safe_and_unique():
    taken: set[str] = set()
    stems = [make_unique_stem(name, taken) for name in ("shoe", "shoe", "shoe-2", "../a b", "...", "")]
    assert stems == ["shoe", "shoe-2", "shoe-2-2", "a-b", "image", "image-2"]


def test_outputs_become_a_part_of_the_run(run):
    path = save_output(run, "samples", None, "a.png", b"content")
    assert path == run / "samples" / "a.png" and path.read_bytes() == b"content"
    assert verify(run, ["samples"]) == []
    path.write_bytes(b"other")
    assert [damage.file for damage in verify(run, ["samples"])] == ["samples/a.png"]


def test_outputs_in_another_folder_leave_the_run_alone(run, tmp_path):
    assert save_output(run, "samples", str(tmp_path / "new" / "out"), "a.png", b"x") == tmp_path / "new/out/a.png"
    assert not (run / "samples").exists()


def test_contents_are_computed_a_few_at_a_time(run, monkeypatch):
    monkeypatch.setattr(module, "FILES_AT_ONCE", 2)
    waiting: list[int] = []

    def files():
        for number in range(5):
            written = len(list((run / "samples").iterdir())) if (run / "samples").exists() else 0
            waiting.append(number - written)
            yield f"{number}.txt", b"x"

    assert len(save_outputs(run, "samples", None, files())) == 5 and verify(run, ["samples"]) == []
    assert max(waiting) < 2
