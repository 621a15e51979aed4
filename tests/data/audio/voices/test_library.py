import numpy as np
import pytest

from axone.data.audio.voices import library as module
from axone.data.audio.voices.library import EspeakLibrary, load_library
from axone.data.audio.voices.voice import SpeechError, Voice
from axone.data.audio.voices.words import ACCENTS, VARIANTS

library = load_library()
needs_library = pytest.mark.skipif(library is None, reason="no library of eSpeak NG")


@needs_library
def test_it_speaks_and_voices_differ():
    assert library is not None and library.version.startswith("eSpeak NG 1.")
    samples, rate = library.speak("seven", Voice("en-us+f3"))
    assert rate == 22050 and 0.3 < len(samples) / rate < 1.0 and 0.05 < np.abs(samples).max() <= 1
    slow, _rate = library.speak("seven", Voice("en-us+f3", speed=110))
    assert len(slow) > 1.2 * len(samples)
    other, _rate = library.speak("seven", Voice("en-us+m3"))
    assert len(other) != len(samples) or not np.array_equal(other, samples)


@needs_library
def test_all_voices_of_the_data_sets_exist():
    assert library is not None
    for names in ACCENTS.values():
        for accent in names:
            assert len(library.speak("a", Voice(f"{accent}+m1"))[0])
    failures = 0
    for variant in VARIANTS:
        try:
            library.speak("a", Voice(f"en+{variant}"))
        except SpeechError:
            failures += 1
    assert failures < 5  # versions differ by a few


@needs_library
def test_an_unknown_voice_is_an_error():
    assert library is not None
    with pytest.raises(SpeechError, match="no voice"):
        library.speak("a", Voice("klingonish"))


def test_a_library_that_cannot_be_loaded(monkeypatch, tmp_path):
    (tmp_path / "lib.so").write_bytes(b"no library")
    with pytest.raises(SpeechError):
        EspeakLibrary(str(tmp_path / "lib.so"))
    monkeypatch.setattr(module, "_find_in_loader", list)
    monkeypatch.setattr(module, "_find_in_system", lambda: [(str(tmp_path / "lib.so"), None)])
    assert load_library.__wrapped__() is None
