import pytest

from axone.data.audio.files.manifest import list_table
from axone.errors import DataError
from tests.helpers.data.recordings import tone, write_wav


def write(path, text, encoding="utf-8"):
    path.write_text(text, encoding)
    return path


def test_transcripts_speakers_and_splits(tmp_path):
    write_wav(tmp_path / "clips" / "a.mp3", tone())
    path = write(
        tmp_path / "all.tsv",
        "client_id\tpath\tsentence\tsplit\nx\ta.mp3\tHello  there\ttrain\ny\tb.mp3\tE\u0301t\u00e9\ttest\n",
    )
    listing = list_table(path, None, "client_id")
    first, second = listing.files
    assert listing.targets == "transcripts"
    assert first.path == tmp_path / "clips" / "a.mp3"  # where Common Voice puts them
    assert (first.target, first.split, first.group) == ("Hello there", "train", "x")
    assert (second.target, second.split, second.group) == ("\u00c9t\u00e9", "test", "y")  # one form of each letter
    assert "'sentence'" in listing.notes[-1] and "client_id" in listing.notes[-1]


def test_classes_by_the_name_of_the_column_or_by_repetition(tmp_path):
    labels = "file,label\n" + "".join(f"{n}.wav,w{n}\n" for n in range(6))
    assert list_table(write(tmp_path / "a.csv", labels), None, None).targets == "classes"
    repeated = "file,say\n" + "".join(f"{n}.wav,{'yes' if n % 2 else 'no'}\n" for n in range(6))
    assert list_table(write(tmp_path / "b.csv", repeated), None, None).targets == "classes"
    different = "file,say\n" + "".join(f"{n}.wav,sentence {n}\n" for n in range(6))
    assert list_table(write(tmp_path / "c.csv", different), None, None).targets == "transcripts"


def test_a_column_of_paths_is_found_by_its_values_and_a_target_can_be_named(tmp_path):
    path = write(tmp_path / "a.csv", "id,x,what,who\n1,a.wav,yes,me\n2,b.wav,no,you\n")
    with pytest.raises(DataError, match="not clear"):
        list_table(path, None, None)
    listing = list_table(path, "what", "who")
    assert [(file.name, file.target, file.group) for file in listing.files] == [
        ("a.wav", "yes", "me"),
        ("b.wav", "no", "you"),
    ]


def test_rows_without_a_file_or_target_are_skipped_with_their_place(tmp_path):
    path = write(tmp_path / "a.csv", "file,text\na.wav,one\n,two\nc.wav,\n")
    listing = list_table(path, None, None)
    assert len(listing.files) == 1
    assert [name for name, _reason in listing.skipped] == ["row 2 (line 3)", "c.wav"]
    assert "line 4" in listing.skipped[1][1]


def test_digits_stay_as_they_are_written(tmp_path):
    path = write(tmp_path / "a.csv", "file,text\na.wav,007\nb.wav,12\n")
    assert [file.target for file in list_table(path, None, None).files] == ["007", "12"]


def test_a_column_of_splits_with_other_words_is_not_used(tmp_path):
    path = write(tmp_path / "a.csv", "file,label,split\na.wav,x,train\nb.wav,y,holdout\n")
    listing = list_table(path, None, None)
    assert {file.split for file in listing.files} == {""} and any("'split'" in note for note in listing.notes)


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        ("file,label\n", None, "no rows"),
        ("a,b\n1,2\n", None, "no column of paths"),
        ("file,label\na.wav,x\n", "lable", r"(?s)no column 'lable'.*Did you mean 'label'"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, text, target, message):
    with pytest.raises(DataError, match=message):
        list_table(write(tmp_path / "a.csv", text), target, None)


def test_other_encodings(tmp_path):
    path = write(tmp_path / "a.csv", "file,text\na.wav,\u00e9t\u00e9\n", "utf-16")
    assert list_table(path, None, None).files[0].target == "\u00e9t\u00e9"
