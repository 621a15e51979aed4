"""A file of another format of tables is named by the error about a text file."""

from pathlib import Path

import pytest

from axone.data.tables.formats.encoding import decode
from axone.errors import DataError


@pytest.mark.parametrize(("data", "ending"), [(b"PK\x03\x04\0\0", "xlsx"), (b"PAR1\0\0\0", "parquet")])
def test_other_formats_are_named(data, ending):
    with pytest.raises(DataError, match=f"content is that of a .{ending} file") as caught:
        decode(Path("a.csv"), data)
    assert ending in caught.value.hint


def test_what_is_of_no_known_format_is_refused_as_text_is():
    with pytest.raises(DataError, match="looks binary"):
        decode(Path("a.csv"), b"a,b\n1,\0\n")
    assert decode(Path("a.csv"), b"a,b\n1,2\n").data == b"a,b\n1,2\n"
