"""Patches of images of any sizes equal slices of each image."""

import numpy as np
import torch

from axone.data.images.dataset import ImageDataset
from axone.data.images.restoration.collection import (
    MIRROR_COLUMNS,
    MIRROR_ROWS,
    SYMMETRIES,
    TRANSPOSE,
    ImageCollection,
    PatchPositions,
)

SIZES = [(9, 14), (20, 7), (16, 16), (5, 1)]


def make_images(channels=3):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*size, channels), dtype=np.uint8) for size in SIZES]


def places(*rows):
    return PatchPositions(*torch.tensor(rows).T)


def test_patches_inside_an_image_are_slices():
    images = make_images()
    crops = ImageCollection.stack(images, "abcd").crop(places((0, 2, 3, 0), (1, 13, 0, 0), (2, 9, 9, 0)), 7)
    assert crops.shape == (3, 7, 7, 3)
    for piece, (number, top, left) in zip(crops, [(0, 2, 3), (1, 13, 0), (2, 9, 9)]):
        assert np.array_equal(piece, images[number][top : top + 7, left : left + 7])


def test_outside_its_border_an_image_is_mirrored():
    images = make_images(1)
    crops = ImageCollection.stack(images, "abcd").crop(places((0, 0, 0, 0), (1, 0, 0, 0), (3, 0, 0, 0)), 32)
    for piece, number in zip(crops, (0, 1, 3)):
        height, width, _ = images[number].shape
        expected = np.pad(images[number], ((0, 32 - height), (0, 32 - width), (0, 0)), "reflect")
        assert np.array_equal(piece, expected)


def test_the_eight_symmetries_are_those_of_a_square():
    images = make_images()
    piece = images[2][1:9, 2:10]
    crops = ImageCollection.stack(images, "abcd").crop(places(*((2, 1, 2, turn) for turn in range(SYMMETRIES))), 8)
    for turn, turned in enumerate(crops):
        expected = piece[:: -1 if turn & MIRROR_ROWS else 1, :: -1 if turn & MIRROR_COLUMNS else 1]
        assert np.array_equal(turned, expected.transpose(1, 0, 2) if turn & TRANSPOSE else expected)
    assert len(torch.unique(crops, dim=0)) == SYMMETRIES


def test_a_collection_of_a_data_set_shares_its_pixels():
    pixels = torch.from_numpy(np.stack([make_images()[2]] * 3))
    collection = ImageCollection.from_dataset(ImageDataset.from_pixels(pixels, torch.zeros(3, dtype=torch.int64)))
    assert collection.pixels.data_ptr() == pixels.data_ptr() and len(collection) == 3 and collection.channels == 3
    assert torch.equal(collection.crop(places((1, 0, 0, 0)), 16), pixels[1:2])


def test_the_fingerprint_sees_a_pixel_and_a_size():
    images = make_images()
    before = ImageCollection.stack(images, "abcd").fingerprint()
    assert ImageCollection.stack(images, "efgh").fingerprint() == before
    images[0] = images[0].reshape(14, 9, 3)
    assert ImageCollection.stack(images, "abcd").fingerprint() != before
    images = make_images()
    images[3][0, 0, 0] ^= 1
    assert ImageCollection.stack(images, "abcd").fingerprint() != before
