from __future__ import annotations

import pytest

from axone.runs.events import EventLog
from axone.runs.storage.checked_json import read_checked
from axone.runs.storage.manifest import changing_files, write_file, write_manifest
from axone.runs.storage.verification import Damage, verify, verify_sizes
from tests.helpers.runs.run_folders import write_started_run


@pytest.fixture
def run(tmp_path):
    return write_started_run(tmp_path)


def test_every_file_has_an_entry_under_its_posix_name(run):
    files = read_checked(run / "manifest.json")["files"]
    assert set(files) == {
        "facts.json", "settings.toml", "figures/é 1.png", "events.jsonl", "checkpoints/last/weights.safetensors",
        "checkpoints/last/state.safetensors", "checkpoints/last/state.json", "checkpoints/last/manifest.json",
    }  # fmt: skip
    assert files["figures/é 1.png"] == {"size": 256, "sha256": files["figures/é 1.png"]["sha256"]}
    assert files["events.jsonl"]["growing"] is True
    assert verify(run) == verify_sizes(run) == []


def test_a_growing_file_may_grow_but_not_change(run):
    with (run / "events.jsonl").open("ab") as file:
        file.write(b"more\n")
    assert verify(run) == []
    data = bytearray((run / "events.jsonl").read_bytes())
    data[3] ^= 1
    (run / "events.jsonl").write_bytes(data)
    assert [damage.file for damage in verify(run)] == ["events.jsonl"]
    write_manifest(run, finished=True)
    with (run / "events.jsonl").open("ab") as file:
        file.write(b"x")
    assert "events.jsonl" in [damage.file for damage in verify(run)]


def test_the_entry_of_a_changed_file_stays_as_it_was(run):
    (run / "facts.json").write_text('{"classes": ["b"]}')
    (run / "figures" / "é 1.png").unlink()
    (run / "new").write_text("1")
    write_manifest(run)
    assert verify(run) == [Damage("facts.json", "its content changed"), Damage("figures/é 1.png", "missing")]
    assert verify(run, ["settings.toml", "new"]) == [] and verify(run, ["figures"]) != []


def test_a_file_can_be_changed_on_purpose(run):
    write_file(run, "facts.json", "{}")
    assert verify(run) == []
    with pytest.raises(ZeroDivisionError), changing_files(run, "facts.json"):  # as when killed in between
        (run / "facts.json").write_text("half")
        raise ZeroDivisionError
    assert verify(run) == [], "a file that is being replaced does not count as damaged"
    write_file(run, "export/model.json", "{}")
    assert "export/model.json" in read_checked(run / "manifest.json")["files"]


def test_the_hash_of_a_growing_file_is_right_after_each_append(run):
    log = EventLog(run / "events.jsonl")
    for number in range(5):
        log.append("step", step=number)
        write_manifest(run)
        assert verify(run) == []
    log.close()
