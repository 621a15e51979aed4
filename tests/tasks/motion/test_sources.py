import numpy as np
import polars
import pytest

from axone.errors import DataError
from axone.tasks.motion.sources import find_kind


def test_the_kind_of_data_follows_from_the_name_or_the_object(tmp_path):
    (tmp_path / "clips").mkdir()
    kinds = {
        "sprites": "frames", "balls": "tracks", "traffic": "tracks", "a.csv": "tracks", "b.parquet": "tracks",
        "film.mp4": "frames", "film.gif": "frames", str(tmp_path / "clips"): "frames",
    }  # fmt: skip
    assert {name: find_kind(name) for name in kinds} == kinds
    assert find_kind(np.zeros((3, 4, 4))) == "frames" and find_kind(polars.DataFrame({"x": [1]})) == "tracks"


def test_an_unknown_name_is_an_error_with_the_nearest():
    with pytest.raises(DataError, match="Did you mean 'sprites'") as refused:
        find_kind("sprite")
    assert "balls" in refused.value.expected
