"""The figures of a denoiser: the median filter against scipy's, and what each evaluation draws and measures."""

import numpy as np
import pytest
import torch
from scipy.ndimage import median_filter as scipy_median_filter
from torch import nn

from axone.data.random import make_generator
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.figures.figure import Figure, Table
from axone.settings import resolve
from axone.tasks.restoration.data import read_noisy_data
from axone.tasks.restoration.figures import make_figures, median_filter
from axone.tasks.restoration.settings import RestorationSettings


class Unchanged(Learner):
    """A learner whose network returns its input."""

    def __init__(self):
        self.network = nn.Identity()


@pytest.fixture(scope="module")
def evaluated():
    settings = resolve(RestorationSettings, {"limit": 60, "noise_level": (0.1, 0.3), "validation": 0.5})
    data = read_noisy_data(settings, BuildContext())
    return Experiment(Unchanged(), data.train, data.validation, facts=data.facts), settings


@pytest.mark.parametrize("side", [3, 5])
def test_the_median_filter_is_that_of_scipy(side):
    images = torch.rand(3, 2, 17, 12, generator=make_generator("images"))
    expected = scipy_median_filter(images.numpy(), (1, 1, side, side), mode="mirror")
    assert np.array_equal(median_filter(images, side).numpy(), expected)


def test_an_evaluation_compares_images(evaluated):
    experiment, settings = evaluated
    (figure,) = make_figures(experiment, False, settings=settings)
    assert isinstance(figure, Figure) and figure.name == "restored"


def test_the_last_evaluation_also_has_the_error_of_each_level_of_noise(evaluated):
    experiment, settings = evaluated
    _figure, table = make_figures(experiment, True, settings=settings)
    assert isinstance(table, Table) and [row[1] for row in table.rows] == [0.1, 0.2, 0.3]
    for _kind, level, noisy, _median, restored, *_similarities in table.rows:
        assert noisy == restored > -20 * np.log10(level) - 0.5  # clipping reduces the noise
