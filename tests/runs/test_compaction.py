"""A finished run keeps its best and its last checkpoint once, and equal weights share their bytes on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from axone.runs import checkpoints
from axone.runs.compaction import compact_checkpoints
from axone.runs.recorder import Recorder
from axone.runs.storage.verification import verify


def write_run(folder: Path, best: float, last: float) -> Path:
    folder.mkdir()
    with Recorder(folder) as recorder:
        recorder.start("", {}, {"system": "cnn"})
        for value in (0.0, best):
            recorder.save_checkpoint("best", {"network.weight": torch.full((1000,), value)}, {"epoch": 1})
        for value in (0.0, last):
            recorder.save_checkpoint("last", {"network.weight": torch.full((1000,), value)}, {"step": 1})
        assert {path.name for path in (folder / "checkpoints").iterdir()} == {
            "best", "best-previous", "last", "last-previous"
        }  # fmt: skip
        recorder.finish({})
    return folder


def read_values(folder: Path) -> list[float]:
    return [checkpoints.load(folder, slot).weights["network.weight"][0].item() for slot in ("best", "last")]


def test_a_finished_run_has_no_previous_checkpoints(tmp_path):
    folder = write_run(tmp_path / "run", best=1.0, last=2.0)
    assert {path.name for path in (folder / "checkpoints").iterdir()} == {"best", "last"}
    assert read_values(folder) == [1.0, 2.0] and verify(folder) == []


def test_equal_weights_are_on_the_disk_once(tmp_path):
    folder = write_run(tmp_path / "run", best=2.0, last=2.0)
    weights = [folder / "checkpoints" / slot / checkpoints.WEIGHTS for slot in ("best", "last")]
    assert weights[0].samefile(weights[1])
    assert read_values(folder) == [2.0, 2.0] and verify(folder) == []
    checkpoints.save(folder, "last", weights={"network.weight": torch.full((1000,), 3.0)}, state={})
    assert read_values(folder) == [2.0, 3.0]  # what is written later never changes the shared file


def test_without_hard_links_both_files_stay(tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    folder = write_run(tmp_path / "run", best=2.0, last=2.0)
    assert read_values(folder) == [2.0, 2.0] and verify(folder) == []


@pytest.mark.parametrize("slot", ["best", "last"])
def test_the_predecessor_of_a_checkpoint_that_was_not_verified_stays(tmp_path, slot):
    run = tmp_path / "run"
    run.mkdir()
    for value in (1.0, 2.0):
        checkpoints.save(run, slot, weights={"network.weight": torch.full((4,), value)}, state={})
    moved = run.rename(tmp_path / "moved")  # as another process finds it
    compact_checkpoints(moved)
    assert (moved / "checkpoints" / f"{slot}-previous").is_dir()
