"""The ten bad inputs for recordings, by their numbers in the project's list (reliability, section 2).

Each gets the answer it deserves: skipped with its reason, or used with a note.
"""

from __future__ import annotations

import resource
import tracemalloc

import numpy as np
import pytest
import torch

from axone.data.audio.decode.errors import AudioError
from axone.data.audio.decode.file import read_blocks, read_recording
from axone.data.audio.features import LogMel
from axone.data.audio.load import load_audio
from axone.data.audio.report import build_report, describe
from axone.errors import DataError
from tests.helpers.data.recordings import tone, wav_bytes, write_folder, write_wav


@pytest.fixture
def root(tmp_path):
    """A folder of forty good recordings in two classes, so that one bad file is not too many."""
    return write_folder(tmp_path / "words", {"yes": 20, "no": 20}, seconds=0.05)


def skipped(root, data: bytes) -> str:
    """Why a file is skipped: as it is printed, and as it is saved in the run."""
    (root / "yes" / "bad.wav").write_bytes(data)
    audio = load_audio(str(root))
    assert len(audio.recordings) == 40
    ((name, reason),) = audio.skipped
    assert name == "yes/bad.wav"
    assert any(reason in line and "bad.wav" in line for line in describe(audio, audio.splits))
    assert build_report(audio, audio.splits)["skipped"] == [{"file": name, "reason": reason}]
    return reason


def test_49_an_empty_file_and_a_header_without_samples(root):
    assert "0 bytes" in skipped(root, b"")
    assert "no samples" in skipped(root, wav_bytes(b""))


def test_50_another_format_named_wav(root):
    assert "web page" in skipped(root, b"<!DOCTYPE html><html><body>Not found</body></html>")
    assert "decoder says" in skipped(root, b"ID3\x04" + bytes(500))
    assert "Git LFS" in skipped(root, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    assert "begins with 89 50" in skipped(root, b"\x89PNG\r\n\x1a\n" + bytes(100))


def test_51_a_header_that_says_4_gb_allocates_nothing(root):
    tracemalloc.start()
    reason = skipped(root, wav_bytes(bytes(1000), data_size=3_900_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "cut off" in reason and peak < 50_000_000


@pytest.mark.parametrize(("encoding", "bits"), [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (6, 8), (7, 8)])
def test_52_every_usual_encoding_is_read(tmp_path, encoding, bits):
    data = np.random.default_rng(0).integers(0, 100, 800 * bits // 8).astype(np.uint8).tobytes()
    if encoding == 3:
        data = tone(0.1).astype(f"<f{bits // 8}").tobytes()
    (tmp_path / "a.wav").write_bytes(wav_bytes(data, encoding=encoding, bits=bits))
    assert len(read_recording(tmp_path / "a.wav").samples) == 800


def test_52_other_encodings_say_what_to_do(root):
    assert "re-encode it as PCM of 16 bits" in skipped(root, wav_bytes(bytes(512), encoding=0x11, bits=4))


def test_53_54_mixed_rates_and_channels_are_converted_and_stated_once(root):
    write_wav(root / "yes" / "rate.wav", tone(0.1, rate=44100), 44100)
    write_wav(root / "yes" / "six.wav", np.stack([tone(0.1, seed=n) for n in range(6)], 1))
    audio = load_audio(str(root))
    lines = describe(audio, audio.splits)
    assert len(audio.recordings) == 42 and audio.recordings.rate == 8000
    assert sum("resampled" in line for line in lines) == 1 and sum("several channels" in line for line in lines) == 1


def test_55_samples_that_are_no_numbers_silence_and_clipping(root):
    values = tone(0.1)
    values[::100] = np.inf
    write_wav(root / "yes" / "clipped.wav", np.clip(9 * tone(0.1, seed=8), -1, 1))
    (root / "yes" / "inf.wav").write_bytes(wav_bytes(values.tobytes(), encoding=3, bits=32))
    audio = load_audio(str(root))
    text = "\n".join(describe(audio, audio.splits))
    assert "inf.wav" in text and "clipped.wav" in text and len(audio.recordings) == 42
    for index in range(42):
        samples = audio.recordings.read(index)
        assert samples.isfinite().all()
        assert LogMel(8000)(samples[None], torch.tensor([len(samples)]))[0].isfinite().all()
    (root / "yes" / "inf.wav").unlink()
    (root / "yes" / "clipped.wav").unlink()
    assert "silent" in skipped(root, wav_bytes(bytes(1600)))
    assert "no numbers" in skipped(root, wav_bytes(np.full(800, np.nan, "<f4").tobytes(), encoding=3, bits=32))


def test_56_shorter_than_a_window(root):
    assert "shorter than 0.01 s" in skipped(root, wav_bytes(b"\x10\x10" * 20))
    write_wav(root / "yes" / "bad.wav", tone(0.015))  # shorter than a window of 25 ms, but longer than a step
    audio = load_audio(str(root))
    samples, lengths = audio.recordings.read_batch(audio.splits["train"])
    assert len(audio.recordings) == 41 and LogMel(8000)(samples, lengths)[0].isfinite().all()


def test_57_a_recording_of_10_hours_is_read_in_blocks(tmp_path, root):
    path = tmp_path / "long.wav"
    hours = 10 * 3600 * 8000 * 2
    with path.open("wb") as file:
        file.write(wav_bytes(b"", data_size=hours))
        file.truncate(file.tell() + hours)  # no disk is used for the zeros
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blocks = read_blocks(path, 8000, seconds=30.0)
    assert [len(next(blocks)) for _number in range(20)] == [240_000] * 20
    blocks.close()
    with pytest.raises(AudioError, match=r"it has 36,000 s; the limit is 60 s"):
        read_recording(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB
    path.rename(root / "yes" / "long.wav")
    audio = load_audio(str(root))  # too long is no fault of the file: more than 5 % may be
    assert len(audio.recordings) == 40 and "36,000 s" in audio.skipped[0][1]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"rate": 0}, "0 Hz"), ({"channels": 0}, "0 channels"), ({"bits": 0}, "0 bits"), ({"rate": 2**32 - 1}, "Hz")],
)
def test_58_impossible_headers(root, fields, reason):
    assert reason in skipped(root, wav_bytes(bytes(800), byte_rate=16000, **fields))


def test_58_a_byte_rate_that_lies_is_ignored(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav_bytes(tone().astype("<f4").tobytes(), encoding=3, bits=32, byte_rate=7))
    assert len(read_recording(tmp_path / "a.wav").samples) == 1600


def test_too_many_bad_files_are_refused(root):
    for number in range(3):
        (root / "yes" / f"bad{number}.wav").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"(?s)3 of the 43 files.*more than 5 %.*bad0.wav"):
        load_audio(str(root))
