"""Images are written as they were read: size, transparency, 16 bits; a network for gray or RGB takes both."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from axone.data.images.scale.scale import Scale
from axone.errors import DataError
from axone.tasks.restoration.answering import RestorationAnswering
from axone.tasks.restoration.predict import decode_image, predict_images
from tests.helpers.data.images import noise


class Identity(nn.Module):
    """Returns its input times a weight of 1, and records its shape."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.shapes = []

    def forward(self, images):
        self.shapes.append(tuple(images.shape))
        return images * self.weight


def predict(image, channels=1, network=None):
    return predict_images(RestorationAnswering(network or Identity(), channels), [image])[0]


def read_back(answer):
    (content,) = answer.files().values()
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "I;16"])
def test_an_unchanged_file_is_written_in_its_own_mode(tmp_path, mode, channels):
    color = Image.fromarray(noise(30, 41))
    if mode == "I;16":
        image = Image.fromarray(np.random.default_rng(0).integers(0, 65_536, (30, 41), dtype=np.uint16))
    else:
        image = color.convert(mode)
        if mode in ("RGBA", "LA"):
            image.putalpha(Image.fromarray(noise(30, 41, 1, seed=3)))
    image.save(tmp_path / "given.png")
    written = read_back(predict(tmp_path / "given.png", channels))
    expected_mode = {"P": "RGB", "1": "L"}.get(mode, mode)
    assert written.mode == expected_mode
    expected = Image.open(tmp_path / "given.png").convert(expected_mode) if mode in ("P", "1") else image
    assert np.array_equal(np.asarray(written), np.asarray(expected))


def test_a_large_image_is_restored_in_tiles():
    network = Identity()
    answer = predict(noise(600, 300), 3, network)
    assert len(network.shapes) > 4 and max(max(shape) for shape in network.shapes) < 300
    assert np.array_equal(answer.pixels, noise(600, 300)) and answer.change == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 300)])
def test_the_smallest_images_are_restored_too(size):
    assert predict(Image.fromarray(noise(*size))).pixels.shape == (*size, 3)


def test_floats_keep_their_values():
    values = np.linspace(0.2, 0.4, 12, dtype=np.float32).reshape(3, 4)
    assert np.allclose(predict(values).values[..., 0], values, atol=1e-7)


def test_values_of_more_than_8_bits_are_written_in_their_own_unit(tmp_path):
    kelvin = np.linspace(284, 306, 12, dtype=np.float32).reshape(3, 4)
    Image.fromarray(kelvin).save(tmp_path / "kelvin.tif")
    module, scale = RestorationAnswering(Identity(), 1), Scale(283.0, 307.0)
    for source in (tmp_path / "kelvin.tif", kelvin, Image.fromarray(kelvin)):
        (answer,) = predict_images(module, [source], scale)
        written = read_back(answer)
        assert list(answer.files()) == [".tif"] and written.mode == "F" and answer.note == ""
        assert np.allclose(np.asarray(written), kelvin, atol=1e-4)
    counts = np.arange(51_600, 51_612).reshape(3, 4).astype(np.uint16)
    (answer,) = predict_images(module, [counts], Scale(51_602, 51_700, "uint16"))
    assert np.array_equal(np.asarray(read_back(answer)), counts.clip(51_602))
    assert "16.67" in answer.text() and "clipped" in answer.to_json()["note"]


def test_the_change_is_the_root_mean_square_of_the_difference():
    values = np.linspace(0.2, 0.4, 12, dtype=np.float32).reshape(3, 4)
    network = Identity()
    network.weight.data += 1
    answer = predict(values, network=network)
    assert answer.change == pytest.approx(np.sqrt((values**2).mean()), rel=1e-5)
    assert answer.to_json() == {"width": 4, "height": 3, "channels": 1, "change": answer.change}
    assert "4 x 3" in answer.text() and answer.output == "files"


def test_an_unusable_input_gets_its_error_in_its_place(tmp_path):
    (tmp_path / "text.png").write_text("not an image")
    inputs = [noise(4, 4), tmp_path / "text.png", np.zeros((2, 2, 7)), tmp_path / "missing.png"]
    answers = predict_images(RestorationAnswering(Identity(), 3), inputs)
    assert [isinstance(answer, DataError) for answer in answers] == [False, True, True, True]


def test_a_rotated_photograph_is_turned_upright(tmp_path):
    image = Image.fromarray(noise(10, 20))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "rotated.png", exif=exif)
    assert decode_image(tmp_path / "rotated.png").values.shape == (20, 10, 3)
