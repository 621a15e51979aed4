import numpy as np
import pandas
import pytest
import torch
from PIL import Image

from axone.data.images.in_memory.collection import are_images, collect_images, to_byte_images
from axone.data.images.scale.scale import Scale
from axone.errors import DataError
from tests.helpers.data.images import noise

RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (6, 9, 8), dtype=np.uint8)
COLORS = RANDOM.integers(0, 256, (6, 9, 8, 3), dtype=np.uint8)
Y = list("abcabc")


@pytest.mark.parametrize(
    "form",
    [
        COLORS,
        COLORS.transpose(0, 3, 1, 2),
        torch.from_numpy(COLORS),
        torch.from_numpy(COLORS).permute(0, 3, 1, 2).float() / 255,
        COLORS / 255,
        COLORS.astype(np.float32),
        COLORS.astype(np.int64),
        COLORS.astype(np.uint16) * 257,
        list(COLORS),
        [Image.fromarray(image) for image in COLORS],
        np.concatenate([COLORS, np.full((6, 9, 8, 1), 255, np.uint8)], 3),
    ],
    ids=["bytes", "channels first", "tensor", "unit tensor", "unit", "0 to 255", "integers", "16 bits", "list",
         "Pillow", "alpha"],
)  # fmt: skip
def test_every_form_gives_the_same_bytes(form):
    images = collect_images((form, Y)).images
    assert np.array_equal(np.stack(list(images)), COLORS)


def test_gray_images_have_an_axis_of_channels_and_truth_values_are_black_and_white():
    assert collect_images((BYTES, Y)).images.shape == (6, 9, 8, 1)
    assert set(np.unique(collect_images((BYTES > 99, Y)).images)) == {0, 255}


def test_one_scale_is_found_for_all_images_and_said():
    values = np.stack([np.full((4, 4), level) for level in (3, 7, 12, 16)]).astype(float)
    images = collect_images((values, [0, 0, 1, 1]))
    assert images.scale == Scale(3.0, 16.0)
    assert [int(image[0, 0, 0]) for image in images.images] == [0, 78, 177, 255]
    assert "values of 3 ... 16" in images.notes[0] and "Only 4 levels" in images.notes[1]
    as_list = collect_images((list(values), [0, 0, 1, 1]))
    assert as_list.scale == images.scale and np.array_equal(np.stack(as_list.images), images.images)


def test_the_scale_of_a_run_is_used_for_other_data():
    scale = Scale(0.0, 100.0)
    pixels, used, notes = to_byte_images(np.array([[[40.0, 200.0]], [[0.0, 100.0]]]), scale)
    assert used == scale and pixels[..., 0].tolist() == [[[102, 255]], [[0, 255]]]
    assert "25.00\u202f%" in notes[1]
    # The same images with 16 bits, for a run that was trained on floats from 0 to 1.
    pixels, _used, notes = to_byte_images(np.array([[[0, 257, 65_535]]], np.uint16), Scale(0.0, 1.0))
    assert pixels[..., 0].tolist() == [[[0, 1, 255]]] and len(notes) == 1
    assert to_byte_images(np.array([[[0, 65_535]]], np.uint16), "type")[0].tolist() == [[[[0], [255]]]]


def test_images_of_several_sizes_types_and_modes(tmp_path):
    Image.fromarray(noise(5, 9)).save(tmp_path / "x.png")
    items = [noise(8, 9), torch.zeros(3, 7, 7), Image.new("L", (5, 6)), np.ones((4, 4)), str(tmp_path / "x.png")]
    images = collect_images((items, [1, 2, 1, 2, 1])).images
    assert [image.shape for image in images] == [(8, 9, 3), (7, 7, 3), (6, 5, 1), (4, 4, 1), (5, 9, 3)]


def test_without_classes_where_none_are_needed():
    images = collect_images(BYTES, labeled=False)
    assert images.classes == ("images",) and images.labels.tolist() == [0] * 6
    with pytest.raises(DataError, match="no classes") as caught:
        collect_images(BYTES)
    assert "data=(X, y)" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ((BYTES, Y[:5]), "6 images, but y has 5"),
        ((BYTES, ["a"] * 6), "same class"),
        ((BYTES[:0], []), "empty"),
        (([], []), "empty"),
        ((BYTES.reshape(6, 72), Y), "(6, 72)"),
        ((np.zeros((6, 64)), Y), "reshape(-1, 8, 8)"),
        ((np.zeros((2, 3, 3, 3)), "ab"), "PIL.Image.fromarray"),
        ((np.zeros((2, 5, 6, 7)), "ab"), "not an image"),
        ((np.full((2, 4, 4), np.nan), [0, 1]), "NaN"),
        (([np.zeros((4, 4)), np.zeros((4, 4, 9))], [0, 1]), "Image 1 (counted from 0)"),
        (([np.zeros((4, 4)), "missing.png"], [0, 1]), "missing.png"),
        ((Image.new("L", (4, 4)), [0]), "not a set of images"),
        ((7, [0]), "not a set of images"),
        ({"X": BYTES, "y": Y}, "A dict is not a set of images"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(source, what):
    with pytest.raises(DataError) as caught:
        collect_images(source)
    assert what in str(caught.value)


def test_images_are_told_from_tables():
    objects = np.empty(2, object)
    objects[:] = [noise(4, 4), noise(5, 5)]
    tensor, image = torch.zeros(2, 3, 4, 4), Image.new("L", (2, 2))
    for images in (BYTES, (BYTES, Y), list(BYTES), [image], (["a.png"], ["x"]), tensor, image, objects):
        assert are_images(images)
    for table in (np.zeros((5, 3)), (np.zeros((5, 3)), Y), [{"a": 1}], {"a": [1]}, pandas.DataFrame({"a": [1]}), [], 5):
        assert not are_images(table)
