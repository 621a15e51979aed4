"""The fixed evaluator: the same for images of any size, without training, random numbers or effect on them."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.images.dataset import ImageDataset, Subset
from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.tasks.generation.data import read_images
from axone.tasks.generation.evaluation import RealImages
from axone.tasks.generation.pretrained_evaluator import Recognizer, load_pretrained_evaluator
from axone.tasks.images.settings import ImageDataSettings
from tests.helpers.runs.trainings import shapes


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    data = shapes(tmp_path_factory.mktemp("data") / "shapes", each=60)
    settings = resolve(ImageDataSettings, {"data": str(data), "device": "cpu", "limit": 30})
    return read_images(settings, BuildContext())


@pytest.fixture(scope="module")
def fixed(parts):
    return load_pretrained_evaluator(parts)


def test_images_of_any_size_and_kind_have_320_features(fixed):
    for shape in ((12, 12, 1), (28, 28, 1), (64, 64, 3), (150, 150, 3)):
        values = fixed.compute_values(torch.randint(0, 256, (3, *shape), dtype=torch.uint8))
        assert values.shape == (3, 320) and values.isfinite().all()
    gray = torch.randint(0, 256, (2, 20, 20, 1), dtype=torch.uint8)
    assert torch.equal(fixed.compute_values(gray), fixed.compute_values(gray.expand(-1, -1, -1, 3).contiguous()))


def test_it_recognizes_the_classes_of_all_images_of_the_data_without_training(fixed, parts):
    everything = Subset.all(parts.train.dataset)
    assert len(parts.train) < 30 < len(everything)
    answers = fixed.extract(everything.pixels).predictions
    assert (answers == everything.labels).double().mean() > 0.95
    assert not any(parameter.grad is not None for parameter in fixed.network.parameters())


def test_the_recognizer_is_a_ridge_regression():
    values, labels = torch.randn(50, 3), torch.arange(50) % 2
    values[:, 1] += 3 * labels
    fitted = Recognizer.fit(values, labels)
    assert fitted.weights.shape == (4, 2)
    assert (fitted.recognize(values) == labels).double().mean() > 0.85
    constant = Recognizer.fit(torch.ones(4, 2), torch.tensor([0, 0, 0, 1]))  # a feature that never changes
    assert constant.recognize(torch.ones(1, 2)).tolist() == [0]


def test_random_numbers_do_not_depend_on_it(parts):
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    load_pretrained_evaluator(parts).extract(parts.train.pixels[:2])
    assert torch.equal(torch.randn(3), expected)


def test_ids_of_its_metrics_end_in_its_own_and_noise_makes_images_worse(fixed):
    random = np.random.default_rng(0)
    tiles = [np.asarray(Image.effect_noise((24, 24), 40).resize((24, 24))) for _number in range(40)]
    pixels = torch.from_numpy(np.stack(tiles))[..., None]
    dataset = ImageDataset.from_pixels(pixels, torch.arange(40) % 3)
    real = RealImages(fixed, Subset.all(dataset), ["a", "b", "c"], 40)
    distances = []
    for strength in (0, 20, 80):
        noise = torch.from_numpy(random.normal(0, 1, pixels.shape)) * strength
        metrics = real.compare((pixels + noise).clamp(0, 255).to(torch.uint8), dataset.labels)
        assert all(name.endswith("_efficientnet_lite0") for name in metrics)
        distances.append(float(metrics["frechet_distance_efficientnet_lite0"]))
    assert distances == sorted(distances) and distances[0] < 1e-6 < distances[1]
