"""Compressed files are read as what they contain, and never grow beyond the memory."""

import gzip

import pytest

from axone.data import memory
from axone.data.tables.formats.compression import read_bytes
from axone.errors import DataError, ResourceError


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv"])
def test_the_content_says_whether_it_is_compressed(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n"))
    assert read_bytes(path, 4) == b"a,b\n1,2\n"
    path.write_bytes(b"a,b\n")
    assert read_bytes(path, 4) == b"a,b\n"


def test_a_file_that_grows_beyond_the_memory_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(bytes(1 << 24)))
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(memory, "free_memory", lambda: 1 << 24)
    with pytest.raises(ResourceError, match="does not fit into memory"):
        read_bytes(path, 4)


def test_cut_and_damaged_files(tmp_path):
    path = tmp_path / "a.csv.gz"
    content = gzip.compress(bytes(range(256)) * 20)
    for data in (content[:-9], content[:20] + b"\xff\xff" + content[22:], content[:-3] + b"\0\0\0"):
        path.write_bytes(data)
        with pytest.raises(DataError, match="cannot be decompressed"):
            read_bytes(path, 4)
