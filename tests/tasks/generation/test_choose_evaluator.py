"""Which network evaluates a generator, and what people read about its numbers."""

import pytest

from axone.engine.context import BuildContext
from axone.errors import ResourceError, RunError, UsageError
from axone.settings import resolve
from axone.tasks.classification.backbones.packaged_weights import PackagedWeights
from axone.tasks.generation.choose_evaluator import choose_evaluator, describe_evaluator
from axone.tasks.generation.data import read_images
from axone.tasks.images.settings import ImageDataSettings
from tests.helpers.runs.trainings import quick, shapes


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes", each=60)


@pytest.fixture
def parts(data):
    settings = {"data": str(data), "device": "cpu", "precision": "float32", "limit": 20}
    return read_images(resolve(ImageDataSettings, settings), BuildContext())


@pytest.fixture
def without_the_package(monkeypatch):
    monkeypatch.setattr(PackagedWeights, "find", lambda self: None)


def test_the_fixed_network_is_the_default_where_its_weights_are_installed(parts):
    chosen = choose_evaluator(parts, BuildContext())
    assert chosen.name == "EfficientNet-Lite0" and chosen.id == "efficientnet_lite0" and chosen.knows_classes
    assert "the same for all data" in describe_evaluator(chosen, "")


def test_without_its_weights_a_small_network_is_trained_and_what_it_compares_is_said(parts, without_the_package):
    chosen = choose_evaluator(parts, BuildContext())
    assert chosen.name == "axone cnn" and chosen.id == ""
    text = describe_evaluator(chosen, "")
    assert "on the same data only" in text and "pip install 'axone[pretrained]'" in text
    assert "pip install" not in describe_evaluator(chosen, "small")  # which was asked for
    with pytest.raises(ResourceError, match="EfficientNet-Lite0"):
        choose_evaluator(parts, BuildContext(), "efficientnet-lite0")


@pytest.mark.parametrize("name", ["axone cnn", "EfficientNet-Lite0"])
def test_a_restored_run_keeps_its_evaluator(parts, name):
    assert choose_evaluator(parts, BuildContext(facts={"evaluator": name})).name == name


def test_the_classifier_of_a_run_can_be_the_evaluator(data, parts, tmp_path):
    run = quick(data, tmp_path / "runs", epochs=6)
    cnn_evaluator = choose_evaluator(parts, BuildContext(), str(run.path))
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
        choose_evaluator(parts, BuildContext(), str(tmp_path / "nothing"))
    from axone.train import train

    run = train("perceptron", epochs=1, runs_folder=tmp_path / "runs")
    with pytest.raises(UsageError) as refused:
        choose_evaluator(parts, BuildContext(), str(run.path))
    assert "image classifier" in refused.value.expected
