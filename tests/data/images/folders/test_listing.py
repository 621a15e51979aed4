import os
import sys
from collections import Counter

import pytest

from axone.data.images.folders.listing import list_folder
from axone.errors import DataError, ResourceError


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True) if name.endswith("/") else path.write_bytes(b"x")
    return root


def test_classes_and_files_in_sorted_order(tmp_path):
    listing = list_folder(make(tmp_path, "dog/2.jpg", "dog/10.jpg", "Cat/1.jpg", "ant/z.jpg"))
    assert listing.classes == ("Cat", "ant", "dog")
    names = [(file.name, file.label) for file in listing.files]
    assert names == [("Cat/1.jpg", 0), ("ant/z.jpg", 1), ("dog/10.jpg", 2), ("dog/2.jpg", 2)]
    assert listing.notes == [] and listing.splits == ("train",)


def test_the_listing_has_the_size_and_time_of_each_file(tmp_path):
    make(tmp_path, "a/1.jpg", "b/1.jpg")
    os.utime(tmp_path / "b" / "1.jpg", ns=(5, 1_234_567_890))
    first, second = list_folder(tmp_path).files
    assert (first.size, second.size, second.modified) == (1, 1, 1_234_567_890)
    assert second.changed == (tmp_path / "b" / "1.jpg").stat().st_ctime_ns


def test_folders_of_splits_are_recognized(tmp_path):
    make(tmp_path, "train/a/1", "train/b/1", "val/a/2", "test/a/3", "test/b/3", "notes.txt")
    listing = list_folder(tmp_path)
    assert Counter(file.split for file in listing.files) == {"train": 2, "validation": 1, "test": 2}
    assert listing.files[2].name == "val/a/2" and listing.splits == ("train", "validation", "test")
    assert any("val" in note and "lacks classes: b" in note for note in listing.notes)


def test_a_class_may_be_called_test(tmp_path):
    assert list_folder(make(tmp_path, "test/1.jpg", "rehearsal/1.jpg")).classes == ("rehearsal", "test")


def test_files_of_operating_systems_are_ignored(tmp_path):
    make(tmp_path, "a/1.jpg", "b/1.jpg", ".DS_Store", "__MACOSX/a/1.jpg", ".git/x", "a/.DS_Store", "a/Thumbs.db")
    make(tmp_path, "a/desktop.ini", "b/._1.jpg")
    listing = list_folder(tmp_path)
    assert listing.classes == ("a", "b") and len(listing.files) == 2 and listing.notes == []


def test_ignored_files_are_reported(tmp_path):
    listing = list_folder(make(tmp_path, "a/1.jpg", "a/labels.csv", "b/1.jpg", "b/c/", "loose.jpg", "README", "x.csv"))
    assert [file.name for file in listing.files] == ["a/1.jpg", "b/1.jpg"]
    assert any("1 file in" in note and "a/labels.csv" in note for note in listing.notes)
    assert any("1 image lies directly in" in note and note.endswith("left out: loose.jpg.") for note in listing.notes)
    listing = list_folder(make(tmp_path / "split", "train/a/1", "train/b/1", "other/a/1"))
    assert any("Not read, besides train, val and test: other" in note for note in listing.notes)


def test_folders_inside_class_folders_belong_to_the_class(tmp_path):
    make(
        tmp_path, "cat/monday/1.png", "cat/tuesday/am/2.png", "dog/monday/3.png", "dog/4.png", "dog/tuesday/labels.txt"
    )
    listing = list_folder(tmp_path)
    assert [(file.name, file.label) for file in listing.files] == [
        ("cat/monday/1.png", 0), ("cat/tuesday/am/2.png", 0), ("dog/4.png", 1), ("dog/monday/3.png", 1)
    ]  # fmt: skip
    (note,) = [note for note in listing.notes if "first folder" in note]
    assert "(cat, dog)" in note and note.endswith("monday, tuesday.")


def test_classes_by_letter_are_read_by_the_first_folder_with_a_hint(tmp_path):
    listing = list_folder(make(tmp_path, "a/ant/1.png", "a/ape/1.png", "b/bee/1.png"))
    assert listing.classes == ("a", "b")
    assert any("If these are the classes, move them up into" in note for note in listing.notes)


def test_splits_above_deeper_classes(tmp_path):
    make(tmp_path, "train/cat/monday/1.png", "train/dog/monday/1.png", "test/cat/friday/9.png", "test/dog/1.png")
    files = list_folder(tmp_path).files
    assert [(file.name, file.split, file.label) for file in files] == [
        ("train/cat/monday/1.png", "train", 0), ("train/dog/monday/1.png", "train", 1),
        ("test/cat/friday/9.png", "test", 0), ("test/dog/1.png", "test", 1),
    ]  # fmt: skip


def test_without_labels_test_folders_may_have_classes_of_their_own(tmp_path):
    make(tmp_path, "train/good/1.png", "test/good/2.png", "test/crack/3.png", "ground_truth/crack/3.png", "license.txt")
    listing = list_folder(tmp_path, labeled=False)
    assert (listing.classes, listing.unseen) == (("crack", "good"), ("crack",))
    assert [file.name for file in listing.files] == ["train/good/1.png", "test/crack/3.png", "test/good/2.png"]
    assert any("Not read, besides train, val and test: ground_truth" in note for note in listing.notes)
    with pytest.raises(DataError, match="only one class: good") as caught:
        list_folder(tmp_path)
    assert "axone train autoencoder --data" in caught.value.hint


def test_training_images_without_a_class_folder_are_good_where_the_test_folder_says_so(tmp_path):
    listing = list_folder(make(tmp_path, "train/1.png", "test/good/2.png", "test/crack/3.png"), labeled=False)
    assert (listing.classes, listing.unseen, listing.files[0].label) == (("crack", "good"), ("crack",), 1)


def test_the_whole_of_a_folder_is_listed_whatever_its_division(tmp_path):
    make(tmp_path, "x/train/a/1", "x/test/b/2", "y/test/a/1", "z/a/1", "z/b/")
    listing = list_folder(tmp_path / "x", whole=True)
    assert listing.classes == ("a", "b") and [file.name for file in listing.files] == ["train/a/1", "test/b/2"]
    assert [file.name for file in list_folder(tmp_path / "y", whole=True).files] == ["test/a/1"]
    listing = list_folder(tmp_path / "z", whole=True)
    assert listing.classes == ("a",) and listing.notes == ["Left out, because no image is in them: b."]
    with pytest.raises(DataError, match="no class folders"):
        list_folder(make(tmp_path / "flat", "1.png", "2.png"), whole=True)


@pytest.mark.parametrize("name", ["with space", "émoji 🙂", "'; rm -rf", "x" * 255])
def test_unusual_class_names_are_accepted(tmp_path, name):
    listing = list_folder(make(tmp_path, f"{name}/1.jpg", f"b/{name}"))
    assert name in listing.classes and len(listing.files) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_names_that_no_screen_can_take(tmp_path):
    for name in (b"new\nline", b"not utf-8 \xff"):
        make(tmp_path, os.fsdecode(name) + "/1.jpg")
    listing = list_folder(tmp_path)
    assert len(listing.classes) == 2 and all(name.isprintable() and name.encode() for name in listing.classes)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_class_names_that_look_alike_are_an_error(tmp_path):
    make(tmp_path, os.fsdecode(b"\xff") + "/1.jpg", "\\udcff/1.jpg")
    with pytest.raises(DataError, match=r"look alike: \\udcff"):
        list_folder(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="macOS spells accents one way by itself")
def test_accents_in_two_normal_forms_are_one_class(tmp_path):
    make(tmp_path, "train/e\u0301te\u0301/1.jpg", "train/b/1.jpg", "test/\xe9t\xe9/1.jpg")
    listing = list_folder(tmp_path)
    assert listing.classes == ("b", "\xe9t\xe9") and [file.label for file in listing.files] == [0, 1, 1]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_to_folders_are_followed_without_loops(tmp_path):
    make(tmp_path / "elsewhere", "c/1.jpg")
    root = make(tmp_path / "here", "a/1.jpg", "b/1.jpg")
    (root / "c").symlink_to(tmp_path / "elsewhere" / "c")
    (root / "again").symlink_to(root)
    (root / "turning").symlink_to(root / "turning")
    (root / "a" / "gone.jpg").symlink_to(root / "nowhere")
    listing = list_folder(root)
    assert listing.classes == ("a", "b", "c")
    assert any("'" + str(root / "again") + "' is a link to" in note for note in listing.notes)
    assert [file.size for file in listing.files if file.name == "a/gone.jpg"] == [-1]


BAD = {
    "missing": ([], "There is no folder"),
    "empty": (["here/"], "is empty"),
    "only litter": (["here/.DS_Store"], "is empty"),
    "no classes": (["here/1.jpg", "here/2.jpg"], r"no class folders\. Images were found in: \. \(2\)"),
    "deep": (["here/x/a/b/1.jpg"], r"only one class: x\. Images were found in: x/a/b \(1\)"),
    "images and labels": (["here/images/1.jpg", "here/labels/1.txt"], r"'.*labels' has no images\. .*: images \(1\)"),
    "divided inside": (["here/a/train/1", "here/a/test/2", "here/b/train/1"], "divided inside: test, train"),
    "nothing": (["here/notes.txt"], r"no class folders\. There is no image in it"),
    "one class": (["here/a/1.jpg"], "only one class: a"),
    "a folder too high": (["here/set/a/1.jpg", "here/set/b/1.jpg"], "Did you mean '.*here.set'"),
    "empty class": (["here/a/1.jpg", "here/b/"], r"class folder '.*b' has no images\. Images were found in: a \(1\)"),
    "class of text": (["here/a/1.jpg", "here/b/notes.txt"], "class folder '.*b' has no images"),
    "no train": (["here/val/a/1", "here/test/a/1"], "no folder named train"),
    "val has more": (["here/train/a/1", "here/train/b/1", "here/val/c/1", "here/val/a/1"], "training lacks: c"),
    "test has more": (["here/train/a/1", "here/train/b/1", "here/test/c/1"], "training lacks: c"),
    "train has one": (["here/train/a/1", "here/test/a/1"], "only one class"),
    "two for one part": (["here/train/a/1", "here/train/b/1", "here/val/a/1", "here/valid/b/1"], "train, val, valid"),
}


@pytest.mark.parametrize("name", BAD)
def test_refuses_each_with_its_own_words(tmp_path, name):
    names, expected = BAD[name]
    make(tmp_path, *names)
    with pytest.raises(DataError, match=expected) as caught:
        list_folder(tmp_path / "here")
    assert "here" in str(caught.value) and len(str(caught.value).splitlines()) <= 4


def test_a_file_in_place_of_a_folder(tmp_path):
    with pytest.raises(DataError, match="is a file"):
        list_folder(make(tmp_path, "here") / "here")


def test_a_folder_that_may_not_be_read(tmp_path, monkeypatch):
    make(tmp_path, "a/1.jpg", "b/1.jpg")

    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ResourceError, match="may not be read"):
        list_folder(tmp_path)
