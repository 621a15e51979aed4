import pytest
import torch

from axone.data.audio.load import load_audio
from axone.data.audio.splits import hold_out
from axone.errors import DataError
from tests.helpers.data.recordings import tone, write_folder, write_wav


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("audio") / "words", {"yes": 20, "no": 20})


@pytest.fixture(scope="module")
def speakers(tmp_path_factory):
    root = tmp_path_factory.mktemp("speakers") / "flat"
    for place, speaker in enumerate(("ann", "bob", "cid", "dan")):
        for number in range(10):
            write_wav(root / f"{number % 2}_{speaker}_{number}.wav", tone(0.1, seed=100 * place + number))
    return root


def test_classes_of_a_folder(root):
    data = load_audio(str(root))
    assert data.classes == ("no", "yes") and not data.has_transcripts and data.recordings.rate == 8000
    train, test = data.splits["train"], data.splits["test"]
    assert len(train) == 34 and torch.bincount(data.labels[test]).tolist() == [3, 3]
    assert all(data.transcripts[i] == data.classes[data.labels[i]] for i in range(40))
    assert load_audio(str(root)).fingerprint() == data.fingerprint() != load_audio(str(root), seed=1).fingerprint()


def test_classes_as_transcripts(root):
    data = load_audio(str(root), targets="transcripts", rate=16000)
    assert data.has_transcripts and set(data.transcripts) == {"yes", "no"} and data.labels.eq(-1).all()
    assert data.recordings.rate == 16000 and len(hold_out(data, data.splits["train"], 0.25, 0)[1]) >= 8


def test_limit_and_whole(root):
    assert len(load_audio(str(root), limit=5).splits["train"]) == 5
    whole = load_audio(str(root), whole=True)
    assert len(whole.splits["test"]) == 40 and len(whole.splits["train"]) == 0


def test_groups_are_held_out_whole(speakers):
    data = load_audio(str(speakers), target="{label}_*", group="*_{group}_*")
    parts = {split: {data.groups[i] for i in indices.tolist()} for split, indices in data.splits.items()}
    assert len(parts["test"]) == 1 and len(parts["train"]) == 3 and not parts["test"] & parts["train"]
    assert any(next(iter(parts["test"])) in note for note in data.notes)
    named = load_audio(str(speakers), target="{label}_*", group="*_{group}_*", held_out=["cid"])
    assert {named.groups[i] for i in named.splits["test"].tolist()} == {"cid"}
    rest, out = hold_out(named, named.splits["train"], 0.3, 0)
    assert {named.groups[i] for i in rest.tolist()} & {named.groups[i] for i in out.tolist()} == set()


def test_classes_of_a_run_keep_their_numbers_and_others_are_left_out(root, tmp_path):
    data = load_audio(str(root), classes=["maybe", "yes"], whole=True)
    assert data.classes == ("maybe", "yes") and set(data.labels.tolist()) == {1} and len(data.recordings) == 20
    assert any("does not know" in note and "no" in note for note in data.notes)
    one = write_folder(tmp_path / "one", {"yes": 2})  # one class is enough for an evaluation
    assert load_audio(str(one), classes=["no", "yes"], whole=True).labels.tolist() == [1, 1]
    with pytest.raises(DataError, match="None of the classes"):
        load_audio(str(root), classes=["x"], whole=True)


def test_duplicates_across_own_splits_are_found(tmp_path):
    seeds = {"train/a": (1, 2), "train/b": (3, 4), "test/a": (1, 5), "test/b": (6, 7)}
    for folder, pair in seeds.items():
        for number, seed in enumerate(pair):
            write_wav(tmp_path / folder / f"{number}.wav", tone(0.1, seed=seed))
    data = load_audio(str(tmp_path))
    names = [[data.recordings.names[i] for i in group] for group in data.duplicates]
    assert [sorted(group) for group in names] == [["test/a/0.wav", "train/a/0.wav"]]


def test_a_table_with_its_own_splits(tmp_path):
    rows = ["file,text,split"]
    for number in range(10):
        write_wav(tmp_path / f"{number}.wav", tone(0.1, seed=number))
        rows.append(f"{number}.wav,say {number},{'test' if number < 3 else 'valid' if number < 5 else 'train'}")
    (tmp_path / "all.csv").write_text("\n".join(rows))
    data = load_audio(str(tmp_path / "all.csv"))
    assert {split: len(indices) for split, indices in data.splits.items()} == {"train": 5, "validation": 2, "test": 3}
    assert data.transcripts[4] == "say 4"


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("nowhere", {}, "no folder or file"),
        ("morze", {}, "Did you mean 'morse'"),
    ],
)
def test_sources_that_do_not_exist(source, options, message):
    with pytest.raises(DataError, match=message):
        load_audio(source, **options)


def test_held_out_groups_need_groups(root):
    with pytest.raises(DataError, match="no groups"):
        load_audio(str(root), held_out=["x"])


def test_one_label_is_too_few(tmp_path):
    write_wav(tmp_path / "a.wav", tone(0.1))
    (tmp_path / "t.csv").write_text("file,label\na.wav,x\n")
    with pytest.raises(DataError, match="same label"):
        load_audio(str(tmp_path / "t.csv"))
