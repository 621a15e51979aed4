"""The figures of an autoencoder's report, for images and for rows, with an excluded class and without."""

import numpy as np
import torch

from axone.data.images.stream import ImageStream
from axone.data.tables.row_stream import RowStream
from axone.engine.experiment import Experiment
from axone.figures.figure import Figure
from axone.systems.autoencoder import AutoencoderLearner
from axone.tasks.reconstruction.evaluated_examples import Reconstructor
from axone.tasks.reconstruction.figures import draw_latent_map, draw_most_anomalous, make_figures
from tests.helpers.networks.autoencoders import build_autoencoder, random_inputs


def image_experiment(preset="default", **facts_of_run):
    network, settings, facts = build_autoencoder(preset, channels=(4, 4), dense=(8,), latent=4)
    (pixels,) = random_inputs(facts, 40)
    stream = ImageStream.from_pixels(pixels, torch.arange(40) % 2, batch_size=16, shuffle=False)
    return Experiment(AutoencoderLearner(network, settings), stream, stream, stream, {**facts, **facts_of_run})


def row_experiment():
    network, settings, facts = build_autoencoder("table")
    rows = torch.randn(40, 7, generator=torch.Generator().manual_seed(0))
    stream = RowStream(rows, torch.zeros(40, dtype=torch.int64), batch_size=16, shuffle=False)
    return Experiment(AutoencoderLearner(network, settings), stream, stream, stream, facts)


@torch.no_grad()
def names(experiment, final):
    return [figure.name for figure in make_figures(experiment, final)]


def test_an_evaluation_draws_reconstructions_of_images_and_nothing_of_rows():
    assert names(image_experiment(), False) == ["reconstructions"] and names(row_experiment(), False) == []


def test_the_last_evaluation_draws_the_latent_space_and_compares_with_pca():
    expected = ["reconstructions", "latent-map", "latent-grid", "interpolation", "anomalies", "anomaly-scores"]
    assert names(image_experiment(), True) == [*expected, "components"]
    assert names(row_experiment(), True) == ["latent-map", "columns", "anomaly-scores", "components"]


def test_a_variational_autoencoder_also_draws_samples():
    assert "samples" in names(image_experiment("variational"), True)


def test_classes_are_colored_and_measured():
    experiment = image_experiment(labels=["cat", "dog"], anomalies=["dog"])
    assert names(experiment, True)[-1] == "classes"
    with torch.no_grad():
        model = Reconstructor(experiment)
        drawing = draw_latent_map(model, model.evaluate())
    assert isinstance(drawing, Figure) and "Colors are the classes" in drawing.caption and ">dog<" in drawing.image


def test_the_images_with_the_highest_scores_are_drawn_in_one_sheet():
    experiment = image_experiment()
    with torch.no_grad():
        model = Reconstructor(experiment)
        examples = model.evaluate()
        figure = draw_most_anomalous(model, examples)
    assert figure.name == "anomalies" and np.all(examples.scores > 0)
