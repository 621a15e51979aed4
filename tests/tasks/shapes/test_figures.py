"""The figures of a generator of shapes, for one that returns training shapes."""

import numpy as np
import pytest
import torch

from axone.engine.context import BuildContext
from axone.settings import Settings
from axone.tasks.shapes import data, figures
from axone.tasks.shapes.data import read_solids, solids_of

LATENT = 4


@pytest.fixture
def splits(monkeypatch):
    monkeypatch.setattr(data, "TRAIN", 40)
    monkeypatch.setattr(data, "TEST", 20)
    monkeypatch.setattr(figures, "MEASURED", 16)
    return read_solids(Settings(data="furniture", validation=0.2), BuildContext(), 8, "z")


@pytest.fixture
def copies(splits, monkeypatch):
    """Make every generator return training shapes of the requested classes."""
    solids, labels = solids_of(splits.train), splits.train.labels

    def copy(network, noise, classes, count):
        return np.stack([solids[int((labels == number).nonzero()[0])] for number in classes])

    monkeypatch.setattr(figures, "generate_solids", copy)


def test_during_training_there_are_samples_only(splits, copies):
    (samples,) = figures.make_figures(torch.nn.Identity(), splits, LATENT, False)
    assert samples.name == "samples" and "bed, chair, shelf, table" in samples.caption


def test_at_the_end_there_are_neighbors_interpolations_and_metrics(splits, copies):
    figures_by_name = {
        figure.name: figure for figure in figures.make_figures(torch.nn.Identity(), splits, LATENT, True)
    }
    assert set(figures_by_name) == {"samples", "training", "neighbors", "interpolations", "metrics"}


def test_copies_of_training_shapes_overlap_them_completely(splits, copies):
    *_figures, table = figures.make_figures(torch.nn.Identity(), splits, LATENT, True)
    rows = {row[0]: row[1:] for row in table.rows}
    number, valid, connected, supported, overlap, _distance, _covered = rows["generated"]
    assert (number, valid, connected, supported, overlap) == (16, 1.0, 1.0, 1.0, 1.0)
    assert rows["generated: chair"][0] == 4 and rows["held out"][0] == 20 and rows["held out"][4] < 1
