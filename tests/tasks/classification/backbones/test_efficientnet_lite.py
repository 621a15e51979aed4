"""EfficientNet-Lite0: the published shapes and names, and the right classes of photographs."""

import numpy as np
import pytest
import torch

import axone
from axone.data.images.normalize import normalize
from axone.tasks.classification.backbones.efficientnet_lite import PUBLISHED, STATISTICS, own_name
from tests.helpers.data.photographs import photographs_of_known_classes
from tests.helpers.networks.architectures import build_published, last_maps, shapes_of

VARIANT = "efficientnet-lite0"


def test_the_shapes_are_the_published_ones():
    names = ("stem.conv", "blocks.0.project.conv", "blocks.2.project.conv", "blocks.4.project.conv",
             "blocks.7.project.conv", "blocks.10.project.conv", "blocks.14.project.conv", "top.conv")  # fmt: skip
    assert shapes_of(build_published("mobilenet", VARIANT), *names) == [
        (32, 112, 112), (16, 112, 112), (24, 56, 56), (40, 28, 28), (80, 14, 14), (112, 14, 14), (192, 7, 7),
        (1280, 7, 7),
    ]  # fmt: skip


def test_only_the_published_architecture_without_squeeze_and_excitation():
    network = build_published("mobilenet", VARIANT)
    kinds = [node.kind for node in network.nodes]
    assert "Multiply" not in kinds and kinds.count("Conv2d") == 1 + 1 + 3 * 16 - 1
    assert {node.name for node in network.nodes if "Add" in node.kind} and kinds.count("Add") == 9


def test_small_images_are_downsampled_three_times():
    network = axone.network("mobilenet", variant=VARIANT, input=(3, 32, 32), device="meta")
    assert last_maps(network) == (1280, 4, 4)


def test_layer_groups_hold_every_layer():
    network = build_published("mobilenet", VARIANT)
    names = [name for group in network.layer_groups for name in group]
    assert len(names) == len(set(names)) == 1 + 16 + 1 + 1
    assert all(any(key.startswith(f"{name}.") for name in names) for key in network.state_dict())


@pytest.mark.parametrize(
    ("published", "own"),
    [
        ("_conv_stem.weight", "stem.conv.weight"),
        ("_bn0.running_var", "stem.norm.running_var"),
        ("_bn1.bias", "top.norm.bias"),
        ("_fc.bias", "classifier.bias"),
        ("_blocks.0._bn1.weight", "blocks.0.depthwise.norm.weight"),
        ("_blocks.15._project_conv.weight", "blocks.15.project.conv.weight"),
        ("blocks.3.expand.conv.weight", "blocks.3.expand.conv.weight"),  # our own files are not renamed
        ("weight", "weight"),
    ],
)
def test_published_names_become_our_names(published, own):
    assert own_name(published) == own


def test_photographs_have_their_classes_and_the_published_probabilities():
    network = axone.network("mobilenet", variant=VARIANT, input=(3, 224, 224), classes=1000, weights="imagenet").eval()
    photographs = photographs_of_known_classes(224)
    images = torch.from_numpy(np.stack(list(photographs.values())))
    with torch.inference_mode():
        probabilities = network(normalize(images, *STATISTICS)).softmax(1)
    assert probabilities.argmax(1).tolist() == list(photographs)
    # What the published PyTorch code (the package efficientnet_lite_pytorch 0.1.0) computes from the same weights.
    assert probabilities.amax(1).tolist() == pytest.approx([0.3846, 0.9398, 0.2743], abs=1e-3)


def test_every_weight_of_the_package_is_used():
    network = axone.network("mobilenet", variant=VARIANT, input=(3, 224, 224), classes=1000, device="meta")
    assert PUBLISHED.read().keys() == network.state_dict().keys()
