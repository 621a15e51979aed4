import json

import numpy as np
import pytest

from axone.data.audio.cache import format as module
from axone.data.audio.cache.admin import audio_caches_folder
from axone.data.audio.cache.build import ensure_cache
from tests.helpers.data.recordings import tone


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))


def build(calls: list, fail: bool = False):
    def write(writer):
        calls.append(1)
        writer.add("a", 0.1 * tone(), target="x", group="g", source=4)
        if fail:
            raise KeyboardInterrupt
        writer.add("b", tone(0.3, seed=1))
        writer.skip("c", "why", is_too_long=True)

    return write


def test_it_is_built_once_and_has_what_was_written():
    calls: list[int] = []
    first = ensure_cache("name", 1, "state", 8000, build(calls))
    again = ensure_cache("name", 1, "state", 8000, build(calls))
    assert len(calls) == 1 and again.rows == first.rows and again.skipped == (("c", "why"),)
    assert again.too_long == ("c",) and again.recordings.names == ("a", "b")
    assert again.recordings.lengths.tolist() == [1600, 2400]
    assert again.recordings.read(0).abs().max() == 1  # scaled to the full level
    assert (first.rows[0].target, first.rows[0].group, first.rows[0].source) == ("x", "g", 4)
    facts = json.loads(next(audio_caches_folder().glob("*/*/cache.json")).read_text())
    assert facts == {"source": "name", "recordings": 2, "rate": 8000, "seconds": 0.5}


def test_equal_samples_have_equal_hashes():
    cache = ensure_cache("x", 1, 1, 8000, lambda writer: [writer.add(str(i), tone(seed=i // 2)) for i in range(3)])
    hashes = [row.tobytes() for row in cache.recordings.hashes]
    assert hashes[0] == hashes[1] != hashes[2]


def test_another_state_replaces_the_cache_and_another_rate_has_its_own():
    calls: list[int] = []
    ensure_cache("name", 1, "old", 8000, build(calls))
    ensure_cache("name", 1, "new", 8000, build(calls))
    ensure_cache("name", 1, "new", 16000, build(calls))
    assert len(calls) == 3 and len(list(audio_caches_folder().glob("*/*/rows.json"))) == 2


@pytest.mark.parametrize("damage", ["samples.i16", "rows.json"])
def test_a_damaged_cache_is_built_again(damage):
    calls: list[int] = []
    ensure_cache("name", 1, "state", 8000, build(calls))
    path = next(audio_caches_folder().glob(f"*/*/{damage}"))
    path.write_bytes(path.read_bytes()[:-10])
    assert len(ensure_cache("name", 1, "state", 8000, build(calls)).rows) == 2 and len(calls) == 2


def test_an_interrupted_building_leaves_nothing():
    with pytest.raises(KeyboardInterrupt):
        ensure_cache("name", 1, "state", 8000, build([], fail=True))
    assert [path.name for path in audio_caches_folder().glob("*/*") if path.is_dir()] == []


def test_large_caches_are_mapped(monkeypatch):
    monkeypatch.setattr(module, "max_bytes_read", lambda: 10)
    cache = ensure_cache("name", 1, "state", 8000, build([]))
    assert isinstance(cache.recordings.samples, np.memmap) and len(cache.recordings.read(1)) == 2400
