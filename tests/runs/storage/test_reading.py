from __future__ import annotations

import os

import pytest

from axone.runs.storage.reading import locate, open_inside, read_inside


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run" / "figures").mkdir(parents=True)
    (tmp_path / "run" / "figures" / "a.png").write_bytes(b"inside")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return tmp_path / "run"


def test_a_file_of_the_run_is_read(run):
    assert locate(run, "figures/a.png") == run / "figures" / "a.png"
    assert read_inside(run, "figures/a.png", 100) == b"inside"
    with open_inside(run, "figures/a.png") as file:
        assert file.read(2) == b"in"
    with pytest.raises(FileNotFoundError):
        read_inside(run, "figures/b.png", 100)
    with pytest.raises(ValueError, match="too large"):
        read_inside(run, "figures/a.png", 5)


@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "figures/../../secret.txt", "/etc/passwd", "", "a\0b", "C:secret", "..\\secret", "\\\\s\\x"],
)
def test_a_name_that_leads_out_of_the_run_is_refused(run, name):
    with pytest.raises(ValueError, match="outside"):
        read_inside(run, name, 100)


def test_links_are_followed_within_the_run_only(run):
    (run / "within").symlink_to("figures/a.png")
    assert read_inside(run, "within", 100) == b"inside"
    (run / "file").symlink_to("../secret.txt")
    (run / "folder").symlink_to(run.parent)
    (run / "loop").symlink_to("loop")
    for name in ("file", "folder/secret.txt", "loop", "loop/x"):
        with pytest.raises(ValueError, match="outside"):
            read_inside(run, name, 100)
    (run.parent / "shortcut").symlink_to(run)
    assert read_inside(run.parent / "shortcut", "figures/a.png", 100) == b"inside"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_without_waiting(run):
    os.mkfifo(run / "pipe")
    with pytest.raises(ValueError, match="regular"):
        read_inside(run, "pipe", 100)
