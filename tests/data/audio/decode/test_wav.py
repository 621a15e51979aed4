import io
import wave

import numpy as np
import pytest
import soundfile

from axone.data.audio.decode.wav import MU_LAW, WavError, decode_blocks, encode_wav, read_header
from tests.helpers.data.recordings import tone, wav_bytes


def decode(data: bytes, frames: int = 1000) -> np.ndarray:
    file = io.BytesIO(data)
    return np.concatenate(list(decode_blocks(file, read_header(file), frames)))


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"])
@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "RF64"])
def test_every_encoding_is_read_as_libsndfile_reads_it(subtype, kind):
    stereo = np.stack([tone(seed=1), tone(hertz=900, seed=2)], 1)
    file = io.BytesIO()
    soundfile.write(file, stereo, 8000, subtype=subtype, format=kind)
    expected = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32")[0]
    assert decode(file.getvalue()) == pytest.approx(expected, abs=0)


def test_all_values_of_the_logarithmic_laws():
    for encoding, subtype in ((7, "ULAW"), (6, "ALAW")):
        data = wav_bytes(bytes(range(256)), encoding=encoding, bits=8)
        expected = soundfile.read(io.BytesIO(data), dtype="float32")[0]
        assert decode(data)[:, 0] == pytest.approx(expected, abs=0), subtype


def test_header():
    header = read_header(io.BytesIO(wav_bytes(bytes(600), encoding=MU_LAW, channels=3, rate=11025, bits=8)))
    assert (header.encoding, header.channels, header.rate, header.bits, header.frames) == (MU_LAW, 3, 11025, 8, 200)
    assert header.frame_bytes == 3


def test_blocks_have_the_requested_size_and_the_last_one_is_shorter():
    file = io.BytesIO(encode_wav(tone(0.1), 8000))
    assert [len(block) for block in decode_blocks(file, read_header(file), 300)] == [300, 300, 200]


def test_chunks_before_the_samples_are_passed_over():
    odd = b"LIST" + (3).to_bytes(4, "little") + b"abc" + b"\0"  # a chunk of odd size is followed by a byte
    assert len(decode(wav_bytes(bytes(200), before=odd))) == 100


def test_twelve_bits_are_read_from_the_two_bytes_that_hold_them():
    samples = np.array([0, 16384, -32768], "<i2").tobytes()
    data = bytearray(wav_bytes(samples))
    data[34:36] = (12).to_bytes(2, "little")
    assert decode(bytes(data))[:, 0].tolist() == [0, 0.5, -1]


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_size_that_the_writer_did_not_know_means_up_to_the_end(size):
    assert len(decode(wav_bytes(bytes(200), data_size=size))) == 100


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"RIFF", "not a WAV"),
        (b"OggS" + bytes(100), "not a WAV"),
        (wav_bytes(bytes(0)), "no samples"),
        (wav_bytes(bytes(1)), "no samples"),
        (wav_bytes(bytes(200), data_size=4000), "cut off"),
        (wav_bytes(bytes(200), channels=0), "0 channels"),
        (wav_bytes(bytes(200), channels=1000), "1000 channels"),
        (wav_bytes(bytes(200), rate=0), "0 Hz"),
        (wav_bytes(bytes(200), rate=4_000_000_000, byte_rate=0), "4000000000 Hz"),
        (wav_bytes(bytes(200), bits=0), "0 bits"),
        (wav_bytes(bytes(200), encoding=2, bits=4), "ADPCM"),
        (wav_bytes(bytes(200), encoding=0x1234), "0x1234"),
        (wav_bytes(bytes(200), encoding=0xFFFE), "format chunk"),
        (wav_bytes(bytes(200))[:30], "no fmt chunk|format chunk"),
        (wav_bytes(bytes(200)).replace(b"fmt ", b"fmtx"), "no fmt chunk"),
        (wav_bytes(bytes(200)).replace(b"data", b"dada"), "no data chunk"),
    ],
)
def test_damaged_files_are_refused_with_the_reason(data, reason):
    with pytest.raises(WavError, match=reason):
        decode(data)


def test_a_million_empty_chunks_do_not_take_long():
    with pytest.raises(WavError):
        decode(b"RIFF\0\0\0\0WAVE" + (b"junk" + bytes(4)) * 1_000_000)


def test_written_files_are_read_by_other_programs():
    stereo = np.stack([tone(), np.full(1600, 2.0, np.float32)], 1)  # the second channel is clipped
    with wave.open(io.BytesIO(encode_wav(stereo, 8000))) as file:
        assert file.getparams()[:4] == (2, 2, 8000, 1600)
        values = np.frombuffer(file.readframes(1600), "<i2").reshape(-1, 2)
    assert values[:, 0] / 32767 == pytest.approx(stereo[:, 0], abs=2e-5) and set(values[:, 1].tolist()) == {32767}
