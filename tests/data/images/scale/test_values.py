import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from axone.data.images.scale.values import has_more_than_bytes, has_more_than_read, read_values


def tiff(array, sample_format):
    """Return the TIFF image of an array of 8 or 32 bits with a sample format, which Pillow itself cannot write."""
    stored = array.view(np.uint8) if array.itemsize == 1 else array.view(np.int32)
    buffer = io.BytesIO()
    Image.fromarray(stored).save(buffer, "TIFF", tiffinfo={339: 1 if array.itemsize == 1 else 2})
    written, wanted = (
        struct.pack("<HHIHH", 339, 3, 1, value, 0) for value in (1 if array.itemsize == 1 else 2, sample_format)
    )
    assert written in buffer.getvalue()
    return Image.open(io.BytesIO(buffer.getvalue().replace(written, wanted)))


@pytest.mark.parametrize(
    "array",
    [np.arange(-60, 60, dtype=np.int8), np.arange(0, 2**32 - 1, 2**32 // 120, dtype=np.uint32)[:120]],
    ids=["int8", "uint32"],
)
def test_signed_bytes_and_unsigned_integers_of_32_bits_are_not_read_as_the_other(array):
    image = tiff(array.reshape(10, 12), 2 if array.dtype == np.int8 else 1)
    assert has_more_than_bytes(image)
    assert np.array_equal(read_values(image), array.reshape(10, 12))


@pytest.mark.parametrize("kind", ["uint16", "int32", "float32"])
def test_values_of_16_and_32_bits(kind):
    array = np.arange(12).reshape(3, 4).astype(kind)
    image = Image.fromarray(array)
    assert has_more_than_bytes(image) and np.array_equal(read_values(image), array)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_images_of_8_bits(mode):
    assert not has_more_than_bytes(Image.new(mode, (2, 2)))


def test_color_of_16_bits_is_recognized_before_it_is_decoded(tmp_path):
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)  # width, height, bits, color type 2: RGB
    rows = zlib.compress(b"\0" + struct.pack(">6H", 256, 512, 768, 1024, 1280, 65_535))
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    image = Image.open(tmp_path / "x.png")
    assert has_more_than_read(image) and not has_more_than_bytes(image)
    assert np.asarray(image).tolist() == [[[1, 2, 3], [4, 5, 255]]]
    Image.fromarray(np.zeros((2, 2), np.uint16)).save(tmp_path / "gray.png")
    assert not has_more_than_read(Image.open(tmp_path / "gray.png"))
