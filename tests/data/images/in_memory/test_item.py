import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.images.decode.file import read_image
from axone.data.images.in_memory.item import prepare_image, read_pixel_values, to_byte_image
from axone.data.images.scale.scale import Scale
from axone.errors import DataError
from tests.helpers.data.images import encoded, noise


@pytest.mark.parametrize("channels", [1, 3])
def test_a_file_and_every_form_of_its_array_give_the_same_pixels(tmp_path, channels):
    array = noise(40, 30)
    path = tmp_path / "x.png"
    path.write_bytes(encoded(array))
    facts = {"input": [channels, 16, 16]}
    from_file = read_image(path, size=(16, 16), channels=channels)
    unit = array.astype(np.float32) / 255
    forms = {
        "PIL": Image.open(path),
        "bytes": array,
        "tensor": torch.from_numpy(array),
        "0 to 1": unit,
        "float64": array / 255,
        "0 to 255": array.astype(np.float32),
        "integers": array.astype(np.int64),
        "16 bits": array.astype(np.uint16) * 257,
        "channels first": torch.from_numpy(unit).permute(2, 0, 1),
        "alpha": np.dstack([array, np.full((40, 30), 255, np.uint8)]),
    }
    for name, form in forms.items():
        assert np.array_equal(prepare_image(form, facts)[0], from_file), name


def test_an_image_of_the_right_shape_is_unchanged():
    array = noise(28, 28, 1)
    facts = {"input": [1, 28, 28]}
    for form in (array, array[:, :, None], array[None]):
        assert np.array_equal(prepare_image(form, facts)[0][..., 0], array)
    assert prepare_image(np.eye(28, dtype=bool), facts)[0].max() == 255
    clear = np.zeros((28, 28, 4), np.uint8)
    assert (prepare_image(clear, facts)[0] == 255).all()


def test_the_scale_of_the_run_is_used_and_what_it_clips_is_said():
    facts = {"input": [1, 2, 2], "scale": Scale(280.0, 305.5).to_facts()}
    pixels, note = prepare_image(np.array([[280.0, 290.0], [300.0, 310.0]]), facts)
    assert pixels[..., 0].tolist() == [[0, 100], [200, 255]]
    assert "25.00\u202f%" in note
    assert prepare_image(np.array([[280.0, 290.0], [300.0, 300.0]]), facts)[1] == ""


def test_colors_may_have_more_than_8_bits_in_memory():
    values = np.array([[[0, 1000, 4000], [4000, 4000, 0]]], np.uint16)
    image, _scaling = to_byte_image(read_pixel_values(values, [3, 1, 2]), Scale(0, 4000, "uint16"))
    assert np.asarray(image).tolist() == [[[0, 64, 255], [255, 255, 0]]]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(5, np.uint8),
        np.zeros((2, 3, 4, 5), np.uint8),
        np.zeros((0, 3), np.uint8),
        np.zeros((4, 4, 7), np.uint8),
        np.full((4, 4), np.nan),
        np.array([["a"]]),
        np.array([{}], object),
    ],
)
def test_arrays_that_are_not_images_are_refused(array):
    with pytest.raises(DataError, match=r"image|empty"):
        prepare_image(array, {"input": [1, 4, 4]})
