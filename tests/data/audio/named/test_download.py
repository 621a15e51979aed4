import hashlib
import io
import zipfile
from dataclasses import replace

import pytest

from axone.data.audio.decode.wav import encode_wav
from axone.data.audio.load import load_audio
from axone.data.audio.named import download as module
from axone.errors import DataError
from axone.progress import ignore_progress
from tests.helpers.data.recordings import tone


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """The archive of a small data set of the same form, already in the cache."""
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for digit in range(2):
            for speaker in ("ann", "bob"):
                for take in range(8):
                    data = encode_wav(tone(0.1, seed=100 * digit + take, hertz=300 + 200 * digit), 8000)
                    archive.writestr(f"fsdd-1.0/recordings/{digit}_{speaker}_{take}.wav", data + speaker.encode())
        archive.writestr("fsdd-1.0/recordings/../../../evil.wav", b"x")
        archive.writestr("fsdd-1.0/recordings/0_evil_1.wav/../x.wav", b"x")
        archive.writestr("fsdd-1.0/README.md", b"x")
    data = file.getvalue()
    (entry,) = module.SPOKEN_DIGITS_SPEC.files
    entry = replace(entry, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    monkeypatch.setattr(module, "SPOKEN_DIGITS_SPEC", replace(module.SPOKEN_DIGITS_SPEC, files=(entry,)))
    monkeypatch.setattr(module, "_COUNT", 32)
    (tmp_path / "spoken-digits").mkdir()
    (tmp_path / "spoken-digits" / entry.name).write_bytes(data)
    return tmp_path


def test_only_recordings_are_unpacked_and_once(archive):
    folder = module.ensure_spoken_digits(ignore_progress)
    assert len(list(folder.iterdir())) == 32 and not list(archive.glob("**/evil.wav"))
    (folder / "0_ann_0.wav").write_bytes(b"changed")
    assert module.ensure_spoken_digits(ignore_progress) == folder
    assert (folder / "0_ann_0.wav").read_bytes() == b"changed"


def test_takes_0_to_4_are_the_test_set(archive):
    data = load_audio("spoken-digits", group="*_{group}_*")
    names = {data.recordings.names[index] for index in data.splits["test"].tolist()}
    assert len(names) == 20 and all(name.rpartition("_")[2][0] in "01234" for name in names)
    assert data.classes == ("0", "1") and set(data.groups) == {"ann", "bob"}
    alone = load_audio("spoken-digits", group="*_{group}_*", held_out=["bob"])
    assert len(alone.splits["test"]) == 16


def test_without_a_network_the_error_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"spoken-digits.*downloads are off"):
        module.ensure_spoken_digits(ignore_progress)
