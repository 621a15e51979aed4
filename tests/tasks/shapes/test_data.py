"""The solids that a generator learns from: generated furniture, as voxels and in batches."""

import numpy as np
import pytest

from axone.data.datasets.furniture import make_furniture
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.settings import Settings
from axone.tasks.shapes import data
from axone.tasks.shapes.data import read_solids, solids_of, to_volumes


@pytest.fixture
def splits(monkeypatch):
    monkeypatch.setattr(data, "TRAIN", 60)
    monkeypatch.setattr(data, "TEST", 20)
    return read_solids(Settings(data="furniture", validation=0.2, batch_size=16), BuildContext(), 16, "z")


def test_the_solids_of_a_split_are_those_that_were_generated(splits):
    solids, _labels = make_furniture(80, 16)
    assert np.array_equal(solids_of(splits.train), solids[splits.train.indices.numpy()])
    assert np.array_equal(solids_of(splits.test), solids[60:])


def test_all_classes_of_furniture_have_four_supports(splits):
    assert splits.facts["supported_classes"] == [True] * 4 and splits.facts["task"] == "shapes"


def test_batches_are_volumes_of_zeros_and_ones(splits):
    volumes = to_volumes(next(iter(splits.training_stream().batches(1))).inputs)
    assert volumes.shape == (16, 1, 16, 16, 16) and set(volumes.unique().tolist()) == {0.0, 1.0}


def test_the_notes_count_what_is_used(splits):
    assert "48 training, 12 validation and 20 test shapes in cubes of 16 voxels a side." in splits.notes


def test_few_shapes_are_noted(splits):
    assert any("only memorize" in note for note in splits.notes)


def test_fewer_than_ten_training_shapes_are_refused(monkeypatch):
    monkeypatch.setattr(data, "TRAIN", 8)
    monkeypatch.setattr(data, "TEST", 4)
    with pytest.raises(DataError, match="training shape") as refused:
        read_solids(Settings(data="furniture"), BuildContext(), 8, "z")
    assert "at least 10" in refused.value.expected
