from __future__ import annotations

import json
import random
import shutil

import pytest
import torch

from axone.errors import DamagedError
from axone.runs import checkpoints
from axone.runs.events import EventLog
from axone.runs.manifest import (
    Damage,
    changing,
    record_file,
    require_intact,
    verify,
    verify_sizes,
    write_manifest,
)
from axone.runs.sealed import read_sealed, seal, unseal


@pytest.fixture
def run(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "facts.json").write_text('{"classes": ["a"]}')
    (tmp_path / "settings.toml").write_text("epochs = 3\n")
    (tmp_path / "figures" / "é 1.png").write_bytes(bytes(range(256)))
    (tmp_path / "tmp-123").write_text("left by a kill")
    (tmp_path / "run.lock").touch()
    log = EventLog(tmp_path / "events.jsonl")
    log.append("start")
    checkpoints.save(tmp_path, "last", weights={"w": torch.ones(2)}, state={})
    write_manifest(tmp_path)
    log.append("epoch", epoch=1)
    log.close()
    return tmp_path


def test_lists_every_file_with_posix_names(run):
    files = read_sealed(run / "manifest.json")["files"]
    assert set(files) == {
        "facts.json", "settings.toml", "figures/é 1.png", "events.jsonl", "checkpoints/last/weights.safetensors",
        "checkpoints/last/state.safetensors", "checkpoints/last/state.json", "checkpoints/last/manifest.json",
    }  # fmt: skip
    assert files["figures/é 1.png"] == {"size": 256, "sha256": files["figures/é 1.png"]["sha256"]}
    assert files["events.jsonl"]["growing"] is True
    assert verify(run) == verify_sizes(run) == []


def test_growing_file_may_grow_but_not_change(run):
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


def test_a_recorded_file_that_changed_is_never_blessed(run):
    (run / "facts.json").write_text('{"classes": ["b"]}')
    (run / "figures" / "é 1.png").unlink()
    (run / "new").write_text("1")
    write_manifest(run)
    assert verify(run) == [Damage("facts.json", "its content changed"), Damage("figures/é 1.png", "missing")]
    assert verify(run, ["settings.toml", "new"]) == [] and verify(run, ["figures"]) != []


def test_changing_a_file_on_purpose(run):
    record_file(run, "facts.json", "{}")
    assert verify(run) == []
    with pytest.raises(ZeroDivisionError), changing(run, "facts.json"):  # as when killed in between
        (run / "facts.json").write_text("half")
        raise ZeroDivisionError
    assert verify(run) == [], "a file that is being replaced is not called damaged"
    record_file(run, "export/model.json", "{}")
    assert "export/model.json" in read_sealed(run / "manifest.json")["files"]


def test_growing_hash_is_right_after_each_append(run):
    log = EventLog(run / "events.jsonl")
    for number in range(5):
        log.append("step", step=number)
        write_manifest(run)
        assert verify(run) == []
    log.close()


@pytest.mark.parametrize("finished", [False, True])
def test_every_kind_of_damage_of_every_file_is_named(run, finished):
    write_manifest(run, finished=finished)
    if finished:
        (run / "done.json").write_bytes(seal({"test": {"accuracy": 0.9}}))
    names = [*read_sealed(run / "manifest.json")["files"], "manifest.json", *(["done.json"] if finished else [])]
    chance = random.Random(0)
    for name in names:
        data = (run / name).read_bytes()
        size = read_sealed(run / "manifest.json")["files"].get(name, {}).get("size", len(data))
        harms = [data[: len(data) // 3], b"", b"<html>not here</html>", None]
        for _trial in range(60):
            flipped = bytearray(data)
            flipped[chance.randrange(size)] ^= 1 << chance.randrange(8)
            harms.append(bytes(flipped))
        for harm in harms:
            (run / name).unlink()
            if harm is not None:
                (run / name).write_bytes(harm)
            assert name in [damage.file for damage in verify(run)], (name, harm and harm[:50])
            if harm is None or len(harm) < size:
                assert name in [damage.file for damage in verify_sizes(run)]
            (run / name).write_bytes(data)
    assert verify(run) == []


def test_checkpoint_folder_that_vanished(run):
    shutil.rmtree(run / "checkpoints" / "last")
    assert verify(run) == [Damage("checkpoints/last", "missing")]
    write_manifest(run)
    assert verify(run) == [Damage("checkpoints/last", "missing")], "a refresh does not forget it"


def test_kill_between_the_two_renames_of_a_checkpoint_is_no_damage(run):
    (run / "checkpoints" / "last").rename(run / "checkpoints" / "last-previous")
    assert verify(run) == []


def test_require_intact_names_the_file_and_the_way_out(run):
    require_intact(run, ["facts.json", "settings.toml"])
    (run / "facts.json").write_text("{}")
    require_intact(run, ["settings.toml"])
    with pytest.raises(DamagedError, match=r"facts\.json") as error:
        require_intact(run, ["settings.toml", "facts.json"])
    assert error.value.exit_code == 4 and "Restore" in error.value.hint
    with pytest.raises(DamagedError, match=r"graph\.json.*missing"):
        require_intact(run, ["graph.json"])
    (run / "manifest.json").unlink()
    with pytest.raises(DamagedError, match=r"manifest\.json.*missing"):
        require_intact(run, ["settings.toml"])


def test_names_that_lead_out_of_the_run_are_refused(run):
    content = read_sealed(run / "manifest.json")
    content["files"]["../outside"] = {"size": 1, "sha256": "0"}
    (run / "manifest.json").write_bytes(seal(content))
    assert verify(run) == [Damage("manifest.json", "names a file outside the run")]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"self": 3}', b"[" * 100_000, b"\xff", b'{"a": NaN}'])
def test_unseal_refuses_what_was_not_sealed(data):
    with pytest.raises(ValueError):
        unseal(data)


def test_seal_round_trip_and_strictness():
    content = {"b": [1, 2.5, None], "a": "é"}
    sealed = seal(content)
    assert {**content, "self": json.loads(sealed)["self"]} == unseal(sealed)
    with pytest.raises(ValueError):
        unseal(sealed.replace(b"\\u00e9", b"\\u00E9"))
    with pytest.raises(ValueError):
        unseal(sealed + b"\n")


@pytest.mark.parametrize("content", [{}, {"files": []}, {"files": {"a": 3}, "finished": False}, {"files": {"a": {}}}])
def test_manifest_that_is_sealed_but_makes_no_sense_is_damage(run, content):
    (run / "manifest.json").write_bytes(seal(content))
    assert verify(run)[0].file == "manifest.json"
    assert verify_sizes(run)[0].file == "manifest.json"
