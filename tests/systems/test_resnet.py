"""ResNet: shapes as published, the stem for small images, and residual sums."""

from tests.helpers.networks.architectures import build_published, build_small, last_maps, shapes_of


def test_the_shapes_of_resnet_50_are_the_published_ones():
    names = ("conv1", "layer1.2.conv3", "layer2.3.conv3", "layer3.5.conv3", "layer4.2.conv3")
    assert shapes_of(build_published("resnet", "50"), *names) == [
        (64, 112, 112), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7),
    ]  # fmt: skip


def test_small_images_keep_their_size_in_the_stem():
    network = build_small("resnet")
    assert shapes_of(network, "conv1") == [(16, 28, 28)] and last_maps(network) == (128, 4, 4)


def test_every_block_ends_in_a_sum():
    assert [node.kind for node in build_published("resnet", "34").nodes].count("Add") == 3 + 4 + 6 + 3
