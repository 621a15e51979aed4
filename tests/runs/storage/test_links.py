from __future__ import annotations

import pytest

from axone.errors import RunError
from axone.runs.storage.links import links_out_of, require_no_links_out


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run" / "figures").mkdir(parents=True)
    (tmp_path / "run" / "facts.json").touch()
    (tmp_path / "outside").mkdir()
    return tmp_path / "run"


def test_links_within_the_folder_are_fine(run):
    (run / "figures" / "facts.json").symlink_to("../facts.json")
    (run / "latest").symlink_to(run / "figures")
    assert links_out_of(run) == []
    require_no_links_out(run)
    (run.parent / "shortcut").symlink_to(run)
    assert links_out_of(run.parent / "shortcut") == []


def test_every_link_out_of_the_folder_is_listed(run):
    (run / "samples").symlink_to(run.parent / "outside")
    (run / "figures" / "a.png").symlink_to("../../outside")
    (run / "missing").symlink_to("/no/such/file")
    assert links_out_of(run) == ["figures/a.png", "missing", "samples"]
    with pytest.raises(RunError, match=r"figures/a\.png"):
        require_no_links_out(run)


def test_a_loop_of_links_is_no_endless_walk(run):
    (run / "a").symlink_to("b")
    (run / "b").symlink_to("a")
    links_out_of(run)
    (run / "self").symlink_to(".")
    assert "self" not in links_out_of(run)
