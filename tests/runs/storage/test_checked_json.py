from __future__ import annotations

import json
import random

import pytest

from axone.runs.storage.checked_json import decode_checked, encode_checked, read_checked

CONTENT = {"b": [1, 2.5, None], "a": "é", "c": {"sha256": "inner"}}


@pytest.mark.parametrize("content", [CONTENT, {}, {"z": 1}])
def test_content_is_read_as_it_was_written_with_its_hash_last(content):
    data = encode_checked(content)
    assert json.loads(data) == decode_checked(data) == {**content, "sha256": json.loads(data)["sha256"]}
    assert list(json.loads(data))[-1] == "sha256"
    assert encode_checked(decode_checked(data)) == data


@pytest.mark.parametrize("content", [CONTENT, {}])
def test_any_flipped_bit_and_any_other_spelling_is_found(content):
    data = encode_checked(content)
    for place in range(len(data)):
        for bit in range(8):
            with pytest.raises(ValueError, match=r"changed|readable"):
                decode_checked(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :])
    for other in (data + b"\n", b" " + data, data.replace(b"\n}\n", b"\n }\n"), data.replace(b"\\u00e9", b"\\u00E9")):
        if other != data:
            with pytest.raises(ValueError, match="changed"):
                decode_checked(other)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"sha256": 3}', b"[" * 100_000, b"\xff", b'{"a": NaN}', bytes(100)]
)
def test_other_spellings_are_refused(data):
    with pytest.raises(ValueError, match=r"changed|readable"):
        decode_checked(data)


def test_truncations_are_found(tmp_path):
    data = encode_checked(CONTENT)
    for length in random.Random(0).sample(range(len(data)), 40):
        (tmp_path / "file.json").write_bytes(data[:length])
        with pytest.raises(ValueError, match=r"changed|readable"):
            read_checked(tmp_path / "file.json")
    with pytest.raises(ValueError, match="missing"):
        read_checked(tmp_path / "none.json")
