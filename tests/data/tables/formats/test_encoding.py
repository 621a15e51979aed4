"""Text files in every usual encoding are read alike; what is damaged or in another encoding is refused."""

from pathlib import Path

import pytest

from axone.data.tables.formats.encoding import decode
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
        ("n,c\n1,Z\u00fcrich\n2,Gen\u00e8ve\n3,B".encode() + b"\xe8\n", "line 4 is damaged"),
        (b"a,b\n1,\0\n", "Line 2 of .* zero byte"),
        (b"a,b\n1,\x01\xff\n", "Line 2 of .* control character"),
        ("a,b\n1,2".encode("utf-16")[:-1], "looks like UTF-16, but is damaged at byte"),
        (b"PK\x03\x04\0\0", "content is that of a .xlsx file"),
    ],
)
def test_what_is_no_text_is_refused(data, match):
    with pytest.raises(DataError, match=match) as caught:
        decode(FILE, data)
    assert caught.value.hint or "empty" in match
