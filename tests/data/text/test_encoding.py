"""Text files in every usual encoding are read alike; what is damaged or in another encoding is refused."""

from pathlib import Path

import pytest

from axone.data.text import encoding
from axone.data.text.encoding import decode, find_invalid_utf8
from axone.errors import DataError

TEXT = "city,n\nZ\u00fcrich,1\nGen\u00e8ve,2\n"
FILE = Path("a.csv")


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_are_found_and_named(codec, name, end):
    decoded = decode(FILE, TEXT.replace("\n", end).encode(codec))
    assert decoded.data.replace(b"\r\n", b"\n") == TEXT.encode()
    assert [name in note and "Z\u00fcrich" in note for note in decoded.notes] == ([True] if name else [])


def test_a_currency_sign_of_windows():
    assert "1 \u20ac".encode() in decode(FILE, "n\n1 \u20ac\n2 \u20ac\n".encode("cp1252")).data


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "is empty"),
        (" \n ".encode("utf-16"), "is empty"),
        ("\u0433\u043e\u0440\u043e\u0434,n\n\u041c\u043e\u0441\u043a\u0432\u0430,1\n".encode("cp1251"), "line 1"),
        ("\u90fd\u5e02,n\n\u6771\u4eac,1\n".encode("shift_jis"), "neither UTF-8 nor Windows-1252"),
        ("n,c\n1,Z\u00fcrich\n2,Gen\u00e8ve\n3,B".encode() + b"\xe8\n", r"line 4 is damaged \(byte 27: 0xe8\)"),
        (b"a,b\n1,\0\n", r"looks binary: line 2 has a zero byte \(byte 6\)"),
        (b"a,b\n1,\x01\xff\n", "looks binary: line 2 has a control character"),
        ("a,b\n1,2".encode("utf-16")[:-1], "looks like UTF-16, but is damaged at byte"),
    ],
)
def test_what_is_no_text_is_refused(data, match):
    with pytest.raises(DataError, match=match) as caught:
        decode(FILE, data)
    assert caught.value.hint or "empty" in match


def test_a_long_text_is_checked_block_by_block(monkeypatch):
    text = "a\u00e9\u6771\U0001f600" * 5
    data = text.encode()
    for block in range(1, 12):
        monkeypatch.setattr(encoding, "BLOCK", block)
        assert find_invalid_utf8(data) is None
        for place in range(len(data)):
            broken = data[:place] + b"\xff" + data[place + 1 :]
            with pytest.raises(UnicodeDecodeError) as caught:
                broken.decode()
            assert find_invalid_utf8(broken) == caught.value.start
        assert find_invalid_utf8(data[:-1]) == len(data) - 4
