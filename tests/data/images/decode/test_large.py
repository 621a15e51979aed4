import numpy as np
import pytest
from PIL import Image

from axone.data.images.decode import large
from axone.data.images.decode.file import ImageError, decode_file, read_header, read_image
from axone.data.images.decode.fit import fit_image
from axone.data.images.decode.large import decode_upright, open_header
from tests.helpers.data.images import bomb


def scene(height, width):
    """Return a smooth image in color, of which details of a few pixels matter little."""
    y, x = np.mgrid[:height, :width]
    channels = [127 + 120 * np.sin(x / width * 9 + k) * np.cos(y / height * 7 + k) for k in range(3)]
    return Image.fromarray(np.stack(channels, 2).astype(np.uint8))


def jpeg(image, path, **options):
    image.save(path, "JPEG", quality=90, **options)
    return path


@pytest.fixture(scope="module")
def photograph(tmp_path_factory):
    """Return a photograph of 48 megapixels."""
    image = scene(150, 200).resize((8000, 6000), Image.Resampling.NEAREST)
    return jpeg(image, tmp_path_factory.mktemp("large") / "large.jpg")


def test_a_photograph_of_48_megapixels_is_read_reduced(photograph):
    assert read_header(photograph).width == 8000
    with photograph.open("rb") as file:
        decoded = decode_upright(open_header(file), (224, 224))
    assert decoded.size == (1000, 750)  # 1/8: at least twice the size, which the last resizing makes of it
    expected = np.asarray(fit_image(scene(150, 200), (224, 224)), int)
    assert np.abs(read_image(photograph, size=224) - expected).mean() < 3


def test_training_and_prediction_read_the_same_pixels(photograph):
    trained = decode_file(photograph, size=(96, 128), channels=3, fit="pad")
    assert np.array_equal(trained.pixels, read_image(photograph, size=(96, 128), channels=3, fit="pad"))


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_reduced_pixels_are_close_to_those_of_a_full_decoding(tmp_path, fit, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = jpeg(scene(600, 1600), tmp_path / "x.jpg", exif=exif)
    with path.open("rb") as file:
        whole = decode_upright(open_header(file))
    with path.open("rb") as file:
        reduced = decode_upright(open_header(file), (64, 64), fit)
    assert whole.size == ((1600, 600) if orientation == 1 else (600, 1600))
    assert reduced.width < whole.width and reduced.width / reduced.height == whole.width / whole.height
    assert (read_header(path).width, read_header(path).height) == whole.size
    difference = np.asarray(fit_image(whole, (64, 64), fit), int) - np.asarray(fit_image(reduced, (64, 64), fit))
    assert np.abs(difference).max() <= 6


def test_an_image_less_than_four_times_the_size_is_decoded_whole(tmp_path):
    path = jpeg(scene(390, 500), tmp_path / "x.jpg")
    with path.open("rb") as file:
        assert decode_upright(open_header(file), (100, 100)).size == (500, 390)


def test_large_images_of_other_formats_are_reduced_after_decoding(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "LARGE", 10_000)
    image = scene(400, 500)
    image.save(tmp_path / "x.png")
    image.convert("P").save(tmp_path / "palette.png")
    for name, size in (("x.png", (125, 100)), ("palette.png", (500, 400))):
        with (tmp_path / name).open("rb") as file:
            assert decode_upright(open_header(file), (50, 50)).size == size
        difference = read_image(tmp_path / name, size=50, channels=3) - np.asarray(fit_image(image, (50, 50)), int)
        assert np.abs(difference).mean() < 6


def test_what_is_decoded_is_bounded_and_not_what_the_header_says(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "MAX_PIXELS", 100_000)
    path = jpeg(scene(600, 800), tmp_path / "x.jpg")
    assert read_image(path, size=40).shape == (40, 40, 3)
    with pytest.raises(ImageError, match="it has 0 million pixels"):
        read_image(path)
    scene(600, 800).save(tmp_path / "x.png")
    with pytest.raises(ImageError, match="it has 0 million pixels"):
        read_image(tmp_path / "x.png", size=40)


def test_a_jpeg_beyond_the_limit_of_pillow_is_read(tmp_path, monkeypatch):
    path = jpeg(scene(600, 800), tmp_path / "x.jpg")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert read_image(path, size=40).shape == (40, 40, 3)
    scene(600, 800).save(tmp_path / "x.png")
    with pytest.raises(ImageError, match="more pixels than"):
        read_image(tmp_path / "x.png", size=40)


def test_a_progressive_jpeg_is_bounded_by_its_coefficients(tmp_path, monkeypatch):
    path = jpeg(scene(600, 800), tmp_path / "x.jpg", progressive=True)
    assert read_image(path, size=40).shape == (40, 40, 3)
    monkeypatch.setattr(large, "MAX_COEFFICIENT_BYTES", 600 * 800 * 3 - 1)  # 2 bytes for 1.5 values a pixel
    with pytest.raises(ImageError, match="progressive JPEG it would occupy"):
        read_image(path, size=40)


def test_a_bomb_of_900_million_pixels_is_refused(tmp_path):
    (tmp_path / "bomb.png").write_bytes(bomb(30_000, 30_000))
    with pytest.raises(ImageError, match="more pixels than the 80 million allowed"):
        read_image(tmp_path / "bomb.png", size=32)


def test_a_cut_off_photograph_is_refused(photograph, tmp_path):
    content = photograph.read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(ImageError, match="truncated"):
        read_image(tmp_path / "cut.jpg", size=224)
