import pytest

from axone.data.audio.files.folder import list_class_folders
from axone.data.audio.files.read import choose_rate, decode_files
from axone.errors import DataError
from axone.progress import ignore_progress
from tests.helpers.data.recordings import tone, write_folder, write_wav


def test_the_most_frequent_rate_is_chosen_up_to_16_khz(tmp_path):
    paths = [write_wav(tmp_path / f"{n}.wav", tone(0.02), rate) for n, rate in enumerate([8000, 11025, 11025, 48000])]
    (tmp_path / "bad.wav").write_bytes(b"")
    assert choose_rate([*paths, tmp_path / "bad.wav"]) == 11025
    assert choose_rate(paths[3:]) == 16000 and choose_rate([]) == 16000
    assert choose_rate([paths[0], paths[1]]) == 8000  # the lower of two


def test_files_that_cannot_be_used_are_skipped_and_long_ones_do_not_count(tmp_path):
    root = write_folder(tmp_path / "a", {"x": 15, "y": 15})
    (root / "x" / "empty.wav").write_bytes(b"")
    for number in range(6):
        write_wav(root / "y" / f"long{number}.wav", tone(1.0, seed=number))
    write_wav(root / "y" / "short.wav", tone(0.005))
    files, _notes = list_class_folders(root)
    done = []
    with pytest.raises(DataError, match="2 of the 38 files"):
        decode_files(root, files, [], 8000, 0.5, lambda *step: done.append(step[1:]))
    assert done[-1] == (38, 38)
    (root / "y" / "short.wav").unlink()
    files, _notes = list_class_folders(root)
    cache = decode_files(root, files, [], 8000, 0.5, ignore_progress)
    assert len(cache.rows) == 30 and len(cache.skipped) == 7 and len(cache.too_long) == 6
    assert [files[row.source].name for row in cache.rows] == [row.name for row in cache.rows]


def test_a_changed_file_is_decoded_again(tmp_path):
    root = write_folder(tmp_path / "a", {"x": 2, "y": 2})
    files, _notes = list_class_folders(root)
    before = decode_files(root, files, [], 8000, 5.0, ignore_progress)
    write_wav(files[0].path, tone(0.4, seed=9))
    after = decode_files(root, files, [], 8000, 5.0, ignore_progress)
    assert after.rows[0].hash != before.rows[0].hash and after.rows[1:] == before.rows[1:]


def test_nothing_usable(tmp_path):
    root = write_folder(tmp_path / "a", {"x": 1, "y": 1}, seconds=1.0)
    files, _notes = list_class_folders(root)
    with pytest.raises(DataError, match="No recording in"):
        decode_files(root, files, [], 8000, 0.1, ignore_progress)
