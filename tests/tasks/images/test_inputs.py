"""What a person may pass as images: paths, folders, arrays and lists of them; and the pixels that a network reads."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from axone.errors import DataError
from axone.tasks.images.inputs import describe_left_out, load_image, read_inputs

FACTS = {"input": [1, 4, 6], "classes": ["a"]}


def test_a_path_or_one_array_is_a_single_input(tmp_path):
    assert read_inputs("one.png", FACTS) == ([Path("one.png")], True)
    for shape in ((4, 6), (4, 6, 1), (4, 6, 3), (4, 6, 4)):
        images, single = read_inputs(np.zeros(shape, np.uint8), FACTS)
        assert single and len(images) == 1 and images[0].shape == shape


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_a_batch_axis_makes_many_inputs(make):
    for shape in ((2, 4, 6), (2, 4, 6, 1), (2, 4, 6, 3)):
        images, single = read_inputs(make(shape), FACTS)
        assert not single and len(images) == 2 and tuple(images[0].shape) == shape[1:]


def test_a_list_may_hold_paths_folders_and_arrays(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.png", "a.png", "sub/c.png", ".hidden.png"):
        (tmp_path / name).touch()
    images, single = read_inputs([tmp_path, "one.png", np.zeros((2, 4, 6))], FACTS)
    assert not single
    assert images[:4] == [tmp_path / "a.png", tmp_path / "b.png", tmp_path / "sub/c.png", Path("one.png")]
    assert len(images) == 6


def test_hidden_files_and_folders_are_left_out(tmp_path):
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "a.png").touch()
    (tmp_path / "b.png").touch()
    assert read_inputs(tmp_path, FACTS) == ([tmp_path / "b.png"], False) and describe_left_out(tmp_path) == []


def test_files_that_training_passes_over_are_named_and_not_read(tmp_path):
    for name in ("b/2.png", "a/1.png", "labels.csv", "a/Thumbs.db", "__MACOSX/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert read_inputs(str(tmp_path), FACTS)[0] == [tmp_path / "a" / "1.png", tmp_path / "b" / "2.png"]
    (note,) = describe_left_out(str(tmp_path))
    assert note.startswith("1 file in") and note.endswith("left out: labels.csv.")
    assert describe_left_out(np.zeros((4, 6))) == describe_left_out("age=35") == []


def test_pixels_have_the_size_and_channels_of_the_network(tmp_path):
    Image.new("RGB", (12, 8), (255, 255, 255)).save(tmp_path / "large.png")
    pixels = load_image(tmp_path / "large.png", FACTS).pixels
    assert pixels.shape == (4, 6, 1) and pixels.dtype == np.uint8 and (pixels == 255).all()
    assert load_image(np.ones((4, 6)), FACTS).pixels.shape == (4, 6, 1)
    with pytest.raises(DataError):
        load_image(tmp_path / "missing.png", FACTS)


def test_images_of_pillow_and_channels_in_front():
    image = Image.new("L", (6, 4), 9)
    assert read_inputs(image, FACTS) == ([image], True)
    assert read_inputs([image, image], FACTS) == ([image, image], False)
    color = {"input": [3, 4, 6]}
    for array in (np.zeros((3, 4, 6)), torch.zeros(3, 4, 6)):
        assert read_inputs(array, color)[1] and load_image(array, color).pixels.shape == (4, 6, 3)
    images, single = read_inputs([torch.zeros(3, 4, 6), np.zeros((1, 4, 6))], FACTS)
    assert not single and [tuple(image.shape) for image in images] == [(3, 4, 6), (1, 4, 6)]
    with pytest.raises(DataError, match="dict"):
        read_inputs({"a": 1}, FACTS)


def test_a_file_and_an_array_are_scaled_as_the_run_and_the_note_says_what_is_clipped(tmp_path):
    facts = {"input": [1, 1, 3], "scale": {"low": 280.0, "high": 305.5, "kind": "float", "has_bytes": False}}
    values = np.array([[280.0, 290.0, 310.0]], np.float32)
    Image.fromarray(values).save(tmp_path / "x.tif")
    for image in (tmp_path / "x.tif", values, values.astype(np.float64), Image.fromarray(values), torch.tensor(values)):
        pixels, note = load_image(image, facts)
        assert pixels[..., 0].tolist() == [[0, 100, 255]] and "33.33" in note
