"""The classifier that examines pictures: trained once, kept, mended when damaged, and never felt by what trains."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.engine.context import BuildContext
from axone.errors import RunError, UsageError
from axone.settings import resolve
from axone.tasks.generation import evaluator
from axone.tasks.generation.generation import read
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
    return read(
        resolve(ImageDataSettings, {"data": str(data), "device": "cpu", "precision": "float32"}), BuildContext()
    )


def weights(found):
    return {name: value.clone() for name, value in found.network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_it_learns_the_classes_and_its_name_is_told(parts):
    found = evaluator.obtain(parts, BuildContext())
    seen = found.look(parts.test.pixels)
    assert found.name == "axone cnn" and found.names_classes
    assert (seen.answers == parts.test.labels).double().mean() > 0.6  # of three classes
    assert seen.features.shape == (len(parts.test), evaluator.CHANNELS[-1])


def test_it_is_trained_once_and_kept(parts, monkeypatch):
    first = weights(evaluator.obtain(parts, BuildContext()))

    def again(*_given, **_options):
        raise AssertionError("trained twice")

    monkeypatch.setattr(evaluator, "train", again)
    assert same(first, weights(evaluator.obtain(parts, BuildContext())))


def test_a_damaged_file_of_the_cache_is_replaced_by_the_same(parts, tmp_path):
    first = weights(evaluator.obtain(parts, BuildContext()))
    (file,) = (tmp_path / "cache" / "examiners").iterdir()
    content = file.read_bytes()
    for damaged in (b"", content[:-9], b"not weights", content[:-4] + b"\xff\xff\xff\xff"):  # the last: a NaN
        file.write_bytes(damaged)
        assert same(first, weights(evaluator.obtain(parts, BuildContext())))
        assert file.read_bytes() == content


def test_a_cache_that_cannot_be_written_costs_time_only(parts, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "file"))
    assert evaluator.of_pictures(parts, BuildContext()).name == "axone cnn"


def test_what_is_drawn_afterwards_does_not_depend_on_it(parts):
    torch.manual_seed(5)
    expected = torch.randn(3)
    for _attempt in range(2):  # trained, then from the cache
        torch.manual_seed(5)
        evaluator.obtain(parts, BuildContext())
        assert torch.equal(torch.randn(3), expected)


def test_without_classes_it_learns_quarter_turns(tmp_path):
    chance = np.random.default_rng(0)
    (tmp_path / "heap").mkdir()
    for number in range(150):  # bright above, dark below: which side is up can be seen
        picture = chance.integers(0, 60, (12, 12), dtype=np.uint8)
        picture[: chance.integers(3, 6)] += 150
        Image.fromarray(picture).save(tmp_path / "heap" / f"{number}.png")
    parts = read(resolve(ImageDataSettings, {"data": str(tmp_path / "heap")}), BuildContext())
    found = evaluator.obtain(parts, BuildContext())
    assert found.name == "axone cnn, turns" and not found.names_classes
    pixels = parts.test.pixels
    for turn in range(4):
        answers = found.look(pixels.rot90(turn, (1, 2)).contiguous()).answers
        assert (answers == turn).double().mean() > 0.8


def test_the_classifier_of_a_run_can_examine(data, parts, tmp_path):
    run = quick(data, tmp_path / "runs", epochs=6)
    found = evaluator.obtain(parts, BuildContext(), str(run.path))
    assert found.name == f"cnn {run.path.name}" and found.names_classes
    answers = [answer.label for answer in run.predict(list(parts.test.pixels.numpy()))]
    assert [parts.facts["classes"][number] for number in found.look(parts.test.pixels).answers] == answers
    # Larger pictures and colored ones are brought to what it knows.
    colored = parts.test.pixels.repeat_interleave(2, 1).repeat_interleave(2, 2).expand(-1, -1, -1, 3).contiguous()
    assert found.look(colored).features.shape == found.look(parts.test.pixels).features.shape


def test_what_is_no_classifier_is_refused(parts, tmp_path):
    with pytest.raises(RunError):
        evaluator.obtain(parts, BuildContext(), str(tmp_path / "nothing"))
    from axone.train import train

    run = train("perceptron", epochs=1, runs_folder=tmp_path / "runs")
    with pytest.raises(UsageError, match="is not an image-classification run"):
        evaluator.obtain(parts, BuildContext(), str(run.path))
