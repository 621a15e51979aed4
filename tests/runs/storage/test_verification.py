from __future__ import annotations

import os
import random
import shutil

import pytest

from axone.errors import DamagedError
from axone.runs.storage.checked_json import encode_checked, read_checked
from axone.runs.storage.manifest import write_manifest
from axone.runs.storage.verification import Damage, require_intact, verify, verify_sizes
from tests.helpers.runs.run_folders import write_started_run


@pytest.fixture
def run(tmp_path):
    return write_started_run(tmp_path)


@pytest.mark.parametrize("finished", [False, True])
def test_every_kind_of_damage_of_every_file_is_named(run, finished):
    write_manifest(run, finished=finished)
    if finished:
        (run / "done.json").write_bytes(encode_checked({"test": {"accuracy": 0.9}}))
    names = [*read_checked(run / "manifest.json")["files"], "manifest.json", *(["done.json"] if finished else [])]
    rng = random.Random(0)
    for name in names:
        data = (run / name).read_bytes()
        size = read_checked(run / "manifest.json")["files"].get(name, {}).get("size", len(data))
        harms = [data[: len(data) // 3], b"", b"<html>not here</html>", None]
        for _trial in range(60):
            flipped = bytearray(data)
            flipped[rng.randrange(size)] ^= 1 << rng.randrange(8)
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


def test_a_checkpoint_folder_that_was_removed_is_damage(run):
    shutil.rmtree(run / "checkpoints" / "last")
    assert verify(run) == [Damage("checkpoints/last", "missing")]
    write_manifest(run)
    assert verify(run) == [Damage("checkpoints/last", "missing")], "writing the manifest does not forget it"


def test_kill_between_the_two_renames_of_a_checkpoint_is_no_damage(run):
    (run / "checkpoints" / "last").rename(run / "checkpoints" / "last-previous")
    assert verify(run) == []


def test_require_intact_names_the_file_and_what_to_do(run):
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


def test_entries_that_lead_out_of_the_run_are_damage(run):
    content = read_checked(run / "manifest.json")
    content["files"]["../outside"] = {"size": 1, "sha256": "0"}
    (run / "manifest.json").write_bytes(encode_checked(content))
    assert verify(run) == [Damage("manifest.json", "names a file outside the run")]


@pytest.mark.parametrize("content", [{}, {"files": []}, {"files": {"a": 3}, "finished": False}, {"files": {"a": {}}}])
def test_a_valid_checksum_of_senseless_content_is_damage(run, content):
    (run / "manifest.json").write_bytes(encode_checked(content))
    assert verify(run)[0].file == "manifest.json"
    assert verify_sizes(run)[0].file == "manifest.json"


def test_a_file_reached_through_a_link_out_of_the_run_is_damage(run):
    (run.parent / "outside").mkdir(exist_ok=True)
    shutil.copytree(run / "figures", run.parent / "outside" / "figures")
    shutil.rmtree(run / "figures")
    (run / "figures").symlink_to(run.parent / "outside" / "figures")
    assert verify(run) == [Damage("figures/é 1.png", "it lies outside the run's folder")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_place_of_a_file_is_damage_and_no_endless_wait(run):
    (run / "facts.json").unlink()
    os.mkfifo(run / "facts.json")
    assert [damage.file for damage in verify(run)] == ["facts.json"]
