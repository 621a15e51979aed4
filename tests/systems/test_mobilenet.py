"""MobileNet: shapes as published, squeeze-and-excitation in v3, and small images."""

import pytest

from tests.helpers.architectures import build_published, build_small, last_maps, shapes_of


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
