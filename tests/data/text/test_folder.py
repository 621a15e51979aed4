"""The text files of a folder: which are read, which are left out, which are skipped, and when it is refused."""

import pytest

from axone.data.text.folder import is_text_name, list_text_files, read_text_folder
from axone.errors import DataError


def fill(folder, **files):
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def test_names_of_text_files():
    assert all(map(is_text_name, ["a.txt", "README", "x.PY", "b.md"]))
    assert not any(map(is_text_name, ["a.png", "b.csv", "c.zip", "d.pyc"]))


def test_files_are_found_at_any_depth_and_sorted(tmp_path):
    fill(tmp_path, b_txt="b", sub__deep__a_py="x = 1", README="r", c_png=b"\x89PNG")
    fill(tmp_path, node_modules__x_js="x")
    (tmp_path / "node_modules").mkdir(exist_ok=True)
    (tmp_path / ".hidden.txt").write_text("h")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.txt").write_text("h")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "link.md").symlink_to("b.txt")
    texts, others, loops = list_text_files(tmp_path)
    assert [name for name in texts if "node" not in name] == ["README", "b.txt", "link.md", "sub/deep/a.py"]
    assert (others, loops) == (["c.png"], ["sub/up"])
    folder = read_text_folder(tmp_path, choose=lambda name: name.endswith(".py"))
    assert [(file.name, file.text) for file in folder.files] == [("sub/deep/a.py", "x = 1")]
    assert len(folder.notes) == 2


def test_empty_files_are_left_out_and_encodings_noted(tmp_path):
    folder = read_text_folder(fill(tmp_path, a_txt="", b_txt="caf\u00e9 noir".encode("cp1252"), c_txt="c"))
    assert [file.name for file in folder.files] == ["b.txt", "c.txt"]
    assert "Windows-1252" in folder.notes[0]
    assert "is empty: a.txt" in folder.notes[1]


def test_few_unusable_files_are_skipped_and_many_refused(tmp_path):
    fill(tmp_path, **{f"t{number:02d}_txt": "some text" for number in range(30)}, z_txt=b"\0\1\2\0")
    folder = read_text_folder(tmp_path)
    assert len(folder.files) == 30
    assert folder.skipped[0][0] == "z.txt"
    assert "looks binary" in folder.skipped[0][1]
    fill(tmp_path, y_txt=b"\0\0\0", x_txt=b"\0\0\0")
    with pytest.raises(DataError, match=r"3 of 33 text files .* cannot be used"):
        read_text_folder(tmp_path)


@pytest.mark.parametrize(
    ("files", "match"),
    [({}, "contains no text file"), ({"a_png": b"x"}, "contains no text file"), ({"a_txt": ""}, "is empty"),
     ({"a_txt": "", "b_txt": ""}, "All 2 text files")],
)  # fmt: skip
def test_folders_without_text_are_refused(files, match, tmp_path):
    with pytest.raises(DataError, match=match):
        read_text_folder(fill(tmp_path, **files))
    with pytest.raises(DataError, match="There is no folder"):
        read_text_folder(tmp_path / "missing")
