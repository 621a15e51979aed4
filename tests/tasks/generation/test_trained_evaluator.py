"""The small evaluator: trained once on all images, cached, replaced when its file is damaged, and without effect on
random numbers."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.tasks.generation import trained_evaluator as evaluator
from axone.tasks.generation.data import read_images
from axone.tasks.images.settings import ImageDataSettings
from tests.helpers.runs.trainings import shapes


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes", each=60)


@pytest.fixture
def parts(data):
    return read_images(
        resolve(ImageDataSettings, {"data": str(data), "device": "cpu", "precision": "float32"}), BuildContext()
    )


def weights(cnn_evaluator):
    return {name: value.clone() for name, value in cnn_evaluator.network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_it_learns_the_classes_and_has_a_name(parts):
    cnn_evaluator = evaluator.train_evaluator(parts, BuildContext())
    features = cnn_evaluator.extract(parts.test.pixels)
    assert cnn_evaluator.name == "axone cnn" and cnn_evaluator.knows_classes
    assert (features.predictions == parts.test.labels).double().mean() > 0.6  # of three classes
    assert features.values.shape == (len(parts.test), evaluator.CHANNELS[-1])


def test_it_is_trained_once_and_cached(parts, monkeypatch):
    first = weights(evaluator.train_evaluator(parts, BuildContext()))

    def again(*_given, **_options):
        raise AssertionError("trained twice")

    monkeypatch.setattr(evaluator, "fit_evaluator", again)
    assert same(first, weights(evaluator.train_evaluator(parts, BuildContext())))


def test_a_damaged_file_of_the_cache_is_replaced_by_an_equal_one(parts, tmp_path):
    first = weights(evaluator.train_evaluator(parts, BuildContext()))
    (file,) = (tmp_path / "cache" / "evaluators").iterdir()
    content = file.read_bytes()
    for damaged in (b"", content[:-9], b"not weights", content[:-4] + b"\xff\xff\xff\xff"):  # the last: a NaN
        file.write_bytes(damaged)
        assert same(first, weights(evaluator.train_evaluator(parts, BuildContext())))
        assert file.read_bytes() == content


def test_a_cache_that_cannot_be_written_is_no_error(parts, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "file"))
    assert evaluator.train_evaluator(parts, BuildContext()).name == "axone cnn"


def test_later_random_numbers_do_not_depend_on_it(parts):
    torch.manual_seed(5)
    expected = torch.randn(3)
    for _attempt in range(2):  # trained, then from the cache
        torch.manual_seed(5)
        evaluator.train_evaluator(parts, BuildContext())
        assert torch.equal(torch.randn(3), expected)


def test_without_classes_it_learns_rotations(tmp_path):
    random = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    for number in range(150):  # bright above and dark below, so that a rotation can be recognized
        image = random.integers(0, 60, (12, 12), dtype=np.uint8)
        image[: random.integers(3, 6)] += 150
        Image.fromarray(image).save(tmp_path / "images" / f"{number}.png")
    parts = read_images(resolve(ImageDataSettings, {"data": str(tmp_path / "images")}), BuildContext())
    cnn_evaluator = evaluator.train_evaluator(parts, BuildContext())
    assert cnn_evaluator.name == "axone cnn, rotations" and not cnn_evaluator.knows_classes
    pixels = parts.test.pixels
    for turn in range(4):
        answers = cnn_evaluator.extract(pixels.rot90(turn, (1, 2)).contiguous()).predictions
        assert (answers == turn).double().mean() > 0.8


def test_it_is_the_same_whatever_limit_and_division_leave_to_the_generator(data):
    def train(**changes):
        settings = resolve(ImageDataSettings, {"data": str(data), "device": "cpu", "precision": "float32", **changes})
        return weights(evaluator.train_evaluator(read_images(settings, BuildContext()), BuildContext()))

    whole = train()
    assert same(whole, train(limit=40)) and same(whole, train(validation=0.4)) and same(whole, train(seed=3))
