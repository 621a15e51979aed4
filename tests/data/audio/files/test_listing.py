import pytest

from axone.data.audio.files.listing import list_audio
from axone.errors import DataError, SettingsError
from tests.helpers.data.recordings import tone, write_wav


@pytest.fixture
def flat(tmp_path):
    for name in ("7_ann_1", "8_ann_1", "7_bob_1", "8_bob_1"):
        write_wav(tmp_path / "flat" / f"{name}.wav", tone(0.02))
    return tmp_path / "flat"


def test_classes_and_groups_in_names(flat):
    listing = list_audio(flat, "{label}_*", "*_{group}_*")
    assert [(file.target, file.group) for file in listing.files] == [
        ("7", "ann"), ("7", "bob"), ("8", "ann"), ("8", "bob"),
    ]  # fmt: skip
    assert listing.targets == "classes"


def test_a_table_may_have_groups_in_its_names(flat):
    path = flat / "all.csv"
    path.write_text("file,label\n7_ann_1.wav,7\n8_bob_1.wav,8\n")
    assert [file.group for file in list_audio(path, None, "*_{group}_*").files] == ["ann", "bob"]


def test_groups_must_be_in_all_names(flat):
    write_wav(flat / "9.wav", tone(0.02))
    with pytest.raises(DataError, match=r"1 file does not match --group .* '9.wav'"):
        list_audio(flat, "{label}*", "*_{group}_*")


def test_columns_and_patterns_are_not_confused(flat):
    (flat / "all.csv").write_text("file,label\n7_ann_1.wav,7\n")
    with pytest.raises(SettingsError, match="is a folder, in which --target is a pattern"):
        list_audio(flat, "label")
    with pytest.raises(SettingsError, match="is a folder, in which --group is a pattern"):
        list_audio(flat, "{label}_*", "speaker")
    with pytest.raises(SettingsError, match="names a column"):
        list_audio(flat / "all.csv", "{label}_*")


def test_other_files_and_missing_ones(flat):
    with pytest.raises(DataError, match="neither a folder nor a table"):
        list_audio(flat / "7_ann_1.wav")
    with pytest.raises(DataError, match="There is no folder or file"):
        list_audio(flat / "none")
