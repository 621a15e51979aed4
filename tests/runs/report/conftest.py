from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.runs.report_pages import write_example_run


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("originals")
    return {"finished": write_example_run(root / "a"), "stopped": write_example_run(root / "b", epochs=2, finish=False)}


@pytest.fixture
def finished(originals: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(originals["finished"], tmp_path / "cnn" / "2026-11-23-brave-kernel")


@pytest.fixture
def stopped(originals: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(originals["stopped"], tmp_path / "cnn" / "2026-11-23-brave-kernel")
