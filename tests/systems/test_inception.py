"""Inception v3: shapes as published, the auxiliary head, and small images."""

import torch

import axone
from tests.helpers.networks.architectures import build_published, build_small, last_maps, shapes_of


def test_the_shapes_are_the_published_ones():
    network = build_published("inception", "v3")
    assert [node.shape for node in network.nodes if node.kind == "Concatenate"] == [
        *[(256, 35, 35), (288, 35, 35), (288, 35, 35)],
        *[(768, 17, 17)] * 5,
        *[(1280, 8, 8), (2048, 8, 8), (2048, 8, 8)],
    ]
    assert shapes_of(network, "Conv2d_4a_3x3.conv", "AuxLogits.conv0.conv", "AuxLogits.conv1.conv") == [
        (192, 71, 71), (128, 5, 5), (768, 1, 1),
    ]  # fmt: skip
    assert network.output_shapes == ((1000,), (1000,))


def test_the_auxiliary_head_is_computed_in_training_only():
    network = axone.network("inception", input=(1, 28, 28), classes=4)
    images = torch.randn(2, 1, 28, 28)
    main, auxiliary = network.train()(images)
    assert main.shape == auxiliary.shape == (2, 4)
    assert network.eval()(images).shape == (2, 4)


def test_small_images_are_downsampled_three_times_in_all():
    assert last_maps(build_small("inception"))[1:] == (4, 4)
