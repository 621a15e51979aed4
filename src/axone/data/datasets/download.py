"""Bring one file from the first of several addresses that delivers it whole.

The rules: only https (plain http where the caller names the host, and on this machine itself); a file cut
off half-way is continued, not begun again; nothing bears the file's name before its size and sha256 are
those on record. What a mirror sends is never trusted, so a wrong or hostile mirror costs time and no more.
"""

from __future__ import annotations

import errno
import hashlib
import os
import queue
import shutil
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from axone.errors import DataError, ResourceError
from axone.messages import _
from axone.numbers import megabytes

CONNECT_SECONDS = 4.0  # a machine without a network falls back to other data after this long, in total
READ_SECONDS = 20.0  # of silence, after which a mirror counts as dead
ATTEMPTS = 5  # at one mirror, each of which must bring bytes to allow the next
_BLOCK = 1 << 16
_HEADERS = {"User-Agent": "axone", "Accept-Encoding": "identity"}
FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Progress = Callable[[int], None]


def download(
    urls: Sequence[str],
    target: Path,
    *,
    sha256: str,
    size: int,
    plain_http: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> None:
    """Write `target`, from the first of `urls` whose bytes have that size, and a sha256 that begins so.

    `plain_http` names hosts that may be asked without encryption; `progress` hears the bytes present so far.
    Raises DataError when no address delivers the file (with each one's reason), ResourceError when the disk
    is full or may not be written. A partial file stays beside the target, for the next attempt.
    """
    part = target.with_name(target.name + ".part")
    opener = urllib.request.build_opener(_Redirects(plain_http))
    reasons: list[str] = []
    refused = [url for url in urls if not allowed(url, plain_http)]
    reasons += [f"{url}: " + _("not https") for url in refused]
    for url in answering([url for url in urls if url not in refused]):
        reason = _from_one(opener, url, part, sha256, size, progress)
        if reason is None:
            part.replace(target)
            return
        reasons.append(f"{url}: {reason}")
    if len(reasons) == len(refused):
        reasons.append(_("no address answered; is this machine on a network?"))
    raise DataError(_("'{name}' could not be downloaded.", name=target.name), expected="\n".join(reasons))


def remote_size(urls: Sequence[str], plain_http: tuple[str, ...] = ()) -> int:
    """Return the bytes of a file as the first server that answers tells them. Raises DataError when none does."""
    opener = urllib.request.build_opener(_Redirects(plain_http))
    reasons = []
    for url in answering([url for url in urls if allowed(url, plain_http)]):
        request = urllib.request.Request(url, headers=_HEADERS, method="HEAD")
        try:
            with opener.open(request, timeout=READ_SECONDS) as response:
                return int(response.headers["Content-Length"])
        except (OSError, HTTPException, ValueError, TypeError) as error:
            reasons.append(f"{url}: {error}")
    raise DataError(
        _("'{name}' could not be downloaded.", name=urls[0].rpartition("/")[2]),
        expected="\n".join(reasons) or _("no address answered; is this machine on a network?"),
    )


def allowed(url: str, plain_http: tuple[str, ...] = ()) -> bool:
    """Say whether an address may be asked: https, or http on this machine or at a host named for it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" or (parts.scheme == "http" and (host in _LOOPBACK or host in plain_http))


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, read block by block."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def answering(urls: list[str], within: float = CONNECT_SECONDS) -> list[str]:
    """Return the addresses worth trying, those that accept a connection first; none without a network.

    All hosts are tried at once, because a missing network shows as long silences, each inside a name
    lookup that cannot be given a time limit: hence also threads that nobody waits for.
    """
    doors = {url: _door(url) for url in urls}
    results: queue.Queue[tuple[tuple[str, int], bool]] = queue.Queue()
    for door in set(doors.values()):
        threading.Thread(target=lambda d=door: results.put((d, _connects(d, within))), daemon=True).start()
    answers: dict[tuple[str, int], bool] = {}
    deadline = time.monotonic() + within
    while len(answers) < len(set(doors.values())) and True not in answers.values():
        try:
            door, connected = results.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        answers[door] = connected
    if True not in answers.values():
        return []
    # One has answered: the network is there, so a host that is merely slower stays in the list.
    hopeful = [url for url in urls if answers.get(doors[url], True)]
    return sorted(hopeful, key=lambda url: not answers.get(doors[url], False))


def _door(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _connects(door: tuple[str, int], within: float) -> bool:
    try:
        socket.create_connection(door, timeout=within).close()
    except OSError:
        return False
    return True


def _from_one(
    opener: urllib.request.OpenerDirector, url: str, part: Path, sha256: str, size: int, progress: Progress | None
) -> str | None:
    """Try one mirror; return None when the partial file is whole and right, else why not."""
    reason = ""
    for _attempt in range(ATTEMPTS):
        before = _length(part)
        try:
            _transfer(opener, url, part, size, progress)
            reason = _("the connection was cut")
        except HTTPError as error:
            if error.code == 416:  # the partial file is not a beginning of theirs
                part.unlink(missing_ok=True)
            reason = f"HTTP {error.code}"
        except (OSError, HTTPException, ValueError) as error:
            if isinstance(error, OSError) and error.errno in FULL | _FORBIDDEN:
                raise storage_error(error, part, size - _length(part)) from None
            reason = str(getattr(error, "reason", None) or error or type(error).__name__)
        if _length(part) == size:
            if file_sha256(part).startswith(sha256):
                return None
            part.unlink()
            reason = _("the file's sha256 is not the one on record")
            if 0 < before <= size:
                continue  # the fault may lie in the part that was here before: once more, from the start
            break
        if _length(part) <= before and reason != "HTTP 416":
            break
    return reason


def _transfer(
    opener: urllib.request.OpenerDirector, url: str, part: Path, size: int, progress: Progress | None
) -> None:
    have = _length(part)
    if have > size:
        part.unlink()
        have = 0
    if have == size:
        return
    free = shutil.disk_usage(part.parent).free
    if free < size - have:
        raise OSError(errno.ENOSPC, "disk full")
    headers = {**_HEADERS, **({"Range": f"bytes={have}-"} if have else {})}
    with opener.open(urllib.request.Request(url, headers=headers), timeout=READ_SECONDS) as response:
        if response.status == 206:
            if not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                raise ValueError(_("the server sent another part than the one asked for"))
        else:  # it sends the whole file, whatever was asked
            have = 0
        length = response.headers.get("Content-Length")
        if length is not None and int(length) != size - have:
            raise ValueError(
                _("the server's file has {found} bytes, not {wanted}", found=have + int(length), wanted=size)
            )
        with part.open("ab" if have else "wb") as out:
            while have < size and (block := response.read(min(_BLOCK, size - have))):
                out.write(block)
                have += len(block)
                if progress:
                    progress(have)
            out.flush()
            os.fsync(out.fileno())


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def storage_error(error: OSError, path: Path, needed: int) -> ResourceError:
    """Translate a failed write into an error that says which disk, how much it needs and has."""
    hint = _("Free some space, or set AXONE_CACHE to a folder on another disk.")
    if error.errno in _FORBIDDEN:
        return ResourceError(_("'{path}' may not be written.", path=path), hint=hint)
    path.unlink(missing_ok=True)  # a full disk needs the space more than we need the head start
    free = shutil.disk_usage(path.parent).free
    return ResourceError(
        _("The disk is full: '{path}'.", path=path),
        expected=_("{needed} more are needed, {free} are free", needed=megabytes(needed), free=megabytes(free)),
        hint=hint,
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow a redirection only to an address that could have been asked directly."""

    def __init__(self, plain_http: tuple[str, ...]) -> None:
        self.plain_http = plain_http

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not allowed(newurl, self.plain_http):
            raise ValueError(_("it leads to an address that is not https"))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


__all__ = ["CONNECT_SECONDS", "FULL", "allowed", "answering", "download", "file_sha256", "remote_size", "storage_error"]
