"""Images of two folders are paired by name."""

import pytest

from axone.data.images.folders.listing import list_folder
from axone.data.images.restoration.partners import MAX_NAMED, find_partners, list_some
from axone.errors import DataError


def listing(path, names):
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"x")
    return list_folder(path, labeled=False)


def test_partners_have_the_same_name_with_any_ending(tmp_path):
    clean, noisy = listing(tmp_path / "c", ["b.png", "a.png"]), listing(tmp_path / "n", ["a.jpg", "b.tiff"])
    assert [path.name for path in find_partners(clean, noisy)] == ["a.jpg", "b.tiff"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["x.png"], "No image in"),
        (["a.png"], "has no partner"),
        (["a.png", "b.png", "c.png"], "has no partner in .*: c"),
        (["a.png", "b.png", "b.jpg"], "two images of one name: b"),
    ],
)
def test_folders_that_do_not_match_are_refused(tmp_path, names, message):
    clean, noisy = listing(tmp_path / "c", ["a.png", "b.png"]), listing(tmp_path / "n", names)
    with pytest.raises(DataError, match=message):
        find_partners(clean, noisy)


def test_long_lists_of_names_are_cut():
    names = [f"/{number}" for number in range(9)]
    assert list_some(names).split(", ") == [*map(str, range(MAX_NAMED)), "..."] and list_some(names[:2]) == "0, 1"
