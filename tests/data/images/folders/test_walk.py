import os

import pytest

from axone.data.images.folders.walk import count_by_folder, describe_others, is_image_name, list_images, name_some, walk
from axone.errors import ResourceError


def make(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def test_images_are_sorted_and_litter_is_passed_over(tmp_path):
    litter = (".DS_Store", "a/Thumbs.db", "__MACOSX/a/1.jpg", ".git/x.jpg", "a/._1.jpg", "a/desktop.ini")
    make(tmp_path, "b/2.jpg", "b/10.jpg", "a/1.jpg", "a/deep/3.jpg", "labels.csv", "LICENSE", *litter)
    images, others = list_images(tmp_path)
    names = [image.relative_to(tmp_path).as_posix() for image in images]
    assert names == [
        "a/1.jpg",
        "a/deep/3.jpg",
        "b/10.jpg",
        "b/2.jpg",
    ]
    assert others == ["LICENSE", "labels.csv"]
    assert describe_others(others, tmp_path).startswith("2 files in ")


def test_most_names_may_be_images():
    assert all(map(is_image_name, ["1", "x.jpg", "x.JPEG", "x.dcm", "readme.png", "x."]))
    assert not any(map(is_image_name, ["labels.csv", "README", "license", "x.TXT", "index.html"]))


def test_empty_folders_and_counts(tmp_path):
    make(tmp_path, "a/1.jpg", "a/2.jpg", "a/b/3.jpg", "4.jpg")
    (tmp_path / "c" / "d").mkdir(parents=True)
    assert walk(tmp_path).empty == ["c/d"]
    assert count_by_folder(tmp_path) == {".": 1, "a": 2, "a/b": 1}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_are_followed_without_loops(tmp_path):
    make(tmp_path / "elsewhere", "3.jpg")
    root = make(tmp_path / "here", "a/1.jpg", "b/2.jpg")
    (root / "c").symlink_to(tmp_path / "elsewhere")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "far").symlink_to(tmp_path)
    (root / "a" / "b").symlink_to(root / "b")
    (root / "b" / "a").symlink_to(root / "a")
    content = walk(root)
    assert {name for name, _entry in content.images} >= {"a/1.jpg", "b/2.jpg", "c/3.jpg", "a/b/2.jpg"}
    assert {"a/up", "a/far"} <= set(content.loops) and len(content.images) < 10


def test_a_folder_that_may_not_be_read(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ResourceError, match="may not be read"):
        walk(tmp_path)


def test_long_lists_are_cut():
    assert name_some(list("abcdefg")) == "a, b, c, d, e, ..." and name_some(["a", "b"]) == "a, b"
