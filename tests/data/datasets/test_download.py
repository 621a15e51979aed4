import errno
import hashlib
import os
import socket
from pathlib import Path

import pytest

from axone.data.datasets import download as module
from axone.data.datasets.download import allowed, download_file, file_sha256, reachable, remote_size
from axone.errors import DataError, ResourceError
from tests.helpers.data.mirror_server import serving

CONTENT = os.urandom(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def mirror(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as mirror:
        mirror.files["/x"] = CONTENT
        yield mirror


def get(target, *urls, **options):
    download_file(urls, target, sha256=SHA256, size=len(CONTENT), **options)


def closed_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def test_a_file_is_downloaded_with_progress(tmp_path, mirror):
    reported = []
    get(tmp_path / "x", mirror.address + "/x", on_bytes=reported.append)
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert reported == sorted(reported) and reported[-1] == len(CONTENT) and len(reported) > 1


def test_continues_where_a_cut_connection_ended(tmp_path, mirror):
    mirror.cut_after = 100_000
    get(tmp_path / "x", mirror.address + "/x")
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert [wanted for _, wanted in mirror.asked] == [None, "bytes=100000-", "bytes=200000-"]


def test_continues_the_partial_file_of_an_earlier_attempt(tmp_path, mirror):
    (tmp_path / "x.part").write_bytes(CONTENT[:250_000])
    get(tmp_path / "x", mirror.address + "/x")
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert mirror.asked == [("/x", "bytes=250000-")]


def test_begins_again_when_the_server_ignores_the_range(tmp_path, mirror):
    mirror.ranges = False
    (tmp_path / "x.part").write_bytes(CONTENT[:1000])
    get(tmp_path / "x", mirror.address + "/x")
    assert (tmp_path / "x").read_bytes() == CONTENT


@pytest.mark.parametrize("partial", [CONTENT + b"1", b"wrong" * 1000, bytes(len(CONTENT))])
def test_a_partial_file_of_something_else_does_no_harm(tmp_path, mirror, partial):
    (tmp_path / "x.part").write_bytes(partial)
    get(tmp_path / "x", mirror.address + "/x")
    assert (tmp_path / "x").read_bytes() == CONTENT


def test_a_cut_connection_leaves_its_part_for_the_next_time(tmp_path, mirror):
    mirror.cut_after = 20_000
    with pytest.raises(DataError, match="connection was cut"):
        get(tmp_path / "x", mirror.address + "/x")
    assert [path.name for path in tmp_path.iterdir()] == ["x.part"]
    mirror.cut_after = None
    get(tmp_path / "x", mirror.address + "/x")
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert mirror.asked[-1] == ("/x", f"bytes={20_000 * module.ATTEMPTS}-")


def test_a_mirror_with_wrong_bytes_is_left_for_the_next(tmp_path, mirror):
    mirror.files["/wrong"] = bytes(len(CONTENT))
    get(tmp_path / "x", mirror.address + "/wrong", mirror.address + "/x")
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert [path for path, _ in mirror.asked] == ["/wrong", "/x"]


def test_a_mirror_with_another_length_is_left_before_anything_is_written(tmp_path, mirror):
    mirror.files["/page"] = b"<html>please log in</html>"
    (tmp_path / "x.part").write_bytes(CONTENT[:1000])
    with pytest.raises(DataError, match="bytes, not 300000"):
        get(tmp_path / "x", mirror.address + "/page")
    mirror.ranges = False
    with pytest.raises(DataError, match="26 bytes, not 300000"):
        get(tmp_path / "x", mirror.address + "/page")


def test_when_no_mirror_works_the_error_has_the_reason_of_each(tmp_path, mirror):
    mirror.files["/wrong"] = bytes(len(CONTENT))
    urls = [mirror.address + "/none", mirror.address + "/wrong", f"http://127.0.0.1:{closed_port()}/x"]
    with pytest.raises(DataError) as caught:
        get(tmp_path / "x", *urls)
    message = str(caught.value)
    assert "'x' could not be downloaded" in message and "HTTP 404" in message and "sha256" in message
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_error_is_reported(tmp_path):
    with pytest.raises(DataError, match="no address answered"):
        get(tmp_path / "x", f"http://127.0.0.1:{closed_port()}/x")


def test_a_blocked_name_lookup_is_given_up(monkeypatch):
    import threading

    asleep = threading.Event()

    def block(*_, **__):
        asleep.wait(30)
        raise OSError

    monkeypatch.setattr(module.socket, "create_connection", block)
    try:
        assert reachable(["https://a.example/x", "https://b.example/x"], within=0.05) == []
    finally:
        asleep.set()


def test_addresses_that_answer_come_first(mirror):
    dead = f"http://127.0.0.1:{closed_port()}/x"
    assert reachable([dead, mirror.address + "/x"])[0] == mirror.address + "/x"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org/x", True),
        ("http://example.org/x", False),
        ("http://named.example/x", True),
        ("http://named.example.evil/x", False),
        ("http://127.0.0.1:80/x", True),
        ("http://localhost/x", True),
        ("http://localhost@example.org/x", False),
        ("file:///etc/passwd", False),
        ("ftp://example.org/x", False),
        ("", False),
    ],
)
def test_only_https_or_named_hosts(url, good):
    assert allowed(url, ("named.example",)) is good


def test_an_address_that_is_not_allowed_is_never_requested(tmp_path, mirror):
    with pytest.raises(DataError, match="not https"):
        get(tmp_path / "x", mirror.address.replace("127.0.0.1", "127.0.0.2") + "/x")
    assert mirror.asked == []


@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://127.0.0.2:1/x"])
def test_redirections_obey_the_same_rule(tmp_path, mirror, place):
    mirror.redirect = place
    with pytest.raises(DataError, match=r"redirects to an address that is not https|HTTP 302"):
        get(tmp_path / "x", mirror.address + "/x")


def test_a_full_disk_is_known_before_the_download(tmp_path, mirror, monkeypatch):
    usage = type("usage", (), {"free": 1_000})
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ResourceError, match="disk is full") as caught:
        get(tmp_path / "x", mirror.address + "/x")
    assert "0.3\u202fMB more are needed, 0.0\u202fMB are free" in str(caught.value) and caught.value.exit_code == 5
    assert mirror.asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_meanwhile(tmp_path, mirror):
    (tmp_path / "x.part").symlink_to("/dev/full")
    with pytest.raises(ResourceError, match="disk is full"):
        get(tmp_path / "x", mirror.address + "/x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_may_not_be_written(tmp_path, mirror, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ResourceError, match="may not be written"):
        get(tmp_path / "x", mirror.address + "/x")


def test_the_server_tells_the_size_where_it_is_not_on_record(tmp_path, mirror):
    assert remote_size([mirror.address + "/none", mirror.address + "/x"]) == len(CONTENT)
    with pytest.raises(DataError, match="none") as refused:
        remote_size([mirror.address + "/none"])
    assert "404" in str(refused.value.expected)


def test_the_beginning_of_a_sha256_will_do(tmp_path, mirror):
    download_file([mirror.address + "/x"], tmp_path / "x", sha256=SHA256[:8], size=len(CONTENT))
    with pytest.raises(DataError):
        download_file([mirror.address + "/x"], tmp_path / "y", sha256=SHA256[1:9], size=len(CONTENT))


def test_the_sha256_of_a_file_is_that_of_its_content(tmp_path):
    (tmp_path / "x").write_bytes(CONTENT)
    assert file_sha256(tmp_path / "x") == SHA256
