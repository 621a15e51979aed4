"""The reason why a file is not an image, from its first bytes."""

import struct

import pytest

from axone.data.images.decode.file import ImageError, read_image
from axone.data.images.decode.signature import describe_signature


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\0\0\0\x18ftypheic....", "HEIC, is not supported"),
        (b"\0\0\0\x18ftypavif....", "AVIF, is not supported"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><svg>", "SVG, is not supported"),
        (b"%PDF-1.7", "PDF, is not supported"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "begins like PNG, but its header is damaged"),
        (b"<!DOCTYPE html><title>404</title>", "a web page"),
        ("Ein Text mit Umlauten: äöü".encode(), "looks like text"),
        (b"\x80\x81\x82 binary \xff", "it is not an image"),
        (b"text with a zero \0", "it is not an image"),
    ],
)
def test_the_reason_follows_from_the_first_bytes(tmp_path, content, reason):
    (tmp_path / "file.jpg").write_bytes(content)
    assert reason in describe_signature(tmp_path / "file.jpg")


def test_a_tiff_whose_values_pillow_does_not_read_says_which_they_are(tmp_path):
    tags = [(256, 3, 1), (257, 3, 1), (258, 3, 64), (259, 3, 1), (262, 3, 1), (273, 4, 100), (277, 3, 1), (279, 4, 8),
            (339, 3, 3)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    content = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(20)
    (tmp_path / "x.tif").write_bytes(content)
    with pytest.raises(ImageError) as caught:
        read_image(tmp_path / "x.tif")
    assert "1 x 64 bits (floats) is not supported: save it as" in caught.value.reason


def test_a_character_cut_by_reading_the_start_alone_is_text(tmp_path):
    (tmp_path / "long.jpg").write_bytes(b"x" * 1023 + "ä".encode() * 10)
    assert "looks like text" in describe_signature(tmp_path / "long.jpg")
