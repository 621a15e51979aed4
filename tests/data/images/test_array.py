import numpy as np
import pytest
import torch

from axone.data.images.array import prepare_image
from axone.data.images.file import read_image
from axone.errors import DataError
from tests.helpers.images import encoded, noise


@pytest.mark.parametrize("channels", [1, 3])
def test_files_and_arrays_give_the_same_pixels(tmp_path, channels):
    array = noise(40, 30)
    path = tmp_path / "x.png"
    path.write_bytes(encoded(array))
    facts = {"input": [channels, 16, 16]}
    from_file = read_image(path, size=(16, 16), channels=channels)
    for form in (array, torch.from_numpy(array), array.astype(np.float32) / 255):
        assert np.array_equal(prepare_image(form, facts), from_file)


def test_an_image_of_the_right_shape_is_unchanged():
    array = noise(28, 28, 1)
    facts = {"input": [1, 28, 28]}
    for form in (array, array[:, :, None]):
        assert np.array_equal(prepare_image(form, facts)[..., 0], array)
    assert prepare_image(np.eye(28, dtype=bool), facts).max() == 255
    clear = np.zeros((28, 28, 4), np.uint8)
    assert (prepare_image(clear, facts) == 255).all()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(5, np.uint8),
        np.zeros((2, 3, 4, 5), np.uint8),
        np.zeros((0, 3), np.uint8),
        np.zeros((4, 4, 7), np.uint8),
        np.zeros((4, 4), np.int64),
        np.full((4, 4), 7.0),
        np.full((4, 4), np.nan),
    ],
)
def test_arrays_that_are_not_images_are_refused(array):
    with pytest.raises(DataError, match="image"):
        prepare_image(array, {"input": [1, 4, 4]})
