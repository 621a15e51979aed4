from __future__ import annotations

import errno
import hashlib

import pytest

from axone.errors import ResourceError, RunError
from axone.runs.storage import files
from axone.runs.storage.files import safe_name, sha256_of, write_atomically
from tests.helpers.runs.faulty_os import FaultyOs


def test_writes_and_replaces_text_and_bytes(tmp_path):
    write_atomically(tmp_path / "a", "é\n")
    assert (tmp_path / "a").read_bytes() == "é\n".encode()
    write_atomically(tmp_path / "a", b"\x00" * 1000)
    assert (tmp_path / "a").read_bytes() == b"\x00" * 1000
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("for_good", [False, True])
def test_any_failing_call_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch, for_good):
    path = tmp_path / "a"
    write_atomically(path, b"old")
    for n in range(1, 50):
        shim = FaultyOs(n, for_good=for_good)
        with monkeypatch.context() as patch:
            patch.setattr(files, "os", shim)
            try:
                write_atomically(path, b"new" * 100)
                failed = False
            except ResourceError:
                failed = True
        assert path.read_bytes() in (b"old", b"new" * 100)
        if not failed:
            assert shim.calls < n, "a failing call went unnoticed"
            break
        if not for_good:
            assert [entry.name for entry in tmp_path.iterdir()] == ["a"], "something unfinished was left"
        path.write_bytes(b"old")
    assert n > 5


def test_full_disk_names_path_need_and_free(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "os", FaultyOs(2, errno.ENOSPC))
    with pytest.raises(ResourceError) as error:
        write_atomically(tmp_path / "big", b"x" * 2_500_000)
    assert error.value.exit_code == 5
    assert "disk full" in error.value.what and "big" in error.value.what and "2.5\u202fMB" in error.value.what
    assert "free" in error.value.what and "tmp-" not in error.value.what
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", [errno.EDQUOT, errno.EFBIG])
def test_a_quota_or_a_size_limit_is_named(tmp_path, monkeypatch, code):
    monkeypatch.setattr(files, "os", FaultyOs(2, code))
    with pytest.raises(ResourceError, match=r"disk full.*quota or limit"):
        write_atomically(tmp_path / "big", b"x")


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_read_only_place(tmp_path, monkeypatch, code):
    monkeypatch.setattr(files, "os", FaultyOs(1, code))
    with pytest.raises(ResourceError, match="cannot be written") as error:
        write_atomically(tmp_path / "a", b"x")
    assert "--runs-folder" in error.value.hint


def test_folder_that_was_removed_is_a_run_error(tmp_path):
    with pytest.raises(RunError, match="is gone") as error:
        write_atomically(tmp_path / "gone" / "a", b"x")
    assert error.value.exit_code == 4


def test_remove_does_not_follow_links(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("kept")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    try:
        (tmp_path / "folder" / "link").symlink_to(tmp_path / "precious", target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    files.remove(tmp_path / "folder")
    files.remove(tmp_path / "folder")  # absent is fine
    assert (tmp_path / "precious" / "file").read_text() == "kept"


def test_the_sha256_of_a_file_is_that_of_its_content(tmp_path):
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"abc" * 100_000).hexdigest()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("baseline", "baseline"),
        ("Été à Nîmes", "Ete-a-Nimes"),
        ("../../x", "x"),
        ("..\\..\\x", "x"),
        ("/etc/passwd", "etc-passwd"),
        ("<img src=x onerror=alert(1)>", "img-src-x-onerror-alert-1"),
        ("x" * 300, "x" * 60),
        ("con", "run-con"),
        ("LPT1.txt", "run-LPT1.txt"),
        ("--help", "help"),
        ("last", "run-last"),
        ("tmp-1", "run-tmp-1"),
        ("", "run"),
        ("...", "run"),
        ("日本", "run"),
        ("a\0b\nc", "a-b-c"),
        ("v1.2_final", "v1.2_final"),
        ("a.", "a"),
    ],
)
def test_names_are_made_safe_for_files(text, name):
    assert safe_name(text) == name
