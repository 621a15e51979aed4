"""The figures of a generator; one that copies its training images is recognized."""

import numpy as np
import pytest
import torch

from axone.tasks.generation import figures
from axone.tasks.generation.evaluation import RealImages
from tests.helpers.networks.generation import CLASSES, QuarterEvaluator, make_generator, random_images


def test_the_samples_have_a_column_per_class_and_the_same_noise_each_time():
    network = make_generator()
    figure = figures.draw_samples(network, CLASSES, 3)
    assert figure.name == "samples" and "a, b, c, d" in figure.caption
    again, other = figures.draw_samples(network, CLASSES, 3), figures.draw_samples(network, CLASSES, 4)
    assert figure.image.tobytes() == again.image.tobytes() != other.image.tobytes()


def test_samples_of_a_generator_without_classes_have_no_caption():
    assert figures.draw_samples(make_generator(conditional=False), CLASSES, 3).caption == ""


def test_interpolations_are_drawn():
    figure = figures.draw_interpolations(make_generator(), CLASSES, 0)
    assert figure.name == "interpolations" and figure.image.width > figure.image.height


def test_real_and_generated_images_are_compared_also_where_a_class_is_rare():
    figure = figures.compare_with_real(make_generator(), random_images(9, 0), CLASSES, 0)
    assert "a, b, c, d" in figure.caption and figure.image.width > figure.image.height


def share_too_near(monkeypatch, images):
    monkeypatch.setattr(figures, "generate_images", lambda network, latents, labels: images[: len(labels)])
    _neighbors, table = figures.check_memorization(
        make_generator(), random_images(400, 0), random_images(400, 1), QuarterEvaluator(), CLASSES, 0
    )
    (_held_out, _median, usual), (_generated, _distance, share) = table.rows
    assert table.name == "memorization" and 0 < usual <= 0.02
    return share


def test_a_generator_that_copies_training_images_is_recognized(monkeypatch):
    assert share_too_near(monkeypatch, random_images(400, 0).pixels.repeat(2, 1, 1, 1)) == 1.0


def test_a_generator_of_new_images_is_not_taken_for_one_that_copies(monkeypatch):
    assert share_too_near(monkeypatch, random_images(500, 2).pixels) < 0.05


def test_without_held_out_images_only_the_nearest_training_images_are_drawn():
    nearest = figures.check_memorization(make_generator(), random_images(12, 0), None, QuarterEvaluator(), CLASSES, 0)
    assert [figure.name for figure in nearest] == ["neighbors"]


def test_the_classes_of_generated_images_are_counted(monkeypatch):
    def always_b(network, latents, labels):
        pixels = torch.zeros(len(labels), 8, 8, 1, dtype=torch.uint8)
        pixels[:, :4, 4:] = 200
        return pixels

    monkeypatch.setattr(figures, "generate_images", always_b)
    table = figures.count_classes(make_generator(), random_images(300, 0), QuarterEvaluator(), CLASSES, 0)
    assert [row[2] for row in table.rows] == [0, 1, 0, 0]
    assert [row[3] for row in table.rows] == [0, 1, 0, 0]
    assert sum(row[1] for row in table.rows) == pytest.approx(1, abs=1e-3)


def test_training_images_have_better_metrics_than_those_of_an_untrained_generator():
    real = RealImages(QuarterEvaluator(), random_images(300, 1), CLASSES, 300)
    table = figures.compare_metrics(make_generator(), random_images(400, 0), real)
    rows = {row[0]: row[1:] for row in table.rows}
    generated, training = rows["Fréchet distance (features: quarters)"]
    assert np.isfinite(generated) and training < 0.1 * generated
    assert rows["precision"][1] > 0.9
