"""One text file: its encodings, its line ends, and what is no text."""

import os

import pytest

from axone.data.text.files import read_text_file
from axone.errors import DataError, ResourceError


def write(folder, data, name="a.txt"):
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_every_usual_encoding_gives_the_same_text(codec, tmp_path):
    file = read_text_file(write(tmp_path, "caf\u00e9\r\nna\u00efve\r\n".encode(codec)))
    assert (file.name, file.text) == ("a.txt", "caf\u00e9\nna\u00efve\n")
    assert bool(file.notes) == (not codec.startswith("utf-8"))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "is empty"),
        (b" \n\t\n ", "is empty"),
        (b"\x7fELF\x02\x01\0\0", "looks binary"),
        (b"good text\n" * 9 + "\u00e9\u00e8".encode() + b"\xff end\n", r"line 10 is damaged \(byte 94: 0xff\)"),
        ("\u043f\u0440\u0438\u0432\u0435\u0442".encode("koi8-r"), "neither UTF-8 nor Windows-1252"),
    ],
)
def test_what_is_no_text_is_refused(data, match, tmp_path):
    with pytest.raises(DataError, match=match):
        read_text_file(write(tmp_path, data))


def test_unusual_characters_are_kept(tmp_path):
    text = "a\u202eb\u200bc\x07\ufeff\u2028d \x85\n"
    assert read_text_file(write(tmp_path, text.encode())).text == text


def test_missing_files_folders_and_pipes(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_text_file(tmp_path / "missing.txt")
    with pytest.raises(DataError, match="is a folder"):
        read_text_file(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(DataError, match=r"cannot be read|no file"):
        read_text_file(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not an ordinary file"):
        read_text_file(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = write(tmp_path, b"text")
    path.chmod(0)
    with pytest.raises(ResourceError, match="may not be read"):
        read_text_file(path)
