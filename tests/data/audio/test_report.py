import json

import numpy as np
import pytest

from axone.data.audio.load import load_audio
from axone.data.audio.report import build_report, describe
from tests.helpers.data.recordings import tone, wav_bytes, write_folder, write_wav


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = write_folder(tmp_path_factory.mktemp("audio") / "words", {"yes": 40, "no": 8})
    write_wav(root / "yes" / "stereo.wav", np.stack([tone(), tone(seed=5)], 1), 16000)
    write_wav(root / "yes" / "clipped.wav", np.clip(5 * tone(seed=3), -1, 1))
    values = tone(seed=4).copy()
    values[3] = np.nan
    (root / "no" / "nan.wav").write_bytes(wav_bytes(values.tobytes(), encoding=3, bits=32))
    (root / "yes" / "empty.wav").write_bytes(b"")
    write_wav(root / "no" / "copy.wav", tone(0.2, 300.0, seed=0))  # also yes/000.wav
    return load_audio(str(root))


def test_sentences(data):
    text = "\n".join(describe(data, data.splits))
    for part in (
        "training, 0 validation and", "each from 0.1 to 0.59 s", "51 of 8,000 Hz, 1 of 16,000 Hz", "resampled to 8,000",
        "1 file has several channels", "clipped (its level was too high), for example yes/clipped.wav", "no/nan.wav",
        "imbalanced", "1 recording has two targets (for example no and yes)", "1 file was skipped:",
        "empty.wav: it is empty",
    ):  # fmt: skip
        assert part in text, text


def test_document(data):
    report = build_report(data, data.splits)
    assert json.loads(json.dumps(report)) == report
    assert report["rate"] == 8000 and report["targets"] == "classes" and report["skipped_count"] == 1
    assert sum(part["recordings"] for part in report["splits"].values()) == 52
    assert sum(report["splits"]["train"]["classes"].values()) == report["splits"]["train"]["recordings"]
    assert report["formats"]["WAV 16000 Hz, 2, 16"] == 1
    assert report["duplicates_count"] == 1


def test_transcripts_and_groups(tmp_path):
    rows = ["file,text,who"]
    for number in range(12):
        write_wav(tmp_path / f"{number}.wav", tone(0.1, seed=number))
        rows.append(f"{number}.wav,{'abz' if number == 5 else 'aab'},{'ann' if number % 2 else 'bob'}")
    (tmp_path / "all.csv").write_text("\n".join(rows))
    data = load_audio(str(tmp_path / "all.csv"), group="who")
    text = "\n".join(describe(data, data.splits))
    assert "3 different symbols in the transcripts; the rarest is 'z' (1 times)" in text
    report = build_report(data, data.splits)
    assert report["targets"] == "transcripts" and set(report["splits"]["train"]["groups"].values()) == {6}
