import builtins

import av
import numpy as np
import pytest
import soundfile

from axone.data.audio.decode.errors import AudioError
from axone.data.audio.decode.file import read_recording
from axone.errors import ResourceError
from tests.helpers.data.recordings import tone


def write_with_av(path, codec: str, rate: int = 16000) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(1.0, rate=rate)[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


@pytest.mark.parametrize("kind", ["FLAC", "OGG", "AIFF", "AU", "CAF", "MP3"])
def test_soundfile_and_av_formats(tmp_path, kind):
    path = tmp_path / f"a.{kind.lower()}"
    soundfile.write(path, tone(1.0, rate=16000), 16000, format=kind)
    check_tone(path)


@pytest.mark.parametrize(("name", "codec", "rate"), [("a.m4a", "aac", 16000), ("a.webm", "libopus", 48000)])
def test_containers(tmp_path, name, codec, rate):
    write_with_av(tmp_path / name, codec, rate)
    check_tone(tmp_path / name)


def check_tone(path) -> None:
    samples = read_recording(path, 8000).samples
    assert len(samples) == pytest.approx(8000, abs=800)
    spectrum = np.abs(np.fft.rfft(samples[1000:7000] * np.hanning(6000)))
    assert spectrum.argmax() * 8000 / 6000 == pytest.approx(440, abs=2)


@pytest.mark.parametrize("kind", ["FLAC", "OGG", "MP3"])
def test_a_cut_file_is_refused(tmp_path, kind):
    path = tmp_path / "a"
    soundfile.write(path, tone(4.0, rate=16000), 16000, format=kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"cut off|decoder says"):
        read_recording(path)


def test_a_cut_container_and_a_video_without_sound(tmp_path):
    write_with_av(tmp_path / "a.m4a", "aac")
    data = (tmp_path / "a.m4a").read_bytes()
    (tmp_path / "cut.m4a").write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioError, match="decoder says"):
        read_recording(tmp_path / "cut.m4a")
    with av.open(str(tmp_path / "silent.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 16
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    with pytest.raises(AudioError, match="no sound track"):
        read_recording(tmp_path / "silent.mp4")


@pytest.mark.parametrize(("start", "library", "extra"), [(b"fLaC", "soundfile", "sound"), (b"ID3", "av", "video")])
def test_a_missing_library_is_an_error_that_says_what_to_type(tmp_path, monkeypatch, start, library, extra):
    path = tmp_path / "a"
    path.write_bytes(start + bytes(100))
    load = builtins.__import__

    def without(name, *arguments, **options):
        if name == library:
            raise ImportError(name)
        return load(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ResourceError, match=rf"pip install 'axone\[{extra}\]'"):
        read_recording(path)
