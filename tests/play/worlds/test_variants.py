"""Worlds with a text after their name: maps and tracks, and the errors of those that are not there."""

import pytest
import torch

from axone.errors import DataError, UsageError
from axone.play.worlds.registry import make_world, make_worlds


def test_a_map_by_name_and_from_a_file(tmp_path, monkeypatch):
    assert make_world("maze:four_rooms").map.rows == 13
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.txt").write_text("S.G\nslip = 0.5\n")
    worlds = make_worlds("maze:my.txt", 4)
    assert worlds.world.slip == 0.5 and worlds.step(torch.ones(4, dtype=torch.int64)).rewards.shape == (4,)


def test_files_that_are_no_maps_are_refused(tmp_path):
    with pytest.raises(UsageError, match="Did you mean 'four_rooms'"):
        make_world("maze:fourrooms")
    with pytest.raises(UsageError, match=r"no map 'missing\.txt'"):
        make_world("maze:missing.txt")
    damaged = tmp_path / "latin.txt"
    damaged.write_bytes(b"S.\xe9G")
    with pytest.raises(DataError, match="byte 2"):
        make_world(f"maze:{damaged}")
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("S.G\n.?.")
    with pytest.raises(DataError, match=r"wrong\.txt', line 2, column 2"):
        make_world(f"maze:{wrong}")
    large = tmp_path / "large.txt"
    large.write_text("S" * 1_000_001)
    with pytest.raises(DataError, match="too large"):
        make_world(f"maze:{large}")


@pytest.mark.parametrize("prefix", ["road:", "road_keys:"])
def test_tracks_by_name(prefix):
    assert make_world(prefix + "circuit").track.name == "circuit"
    assert make_world(prefix + "random-12").name == prefix.rstrip(":")
    with pytest.raises(UsageError, match="Did you mean 'circuit'"):
        make_world(prefix + "circiut")
    with pytest.raises(UsageError, match="oval, circuit"):
        make_world(prefix + "random-x")
