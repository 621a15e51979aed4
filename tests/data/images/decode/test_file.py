import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from axone.data.images.decode.file import ImageError, decode_file, read_header, read_image, to_input
from axone.data.images.decode.modes import to_gray_or_rgb
from axone.errors import DataError, ResourceError
from tests.helpers.data.images import bomb, encoded, noise


def write(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("kind", "exact"), [("PNG", 1), ("BMP", 1), ("TIFF", 1), ("WEBP", 0), ("JPEG", 0)])
def test_reads_every_format_whatever_the_name(tmp_path, kind, exact):
    array = np.repeat(np.repeat(noise(5, 6), 8, 0), 8, 1) // 2 + 60
    read = read_image(write(tmp_path / "image.dat", encoded(array, kind)))
    assert read.shape == array.shape
    assert np.array_equal(read, array) if exact else np.abs(read.astype(int) - array).mean() < 12


def test_a_gif_is_read(tmp_path):
    array = noise(10, 12, 1)
    assert np.array_equal(read_image(write(tmp_path / "x.gif", encoded(array, "GIF")), channels=1)[..., 0], array)


def test_gray_stays_gray_and_can_become_color(tmp_path):
    path = write(tmp_path / "x.png", encoded(noise(9, 7, 1)))
    assert read_image(path).shape == (9, 7, 1)
    assert read_image(path, channels=3).shape == (9, 7, 3)
    assert read_image(path, size=5).shape == (5, 5, 1)
    assert read_image(path, size=(4, 6)).shape == (4, 6, 1)
    with pytest.raises(DataError, match="cannot have 2 channels"):
        read_image(path, channels=2)


WHITE_IF_CLEAR = {
    "RGBA": (Image.new("RGBA", (4, 4), (10, 20, 30, 0)), (255, 255, 255)),
    "RGBA half": (Image.new("RGBA", (4, 4), (0, 0, 0, 128)), (127, 127, 127)),
    "RGBA full": (Image.new("RGBA", (4, 4), (10, 20, 30, 255)), (10, 20, 30)),
    "LA": (Image.new("LA", (4, 4), (40, 0)), (255,)),
    "1": (Image.new("1", (4, 4), 1), (255,)),
    "L": (Image.new("L", (4, 4), 77), (77,)),
    "CMYK": (Image.new("CMYK", (4, 4), (255, 0, 0, 0)), (0, 255, 255)),
    "YCbCr": (Image.new("YCbCr", (4, 4), (77, 128, 128)), (77, 77, 77)),
    "I;16": (Image.fromarray(np.full((4, 4), 257 * 77, np.uint16)), (77,)),
    "I;16 dark": (Image.fromarray(np.full((4, 4), 200, np.uint16)), (1,)),
    "I": (Image.fromarray(np.full((4, 4), 65_535, np.int32)), (255,)),
    "F unit": (Image.fromarray(np.full((4, 4), 0.2, np.float32)), (51,)),
    "F bytes": (Image.fromarray(np.full((4, 4), 51.2, np.float32)), (51,)),
    "F odd": (Image.fromarray(np.full((4, 4), np.nan, np.float32)), (0,)),
    "RGB": (Image.new("RGB", (4, 4), (10, 20, 30)), (10, 20, 30)),
    "RGBX": (Image.new("RGBX", (4, 4), (10, 20, 30, 0)), (10, 20, 30)),
    "P": (Image.new("RGB", (4, 4), (200, 100, 50)).quantize(4), (200, 100, 50)),
    "LAB": (Image.new("LAB", (4, 4), (255, 128, 128)), (255, 255, 255)),
}


@pytest.mark.parametrize("name", WHITE_IF_CLEAR)
def test_converts_every_mode(tmp_path, name):
    image, expected = WHITE_IF_CLEAR[name]
    image.save(tmp_path / "x.tiff")
    read = read_image(tmp_path / "x.tiff")
    assert read.shape == (4, 4, len(expected))
    assert np.abs(read.astype(int) - np.array(expected)).max() <= 1
    assert read_header(tmp_path / "x.tiff").channels == len(expected)
    assert np.array_equal(read, read_image(tmp_path / "x.tiff"))


@pytest.mark.parametrize(("mode", "clear"), [("RGBa", "RGBA"), ("La", "LA"), ("PA", "RGBA"), ("HSV", None)])
def test_modes_that_no_file_here_can_be_written_in(mode, clear):
    half = (0, 128) if clear == "LA" else (0, 0, 0, 128)
    image = Image.new(clear, (4, 4), half) if clear else Image.new("RGB", (4, 4))
    pixels = np.asarray(to_gray_or_rgb(image.convert(mode))[0])
    assert (pixels == (127 if clear else 0)).all()


def test_palette_with_a_transparent_color(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "x.png", transparency=0)
    assert read_image(tmp_path / "x.png").tolist() == [[[255, 255, 255], [200, 100, 50]]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotated_photos_are_turned_upright(tmp_path, orientation):
    upright = noise(8, 5, 1)
    stored = {  # how a camera stores it for each value of the EXIF orientation
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = write(tmp_path / "x.png", encoded(np.ascontiguousarray(stored), exif=exif))
    assert np.array_equal(read_image(path)[..., 0], upright)


def test_first_frame_of_an_animation(tmp_path):
    first, second = (Image.fromarray(noise(6, 6, 1, seed)) for seed in (1, 2))
    first.save(tmp_path / "x.gif", save_all=True, append_images=[second])
    assert read_header(tmp_path / "x.gif").frames
    assert np.array_equal(read_image(tmp_path / "x.gif", channels=1)[..., 0], np.asarray(first))


JPEG, PNG = encoded(noise(200, 200), "JPEG"), encoded(noise(200, 200))
BAD = {
    "empty": (b"", "the file is empty"),
    "text": (b"hello, I am a text\n" * 5, "looks like text"),
    "accents": ("été ".encode() * 300, "looks like text"),
    "html": (b"\n <!DOCTYPE html><html></html>", "web page"),
    "noise": (bytes(range(255, 0, -1)) * 3, "it is not an image"),
    "jpeg half": (JPEG[: len(JPEG) // 2], "truncated"),
    "jpeg start": (JPEG[:20], "JPEG.*(damaged|cut)"),
    "png half": (PNG[: len(PNG) // 2], "truncated"),
    "png flipped": (PNG[:5000] + bytes(200) + PNG[5200:], "damaged|truncated"),
    "gif start": (encoded(noise(9, 9, 1), "GIF")[:8], "GIF|damaged|truncated"),
    "bmp half": (encoded(noise(), "BMP")[:700], "truncated|damaged"),
    "tiff half": (encoded(noise(), "TIFF")[:700], "truncated|damaged"),
    "webp half": (encoded(noise(), "WEBP")[:200], "truncated|damaged|not an image"),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG, is not supported"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC, is not supported"),
    "avif": (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF, is not supported"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript, is not supported"),
    "fits": (b"SIMPLE  =                    T", "FITS, is not supported"),
    "pdf": (b"%PDF-1.4", "PDF, is not supported"),
    "ico": (encoded(noise(16, 16), "ICO"), "ICO, is not supported"),
    "81 million pixels": (bomb(), "81 million pixels; 80 million are allowed"),
    "196 million pixels": (bomb(14_000, 14_000), "more pixels than the 80 million|196 million"),
}


@pytest.mark.parametrize("name", BAD)
def test_unusable_files_are_refused(tmp_path, name):
    content, reason = BAD[name]
    path = write(tmp_path / "bad.jpg", content)
    with pytest.raises(ImageError, match=reason) as caught:
        read_image(path)
    assert str(path) in str(caught.value) and str(path) not in caught.value.reason
    assert caught.value.exit_code == 3 and "\n" not in caught.value.reason


@pytest.mark.skipif(sys.platform == "win32", reason="resource is for Unix")
def test_a_bomb_costs_no_memory(tmp_path):
    write(tmp_path / "bomb.png", bomb())
    assert (tmp_path / "bomb.png").stat().st_size < 15_000
    code = (
        "import resource, sys; from axone.data.images.decode.file import read_image\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_image(sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "bomb.png")]
    name, grown = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert name == "ImageError"
    assert int(grown) < (5_000 if sys.platform == "linux" else 5_000_000)  # kB; bytes on macOS


def test_only_regular_files_are_read(tmp_path):
    with pytest.raises(ImageError, match="regular"):
        read_image(tmp_path)
    with pytest.raises(ImageError, match="no such file"):
        read_image(tmp_path / "none.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_pipes_devices_and_loops_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "is broken")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "passwd.png").symlink_to("/etc/passwd")
    reasons = {"pipe": "regular", "loop": "to itself", "gone": "is broken", "zero": "regular", "passwd": "text"}
    for name, reason in reasons.items():
        with pytest.raises(ImageError, match=reason):
            read_image(tmp_path / f"{name}.png")


@pytest.mark.parametrize(("error", "said"), [(PermissionError, "may not be read"), (MemoryError, "memory")])
def test_errors_of_the_machine_are_not_errors_of_the_data(tmp_path, monkeypatch, error, said):
    path = write(tmp_path / "x.png", encoded(noise()))

    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ResourceError, match=said) as caught:
        read_image(path)
    assert str(path) in str(caught.value)


def test_an_image_is_resized_to_cover_and_cropped_to_its_middle():
    landscape = np.zeros((10, 30), np.uint8)
    landscape[:, 10:20] = 200
    assert np.array_equal(to_input(Image.fromarray(landscape), size=10)[..., 0], np.full((10, 10), 200))
    assert np.array_equal(to_input(Image.fromarray(landscape.T.copy()), size=10)[..., 0], np.full((10, 10), 200))
    assert to_input(Image.fromarray(noise(1, 1)), size=8).shape == (8, 8, 3)
    assert to_input(Image.fromarray(noise(5000, 1)), size=8).shape == (8, 8, 3)


@pytest.mark.parametrize("name", WHITE_IF_CLEAR)
def test_one_reading_gives_what_header_and_image_give(tmp_path, name):
    image, _expected = WHITE_IF_CLEAR[name]
    path = tmp_path / "x.tiff"
    image.save(path)
    decoded = decode_file(path, size=3, channels=3)
    assert decoded.header == read_header(path)
    assert np.array_equal(decoded.pixels, read_image(path, size=3, channels=3))
    assert decoded.sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert decode_file(path, size=3, channels=3, unless_sha256=decoded.sha256) is None


def test_one_reading_of_an_animation(tmp_path):
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        first, second = (Image.fromarray(noise(6, 6, 1, seed)) for seed in (1, 2))
        path = tmp_path / f"x.{kind.lower()}"
        first.save(path, kind, save_all=True, append_images=[second], **({"lossless": True} if kind == "WEBP" else {}))
        decoded = decode_file(path, size=6, channels=1)
        assert decoded.header.frames
        assert np.array_equal(decoded.pixels, read_image(path, size=6, channels=1))
        assert np.abs(decoded.pixels[..., 0].astype(int) - np.asarray(first)).max() <= 1
