import pytest

from axone.data.audio.files.folder import list_class_folders, list_named_files
from axone.errors import DataError
from tests.helpers.data.recordings import tone, write_wav


def touch(root, *names):
    for name in names:
        write_wav(root / name, tone(0.02))
    return root


def test_the_class_is_the_first_folder(tmp_path):
    files, notes = list_class_folders(touch(tmp_path, "yes/1.wav", "yes/deep/2.WAV", "no/1.flac"))
    assert [(file.name, file.target, file.split) for file in files] == [
        ("no/1.flac", "no", ""), ("yes/1.wav", "yes", ""), ("yes/deep/2.WAV", "yes", ""),
    ]  # fmt: skip
    assert notes == [] and files[1].path == tmp_path / "yes/1.wav"


def test_folders_named_train_and_test_are_splits(tmp_path):
    files, _notes = list_class_folders(
        touch(tmp_path, "train/a/1.wav", "train/b/1.wav", "valid/a/2.wav", "TEST/b/2.wav")
    )
    assert {(file.target, file.split) for file in files} == {
        ("a", "train"), ("b", "train"), ("a", "validation"), ("b", "test"),
    }  # fmt: skip


def test_other_files_loose_files_and_hidden_folders_are_left_out_with_a_note(tmp_path):
    touch(tmp_path, "yes/1.wav", "no/1.wav", "loose.wav", "_background_noise_/rain.wav", "yes/._1.wav")
    (tmp_path / "yes" / "notes.txt").write_text("x")
    files, notes = list_class_folders(tmp_path)
    assert len(files) == 2
    assert [next(note for note in notes if word in note) for word in ("notes.txt", "loose.wav", "rain.wav")]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/1.txt"], "no recording in"),
        (["7_jackson_1.wav", "8_theo_2.wav"], r"(?s)no class folders.*--target '\{label\}_\*'"),
        (["a.wav", "b.wav"], "no class folders"),
        (["a/1.wav"], "only one class: a"),
        (["train/a/1.wav", "train/b/1.wav", "test/c/1.wav"], "classes that training lacks: c"),
    ],
)
def test_other_layouts_are_refused(tmp_path, names, message):
    with pytest.raises(DataError, match=message):
        list_class_folders(touch(tmp_path, *names))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="no recording"):
        list_class_folders(tmp_path)


def test_the_class_in_the_name(tmp_path):
    touch(tmp_path, "7_a_1.wav", "8_b_2.wav", "other.wav")
    files, notes = list_named_files(tmp_path, "{label}_*_*")
    assert [file.target for file in files] == ["7", "8"] and "other.wav" in notes[0]
    with pytest.raises(DataError, match="3 files do not match --target"):
        list_named_files(tmp_path, "{label}-*")
    with pytest.raises(DataError, match="only one class"):
        list_named_files(tmp_path, "{label}_a_*")
