from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import random
import shutil
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from axone.errors import DamagedError, DivergedError, ResourceError, RunError
from axone.runs import checkpoints
from axone.runs.checkpoints import load, save
from axone.runs.storage import files
from axone.runs.storage.checked_json import encode_checked
from tests.helpers.runs.faulty_os import FaultyOs

NAMES = ("weights.safetensors", "state.safetensors", "state.json", "manifest.json")


def save_step(folder, step, slot="last", **options):
    weights = {"w": torch.full((5, 4), float(step)), "empty": torch.empty(0, 3)}
    state = {"step": step, "moment": torch.full((3,), float(step)), 7: (1, None), "best": -math.inf}
    return save(folder, slot, weights=weights, state=state, **options)


def step_of(folder, *slots):
    checkpoint = load(folder, *(slots or ("last",)))
    values = {
        checkpoint.state["step"],
        *checkpoint.weights["w"].unique().tolist(),
        *checkpoint.state["moment"].tolist(),
    }
    assert len(values) == 1, f"mixed of several steps: {values}"
    return checkpoint.state["step"]


def test_weights_and_state_are_restored_as_they_were(tmp_path):
    path = save_step(tmp_path, 3)
    checkpoint = load(tmp_path, "last")
    assert checkpoint.path == path == tmp_path / "checkpoints" / "last"
    assert sorted(file.name for file in path.iterdir()) == sorted(NAMES)
    assert checkpoint.state[7] == (1, None) and checkpoint.state["best"] == -math.inf and checkpoint.warnings == []
    assert checkpoint.weights["empty"].shape == (0, 3)


def test_the_previous_checkpoint_is_kept_on_request(tmp_path):
    for step in (1, 2, 3):
        save_step(tmp_path, step)
        save_step(tmp_path, step, "best", keep_previous=False)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["best", "last", "last-previous"]
    shutil.rmtree(tmp_path / "checkpoints" / "last")
    assert step_of(tmp_path) == 2
    save_step(tmp_path, 4)
    assert step_of(tmp_path) == 4
    shutil.rmtree(tmp_path / "checkpoints" / "last")
    assert step_of(tmp_path) == 2, "the previous one must stay while there is no newer one"


def test_a_slot_without_a_checkpoint_is_an_error(tmp_path):
    with pytest.raises(RunError, match="no checkpoint 'best'") as error:
        load(tmp_path, "best")
    assert error.value.exit_code == 4 and not isinstance(error.value, DamagedError)
    save_step(tmp_path, 1)
    assert step_of(tmp_path, "best", "last") == 1
    assert checkpoints.exists(tmp_path, "last") and not checkpoints.exists(tmp_path, "best")


DAMAGES = {
    "flipped bit": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 4]) + data[len(data) // 2 + 1 :],
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "web page": lambda data: b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "longer": lambda data: data + b"\0",
    "zeros": lambda data: bytes(len(data)),
    "deleted": None,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_and_the_previous_checkpoint_is_used(tmp_path, name, damage):
    for step in (1, 2):
        save_step(tmp_path, step)
    apply_damage(tmp_path / "checkpoints" / "last" / name, damage)
    checkpoint = load(tmp_path, "last")
    assert checkpoint.state["step"] == 1
    assert len(checkpoint.warnings) == 1 and f"checkpoints/last/{name}" in checkpoint.warnings[0]
    apply_damage(tmp_path / "checkpoints" / "last-previous" / name, damage)
    with pytest.raises(DamagedError) as error:
        load(tmp_path, "last")
    assert f"checkpoints/last/{name}" in error.value.what and f"checkpoints/last-previous/{name}" in error.value.what
    assert error.value.exit_code == 4 and "settings.toml" in error.value.hint


def apply_damage(path: Path, damage: str):
    if DAMAGES[damage]:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    else:
        path.unlink()


def test_every_flipped_bit_is_found(tmp_path):
    """Each of 1,000 random bits, over all files of a checkpoint, is found and its file named."""
    save_step(tmp_path, 1)
    place, rng = tmp_path / "checkpoints" / "last", random.Random(0)
    for number in range(1000):
        name = NAMES[number % 4]
        data = (place / name).read_bytes()
        bit = number // 4 if number < 400 else rng.randrange(len(data) * 8)
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        (place / name).write_bytes(flipped)
        with pytest.raises(DamagedError, match=name):
            load(tmp_path, "last")
        (place / name).write_bytes(data)
    assert step_of(tmp_path) == 1


def test_a_damaged_checkpoint_never_replaces_the_intact_previous_one(tmp_path, monkeypatch):
    for step in (1, 2):
        save_step(tmp_path, step)
    apply_damage(tmp_path / "checkpoints" / "last" / NAMES[0], "flipped bit")
    for n in range(1, 60):
        copy = tmp_path / f"copy{n}"
        shutil.copytree(tmp_path / "checkpoints", copy / "checkpoints")
        with monkeypatch.context() as patch:
            patch.setattr(files, "os", shim := FaultyOs(n, for_good=True))
            with suppress(ResourceError):
                save_step(copy, 3)
        assert step_of(copy) in (1, 3)
        if shim.calls < n:
            return
    pytest.fail("the loop did not end")


def test_temporary_files_of_a_killed_writer_are_removed_and_never_read(tmp_path):
    save_step(tmp_path, 1)
    shutil.copytree(tmp_path / "checkpoints" / "last", tmp_path / "checkpoints" / "tmp-0123")
    shutil.rmtree(tmp_path / "checkpoints" / "last")
    with pytest.raises(RunError):
        load(tmp_path, "last")
    assert (tmp_path / "checkpoints" / "tmp-0123").exists(), "a reader changes nothing"
    save_step(tmp_path, 2)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["last"]


@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_an_intact_checkpoint_exists_whichever_call_fails(tmp_path, monkeypatch, for_good, code):
    newest = 2
    for step in (1, newest):
        save_step(tmp_path, step)
    for n in range(1, 80):
        shim = FaultyOs(n, code, for_good)
        with monkeypatch.context() as patch:
            patch.setattr(files, "os", shim)
            try:
                save_step(tmp_path, n + 2)
                failed = False
            except ResourceError:
                failed = True
        loaded_step = step_of(tmp_path)
        assert loaded_step in (newest, n + 2) if failed else loaded_step == n + 2
        newest = loaded_step
        if shim.calls < n:
            return
    pytest.fail("the loop did not end")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_at_any_byte_leaves_the_previous_checkpoint(tmp_path):
    """A limit of the operating system at fifty sizes, in a separate process."""
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
import torch
from axone.errors import ResourceError
from axone.runs.checkpoints import load, save
folder, failures = Path(sys.argv[1]), 0
weights = lambda step: {{"w": torch.full((20, 50), float(step))}}
save(folder, "last", weights=weights(0), state={{"step": 0}})
for number in range(50):
    resource.setrlimit(resource.RLIMIT_FSIZE, (number * 90, resource.RLIM_INFINITY))
    try:
        save(folder, "last", weights=weights(1), state={{"step": 1}})
    except ResourceError as error:
        failures += 1
        assert "disk full" in error.what and "MB" in error.what and error.exit_code == 5, error.what
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    found = load(folder, "last")
    assert found.warnings == []
    assert set(found.weights["w"].flatten().tolist()) == {{found.state["step"]}}
    assert not list((folder / "checkpoints").glob("tmp-*"))
print(failures, found.state["step"])
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    failures, step = map(int, done.stdout.split())
    assert failures >= 40 and step == 1, "small limits must fail, the largest must not"


def test_values_that_are_not_finite_are_refused_before_a_byte_is_written(tmp_path):
    save_step(tmp_path, 1)
    before = sorted((tmp_path / "checkpoints").rglob("*"))
    for weights, state in (
        ({"w": torch.tensor([math.nan])}, {}),
        ({"w": torch.ones(1)}, {"optimizer": {0: torch.tensor(math.inf)}}),
    ):
        with pytest.raises(DivergedError):
            save(tmp_path, "last", weights=weights, state=state)
    assert sorted((tmp_path / "checkpoints").rglob("*")) == before and step_of(tmp_path) == 1


def test_a_run_folder_that_was_removed_is_not_created_again(tmp_path):
    with pytest.raises(RunError, match="gone"):
        save_step(tmp_path / "gone", 1)
    assert not (tmp_path / "gone").exists()


def header(content: object, body: bytes = b"", length: int | None = None) -> bytes:
    text = json.dumps(content).encode() if not isinstance(content, bytes) else content
    return struct.pack("<Q", len(text) if length is None else length) + text + body


HOSTILE = {
    "length of 2^62": header({}, length=2**62),
    "length of 0": header(b""),
    "trillion elements": header({"w": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}),
    "outside": header({"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}, b"12345678"),
    "overlap": header({key: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} for key in "wv"}, b"12345678"),
    "negative": header({"w": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}, b"12345678"),
    "overflow": header({"w": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]}}, b"12345678"),
    "unknown number format": header({"w": {"dtype": "F4", "shape": [2], "data_offsets": [0, 1]}}, b"1"),
    "function as number format": header({"w": {"dtype": "os.system", "shape": [2], "data_offsets": [0, 1]}}, b"1"),
    "not JSON": header(b"{{{{"),
    "deep": header(b"[" * 50_000),
    "a pickle": b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "a zip": b"PK\x03\x04" + bytes(60),
    "empty": b"",
}


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_tensor_file_with_a_valid_manifest_is_damage(tmp_path, name, attack):
    place = save_step(tmp_path, 1)
    (place / name).write_bytes(HOSTILE[attack])
    rewrite_manifest(place)
    with pytest.raises(DamagedError, match=name):
        load(tmp_path, "last")


SENSELESS = ('{"$tensor": "none"}', '{"$x": 1}', '{"$tensor": ["moment", [9]]}', "[" * 100_000)


@pytest.mark.parametrize("text", ["", "[]", "3", '{"version": 1}', *(f'{{"state": {text}}}' for text in SENSELESS)])
def test_a_hostile_state_with_a_valid_manifest_is_damage(tmp_path, text):
    place = save_step(tmp_path, 1)
    (place / "state.json").write_text(text)
    rewrite_manifest(place)
    with pytest.raises(DamagedError, match=r"state\.json"):
        load(tmp_path, "last")


@pytest.mark.parametrize("entry", [{}, {"weights.safetensors": 3}, [], None, {"weights.safetensors": {"size": 1}}])
def test_a_hostile_manifest_is_damage(tmp_path, entry):
    place = save_step(tmp_path, 1)
    (place / "manifest.json").write_bytes(encode_checked({"version": 1, "files": entry}))
    with pytest.raises(DamagedError):
        load(tmp_path, "last")


def rewrite_manifest(place: Path):
    entries = {
        name: {"size": (place / name).stat().st_size, "sha256": hashlib.sha256((place / name).read_bytes()).hexdigest()}
        for name in NAMES[:3]
    }
    (place / "manifest.json").write_bytes(encode_checked({"version": 1, "files": entries}))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_a_link_out_of_the_checkpoint_is_damage(tmp_path, name):
    for step in (1, 2):
        save_step(tmp_path, step)
    place = tmp_path / "checkpoints" / "last"
    (place / name).rename(tmp_path / "elsewhere")  # the very same bytes
    (place / name).symlink_to(tmp_path / "elsewhere")
    checkpoint = load(tmp_path, "last")
    assert checkpoint.state["step"] == 1 and f"checkpoints/last/{name}" in checkpoint.warnings[0]


def test_a_reader_always_gets_an_intact_checkpoint_while_a_writer_saves(tmp_path):
    save_step(tmp_path, 1)
    code = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tests.runs import test_checkpoints
for step in range(2, 60):
    test_checkpoints.save_step(Path(sys.argv[1]), step)
"""
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parents[2])])
    seen, reads = 1, 0
    try:
        while writer.poll() is None:
            step = step_of(tmp_path)
            assert step >= seen
            seen, reads = step, reads + 1
    finally:
        writer.kill()
        writer.wait()
    assert writer.returncode == 0 and step_of(tmp_path) == 59 and reads > 2


def run_kill_loop(folder, trials, *mutant):
    script = Path(__file__).parents[1] / "helpers" / "runs" / "kill_loop.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(trials), *mutant], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_no_checkpoint_is_lost_in_two_hundred_kills(quick_folder):
    result = run_kill_loop(quick_folder, 200)
    assert result["steps"] > 200
    assert (result["unloadable"], result["backwards"], result["mixed"]) == (0, 0, 0), result


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_kill_loop_notices_a_writer_that_writes_in_place(quick_folder):
    result = run_kill_loop(quick_folder, 40, "mutant")
    assert result["unloadable"] > 5, result
