"""The figures of a translation: one per direction, with the true translations if they are known."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.settings import resolve
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.translation.data import read_domains
from axone.tasks.translation.figures import make_figures
from axone.tasks.translation.predict import Translator
from tests.helpers.data.images import folder


class TranslatingLearner(Learner):
    """A learner whose network returns its input in both directions."""

    def __init__(self):
        self.network = Translator(nn.Identity(), nn.Identity())


@pytest.fixture
def experiment(tmp_path):
    images = folder(tmp_path, {"a": 24}, side=16, channels=1) / "a"
    settings = resolve(ImageDataSettings, {"data": str(images), "batch_size": 4, "validation": 0.2})
    domains = read_domains(settings, BuildContext(), "", False)
    return Experiment(TranslatingLearner(), domains.train, domains.validation, facts=domains.facts)


def draw(experiment):
    with torch.inference_mode():
        return {figure.name: figure for figure in make_figures(experiment, True)}


def test_there_is_a_figure_of_each_direction(experiment):
    figures = draw(experiment)
    assert list(figures) == ["source_to_target", "target_to_source"]
    assert all("true translation" in figure.caption for figure in figures.values())


def test_without_held_out_images_the_training_images_are_translated_and_have_no_true_translation(experiment):
    figures = draw(replace(experiment, validation=None))
    known = draw(experiment)
    assert all("true translation" not in figure.caption for figure in figures.values())
    assert all(figures[name].image.height < known[name].image.height for name in figures)
