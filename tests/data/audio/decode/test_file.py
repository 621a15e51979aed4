import numpy as np
import pytest
import soundfile

from axone.data.audio.decode.errors import AudioError, TooLongError
from axone.data.audio.decode.file import read_blocks, read_info, read_recording
from tests.helpers.data.recordings import tone, write_wav


def test_a_recording_is_one_channel_at_the_requested_rate_and_full_level(tmp_path):
    stereo = np.stack([tone(0.5, rate=16000), np.zeros(8000, np.float32)], 1)
    recording = read_recording(write_wav(tmp_path / "a.wav", stereo, 16000), 8000)
    assert recording.rate == 8000 and len(recording.samples) == 4000 and recording.seconds == 0.5
    assert np.abs(recording.samples).max() == pytest.approx(1) and recording.peak == pytest.approx(0.25, abs=0.02)
    assert recording.info == ("WAV", 16000, 2, 16, 8000)
    assert (recording.clipped, recording.replaced) == (False, 0)


def test_info_is_read_without_decoding(tmp_path):
    assert read_info(write_wav(tmp_path / "a.wav", tone())) == ("WAV", 8000, 1, 16, 1600)


def test_the_content_decides_not_the_name(tmp_path):
    path = write_wav(tmp_path / "a.mp3", tone())
    assert read_info(path).format == "WAV"
    soundfile.write(tmp_path / "b.wav", tone(), 8000, format="FLAC")
    assert read_info(tmp_path / "b.wav").format == "FLAC"


def test_clipping_is_noticed_but_not_in_a_tone_at_full_level(tmp_path):
    loud = write_wav(tmp_path / "loud.wav", np.clip(5 * tone(), -1, 1))
    full = write_wav(tmp_path / "full.wav", tone() / np.abs(tone()).max())
    assert read_recording(loud).clipped and not read_recording(full).clipped


def test_a_recording_over_the_limit_is_refused_from_its_header(tmp_path):
    path = write_wav(tmp_path / "long.wav", tone(2.0))
    with pytest.raises(TooLongError, match=r"it has 2 s; the limit is 1.5 s"):
        read_recording(path, longest=1.5)


def test_blocks_of_a_long_recording(tmp_path):
    path = write_wav(tmp_path / "long.wav", tone(2.5, rate=16000), 16000)
    blocks = list(read_blocks(path, 8000, seconds=1.0))
    assert [len(block) for block in blocks] == [8000, 8000, 4000]
    whole = read_recording(path, 8000)
    joined = np.concatenate(blocks)
    assert joined / np.abs(joined).max() == pytest.approx(whole.samples, abs=1e-5)


@pytest.mark.parametrize("name", ["missing.wav", "folder"])
def test_what_is_no_file(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(AudioError, match=r"no such file|is a folder"):
        read_recording(tmp_path / name)
