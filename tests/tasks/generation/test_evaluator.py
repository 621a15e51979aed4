"""The evaluator: trained once, cached, replaced when its file is damaged, and without effect on random numbers."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.engine.context import BuildContext
from axone.errors import RunError, UsageError
from axone.settings import resolve
from axone.tasks.generation import evaluator
from axone.tasks.generation.data import read_images
from axone.tasks.images.settings import ImageDataSettings
from tests.helpers.trainings import quick, shapes


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
    cnn_evaluator = evaluator.get_evaluator(parts, BuildContext())
    features = cnn_evaluator.extract(parts.test.pixels)
    assert cnn_evaluator.name == "axone cnn" and cnn_evaluator.knows_classes
    assert (features.predictions == parts.test.labels).double().mean() > 0.6  # of three classes
    assert features.values.shape == (len(parts.test), evaluator.CHANNELS[-1])


def test_it_is_trained_once_and_cached(parts, monkeypatch):
    first = weights(evaluator.get_evaluator(parts, BuildContext()))

    def again(*_given, **_options):
        raise AssertionError("trained twice")

    monkeypatch.setattr(evaluator, "fit_evaluator", again)
    assert same(first, weights(evaluator.get_evaluator(parts, BuildContext())))


def test_a_damaged_file_of_the_cache_is_replaced_by_an_equal_one(parts, tmp_path):
    first = weights(evaluator.get_evaluator(parts, BuildContext()))
    (file,) = (tmp_path / "cache" / "evaluators").iterdir()
    content = file.read_bytes()
    for damaged in (b"", content[:-9], b"not weights", content[:-4] + b"\xff\xff\xff\xff"):  # the last: a NaN
        file.write_bytes(damaged)
        assert same(first, weights(evaluator.get_evaluator(parts, BuildContext())))
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
        evaluator.get_evaluator(parts, BuildContext())
        assert torch.equal(torch.randn(3), expected)


def test_without_classes_it_learns_rotations(tmp_path):
    random = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    for number in range(150):  # bright above and dark below, so that a rotation can be recognized
        image = random.integers(0, 60, (12, 12), dtype=np.uint8)
        image[: random.integers(3, 6)] += 150
        Image.fromarray(image).save(tmp_path / "images" / f"{number}.png")
    parts = read_images(resolve(ImageDataSettings, {"data": str(tmp_path / "images")}), BuildContext())
    cnn_evaluator = evaluator.get_evaluator(parts, BuildContext())
    assert cnn_evaluator.name == "axone cnn, rotations" and not cnn_evaluator.knows_classes
    pixels = parts.test.pixels
    for turn in range(4):
        answers = cnn_evaluator.extract(pixels.rot90(turn, (1, 2)).contiguous()).predictions
        assert (answers == turn).double().mean() > 0.8


def test_the_classifier_of_a_run_can_be_the_evaluator(data, parts, tmp_path):
    run = quick(data, tmp_path / "runs", epochs=6)
    cnn_evaluator = evaluator.get_evaluator(parts, BuildContext(), str(run.path))
    assert cnn_evaluator.name == f"cnn {run.path.name}" and cnn_evaluator.knows_classes
    answers = [answer.label for answer in run.predict(list(parts.test.pixels.numpy()))]
    assert [
        parts.facts["classes"][number] for number in cnn_evaluator.extract(parts.test.pixels).predictions
    ] == answers
    # Larger and colored images are converted to its size and channels.
    colored = parts.test.pixels.repeat_interleave(2, 1).repeat_interleave(2, 2).expand(-1, -1, -1, 3).contiguous()
    assert cnn_evaluator.extract(colored).values.shape == cnn_evaluator.extract(parts.test.pixels).values.shape


def test_a_run_that_is_no_classifier_is_refused(parts, tmp_path):
    with pytest.raises(RunError):
        evaluator.get_evaluator(parts, BuildContext(), str(tmp_path / "nothing"))
    from axone.train import train

    run = train("perceptron", epochs=1, runs_folder=tmp_path / "runs")
    with pytest.raises(UsageError) as refused:
        evaluator.get_evaluator(parts, BuildContext(), str(run.path))
    assert "image classifier" in refused.value.expected
