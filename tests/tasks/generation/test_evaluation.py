"""Real and generated images are compared; an evaluation asks for the classes of the real images."""

import pytest
import torch

from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.tasks.generation.data import read_images
from axone.tasks.generation.evaluation import EvaluationStream, RealImages, make_evaluation, take_evenly
from axone.tasks.images.settings import ImageDataSettings
from tests.helpers.data.images import folder
from tests.helpers.networks.generation import CLASSES, QuarterEvaluator, random_images


def real_images(count=200, most=150):
    return RealImages(QuarterEvaluator(), random_images(count, 0), CLASSES, most)


def test_real_images_compared_with_themselves_have_the_best_metrics():
    real = real_images()
    assert len(real.images) == 150
    metrics = real.compare(real.images.pixels, real.features.predictions)
    assert float(metrics.pop("frechet_distance")) < 1e-6
    assert {name: float(value) for name, value in metrics.items()} == dict.fromkeys(
        ("precision", "recall", "class_coverage", "class_agreement"), 1.0
    )


def test_black_images_are_far_from_real_ones():
    real = real_images()
    metrics = real.compare(torch.zeros_like(real.images.pixels), torch.zeros(150, dtype=torch.int64))
    assert float(metrics["frechet_distance"]) > 1000
    assert [float(metrics[name]) for name in ("precision", "class_coverage", "class_agreement")] == [0, 0.25, 1]


def test_an_evaluation_is_one_batch_with_classes_as_frequent_as_the_real_ones():
    real = real_images(most=100)
    stream = EvaluationStream(real, 300)
    (batch,) = stream.batches(1)
    shares = real.images.labels.bincount(minlength=4) / 100
    assert (batch.labels.bincount(minlength=4) / 300).tolist() == pytest.approx(shares.tolist(), abs=0.02)
    assert list(stream.batches(1, 1)) == [] and len(stream) == 1 and stream.samples == 300


def test_a_small_part_is_replaced_by_the_training_images(tmp_path):
    settings = resolve(ImageDataSettings, {"data": str(folder(tmp_path, {"a": 20, "b": 20}))})
    images = read_images(settings, BuildContext())
    stream = make_evaluation(QuarterEvaluator(), images, images.validation, 5)
    assert set(stream.real.images.indices.tolist()) <= set(images.train.indices.tolist())


def test_take_evenly_keeps_the_first_and_the_last_row():
    assert take_evenly(torch.arange(100), 5).tolist() == [0, 25, 50, 74, 99]
    assert take_evenly(torch.arange(3), 5).tolist() == [0, 1, 2]
