"""What a file holds is what it is written with: size, transparency, 16 bits; and any network takes any picture."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from axone.errors import DataError
from axone.tasks.restoration.predict import open_picture, predict
from axone.tasks.restoration.settings import RestorationSettings
from tests.helpers.images import noise


class Same(nn.Module):
    """Gives back what it is shown, and remembers its shape."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.seen = []

    def forward(self, pictures):
        self.seen.append(tuple(pictures.shape))
        return pictures * self.weight


def answer(given, channels=1, network=None):
    return predict(network or Same(), RestorationSettings(), {"input": [channels, 28, 28]}, [given])[0]


def written(found):
    (content,) = found.files().values()
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "I;16"])
def test_a_file_comes_back_as_it_was(tmp_path, mode, channels):
    color = Image.fromarray(noise(30, 41))
    if mode == "I;16":
        image = Image.fromarray(np.random.default_rng(0).integers(0, 65_536, (30, 41), dtype=np.uint16))
    else:
        image = color.convert(mode)
        if mode in ("RGBA", "LA"):
            image.putalpha(Image.fromarray(noise(30, 41, 1, seed=3)))
    image.save(tmp_path / "given.png")
    found = written(answer(tmp_path / "given.png", channels))
    expected = {"P": "RGB", "1": "L"}.get(mode, mode)
    assert found.mode == expected
    exact = Image.open(tmp_path / "given.png").convert(expected) if mode in ("P", "1") else image
    assert np.abs(np.asarray(found).astype(int) - np.asarray(exact).astype(int)).max() <= 0


def test_a_network_for_gray_cleans_each_color_by_itself_and_one_for_color_sees_gray_three_times():
    gray, color = Same(), Same()
    answer(noise(30, 41), 1, gray), answer(noise(30, 41, 1), 3, color)
    assert gray.seen == [(3, 1, 30, 41)] and color.seen == [(1, 3, 30, 41)]


def test_a_large_picture_is_worked_on_in_tiles():
    network = Same()
    found = answer(noise(600, 300), 3, network)
    assert len(network.seen) > 4 and max(max(shape) for shape in network.seen) < 300
    assert np.array_equal(found.pixels, noise(600, 300)) and found.change == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 300)])
def test_the_smallest_pictures_are_cleaned_too(size):
    assert answer(noise(*size)).pixels.shape == (*size, 3)


def test_arrays_of_floats_keep_their_values_and_say_how_they_changed():
    given = np.linspace(0.2, 0.4, 12, dtype=np.float32).reshape(3, 4)
    assert np.allclose(answer(given).values[..., 0], given, atol=1e-7)
    twice = Same()
    twice.weight.data += 1
    found = answer(given, network=twice)
    assert found.change == pytest.approx(np.sqrt((given**2).mean()), rel=1e-5)
    assert found.to_json() == {"width": 4, "height": 3, "channels": 1, "change": found.change}
    assert "4 x 3" in found.text()


def test_what_is_no_picture_gets_its_error_in_its_place(tmp_path):
    (tmp_path / "words.png").write_text("no picture")
    given = [noise(4, 4), tmp_path / "words.png", np.zeros((2, 2, 7)), tmp_path / "nothing.png"]
    found = predict(Same(), RestorationSettings(), {"input": [3, 28, 28]}, given)
    assert [isinstance(each, DataError) for each in found] == [False, True, True, True]


def test_a_turned_photograph_is_set_upright(tmp_path):
    image = Image.fromarray(noise(10, 20))
    image.save(tmp_path / "turned.png", exif=Image.Exif())
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.png", exif=exif)
    assert open_picture(tmp_path / "turned.png").values.shape == (20, 10, 3)
