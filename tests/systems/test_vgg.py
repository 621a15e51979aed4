"""VGG: shapes as published, fewer poolings for small images, and layer groups."""

from tests.helpers.networks.architectures import build_published, build_small, last_maps, shapes_of


def test_the_shapes_of_vgg_16_are_the_published_ones():
    network = build_published("vgg", "16")
    names = ("features.2", "features.7", "features.14", "features.21", "features.28", "classifier.0")
    assert shapes_of(network, *names) == [
        (64, 224, 224), (128, 112, 112), (256, 56, 56), (512, 28, 28), (512, 14, 14), (4096,),
    ]  # fmt: skip


def test_small_images_are_pooled_three_times_and_have_one_dense_layer():
    network = build_small("vgg")
    assert last_maps(network)[1:] == (3, 3)
    assert [node.kind for node in network.nodes].count("Linear") == 1


def test_the_groups_are_five_of_convolutions_and_the_dense_layers():
    assert len(build_published("vgg", "11").layer_groups) == 5 + 3
    assert len(build_small("vgg").layer_groups) == 5 + 1
