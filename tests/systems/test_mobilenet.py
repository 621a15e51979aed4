"""MobileNet: shapes as published, squeeze-and-excitation in v3, small images, and few photographs."""

import pytest
import skimage.data
from PIL import Image

import axone
from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.systems import mobilenet
from axone.tasks.classification.backbones.packaged_weights import PackagedWeights
from tests.helpers.data.photographs import crop_square
from tests.helpers.networks.architectures import build_published, build_small, last_maps, shapes_of
from tests.helpers.runs.trainings import shapes


def test_the_shapes_of_v2_and_v3_are_the_published_ones():
    names = ("features.1.conv.1", "features.3.conv.2", "features.17.conv.2", "features.18.0")
    assert shapes_of(build_published("mobilenet", "v2"), *names) == [
        (16, 112, 112), (24, 56, 56), (320, 7, 7), (1280, 7, 7),
    ]  # fmt: skip
    names = ("features.4.block.2.fc1", "features.16.0", "classifier.0")
    assert shapes_of(build_published("mobilenet", "v3-large"), *names) == [(24, 1, 1), (960, 7, 7), (1280,)]


@pytest.mark.parametrize(("variant", "count"), [("v1", 0), ("v2", 0), ("v3-small", 9), ("v3-large", 8)])
def test_only_v3_has_squeeze_and_excitation(variant, count):
    assert [node.kind for node in build_published("mobilenet", variant).nodes].count("Multiply") == count


def test_small_images_are_downsampled_three_times():
    assert last_maps(build_small("mobilenet"))[1:] == (4, 4)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Sixteen color images of 64 x 64 pixels of two classes: crops of a cat and of a cup of coffee."""
    root = tmp_path_factory.mktemp("data") / "photographs"
    for name, photograph in (("cat", skimage.data.chelsea()), ("coffee", skimage.data.coffee())):
        (root / name).mkdir(parents=True)
        for number in range(8):
            part = photograph[10 * number : 10 * number + 200, 15 * number : 15 * number + 200]
            Image.fromarray(crop_square(part, 64)).save(root / name / f"{number}.png")
    return root


def complete(data, **changes):
    return mobilenet.complete(resolve(mobilenet.Settings, {"data": str(data), **changes}), BuildContext())


def test_few_photographs_start_from_installed_weights(photographs, monkeypatch):
    settings = complete(photographs)
    assert (settings.variant, settings.weights, settings.freeze) == ("efficientnet-lite0", "imagenet", True)
    assert (settings.image_size, settings.augment, settings.flip) == (224, "none", False)
    tuned = complete(photographs, freeze=False)
    assert (tuned.variant, tuned.weights, tuned.freeze) == ("efficientnet-lite0", "imagenet", False)
    assert tuned.layer_decay < 1 and tuned.learning_rate < settings.learning_rate
    monkeypatch.setattr(PackagedWeights, "find", lambda self: None)
    without = complete(photographs)
    assert (without.variant, without.weights) == ("v1", "")


@pytest.mark.parametrize(
    "changes", [{"variant": "v1"}, {"variant": "v2"}, {"width": 1.0}, {"stem": "small"}, {"weights": ""}], ids=str
)
def test_what_was_set_explicitly_is_not_replaced_by_pretrained_weights(photographs, changes):
    settings = complete(photographs, **changes)
    assert settings.variant == changes.get("variant", "v1") and settings.weights == ""


def test_many_small_or_gray_images_do_not_start_from_weights_of_photographs(photographs, tmp_path):
    assert complete("fashion-mnist").variant == "v1"
    assert complete(shapes(tmp_path / "gray", each=20)).weights == ""


def test_a_run_that_started_from_installed_weights_is_used_and_resumed_without_them(photographs, tmp_path, monkeypatch):
    run = axone.train(
        "mobilenet", data=str(photographs), image_size=96, epochs=8, threads=1, runs_folder=tmp_path, verbose=False
    )
    notes = (run.path / "events.jsonl").read_text("utf-8")
    assert "ImageNet weights of EfficientNet-Lite0 (Apache-2.0)" in notes
    assert run.results["test"]["accuracy"] == 1
    monkeypatch.setattr(PackagedWeights, "find", lambda self: None)
    assert run.predict(str(photographs / "cat" / "0.png")).label == "cat"
    assert run.evaluate()["test"] == pytest.approx(run.results["test"])
    assert axone.resume(run.path, epochs=9, verbose=False).results["epochs"] == 9


def test_without_the_package_a_note_says_how_to_install_it(photographs, tmp_path, monkeypatch):
    monkeypatch.setattr(PackagedWeights, "find", lambda self: None)
    settings = complete(photographs, epochs=1, image_size=32, width=0.125)
    notes = mobilenet.build(settings, BuildContext()).notes
    assert any("pip install 'axone[pretrained]'" in note for note in notes)
