from axone import cli
from axone.data.audio.cache.admin import audio_caches_folder, list_audio_caches
from axone.data.audio.cache.build import ensure_cache
from tests.helpers.data.recordings import tone


def test_caches_are_listed_and_removed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    assert list_audio_caches() == []
    ensure_cache("my words", 1, "state", 8000, lambda writer: writer.add("a", tone(3.0)))
    (entry,) = list_audio_caches()
    assert (entry["source"], entry["recordings"], entry["seconds"], entry["rate"]) == ("my words", 1, 3.0, 8000)
    assert entry["bytes"] > 48_000
    assert cli.main(["data"]) == 0
    output = capsys.readouterr().out
    for part in ("my words\n    1 recording, 0.1 min, 8,000 Hz", "spoken-digits", "morse"):
        assert part in output, output
    assert cli.main(["data", "clear"]) == 0
    assert list_audio_caches() == [] and not list(audio_caches_folder().glob("*/*/*"))
