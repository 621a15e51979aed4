"""Download one file from the first of several addresses that delivers all of it.

The rules: only https (plain http for hosts that the caller names, and for this machine itself); a partial file is
continued, not started again; no file gets its name before its size and sha256 are the expected ones. Nothing that a
mirror sends is trusted, so a wrong or hostile mirror costs time and no more.
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
from axone.numbers import format_bytes

CONNECT_SECONDS = 4.0  # in total, after which a machine without a network falls back to other data
READ_SECONDS = 20.0  # without a byte, after which a mirror is given up
ATTEMPTS = 5  # at one mirror; each must deliver bytes to allow the next
_BLOCK = 1 << 16  # bytes
_HEADERS = {"User-Agent": "axone", "Accept-Encoding": "identity"}
DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

OnBytes = Callable[[int], None]


def download_file(
    urls: Sequence[str],
    target: Path,
    *,
    sha256: str,
    size: int,
    plain_http: tuple[str, ...] = (),
    on_bytes: OnBytes | None = None,
) -> None:
    """Write a file from the first address whose bytes have the expected size and sha256.

    Args:
        urls: The addresses, the preferred one first.
        target: The file to write. A partial file stays next to it, for the next attempt.
        sha256: The expected sha256, or the beginning of it.
        size: The expected number of bytes.
        plain_http: Hosts that may be asked without encryption.
        on_bytes: Called with the number of bytes present so far.

    Raises:
        DataError: No address delivers the file; the message has the reason of each.
        ResourceError: The disk is full or may not be written.
    """
    part = target.with_name(target.name + ".part")
    opener = urllib.request.build_opener(_Redirects(plain_http))
    reasons: list[str] = []
    refused = [url for url in urls if not allowed(url, plain_http)]
    reasons += [f"{url}: " + _("not https") for url in refused]
    for url in reachable([url for url in urls if url not in refused]):
        reason = _from_one(opener, url, part, sha256, size, on_bytes)
        if reason is None:
            part.replace(target)
            return
        reasons.append(f"{url}: {reason}")
    if len(reasons) == len(refused):
        reasons.append(_("no address answered; is this machine on a network?"))
    raise DataError(_("'{name}' could not be downloaded.", name=target.name), expected="\n".join(reasons))


def remote_size(urls: Sequence[str], plain_http: tuple[str, ...] = ()) -> int:
    """Return the size of a file in bytes, as the first server that answers gives it.

    Raises DataError when none does.
    """
    opener = urllib.request.build_opener(_Redirects(plain_http))
    reasons = []
    for url in reachable([url for url in urls if allowed(url, plain_http)]):
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
    """Return whether an address may be requested: https, or http at this machine or at a host of `plain_http`."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" or (parts.scheme == "http" and (host in _LOOPBACK or host in plain_http))


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, which is read block by block."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def reachable(urls: list[str], within: float = CONNECT_SECONDS) -> list[str]:
    """Return the addresses worth trying, those that accept a connection first; none without a network.

    All hosts are tried at the same time, each in a thread that is not joined: without a network, name lookups block
    for long and take no time limit.
    """
    endpoints = {url: _endpoint(url) for url in urls}
    results: queue.Queue[tuple[tuple[str, int], bool]] = queue.Queue()
    for endpoint in set(endpoints.values()):
        threading.Thread(target=lambda e=endpoint: results.put((e, _connects(e, within))), daemon=True).start()
    answers: dict[tuple[str, int], bool] = {}
    deadline = time.monotonic() + within
    while len(answers) < len(set(endpoints.values())) and True not in answers.values():
        try:
            endpoint, connected = results.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        answers[endpoint] = connected
    if True not in answers.values():
        return []
    # One host answered, so there is a network, and hosts that are only slower stay in the list.
    candidates = [url for url in urls if answers.get(endpoints[url], True)]
    return sorted(candidates, key=lambda url: not answers.get(endpoints[url], False))


def _endpoint(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _connects(endpoint: tuple[str, int], within: float) -> bool:
    try:
        socket.create_connection(endpoint, timeout=within).close()
    except OSError:
        return False
    return True


def _from_one(
    opener: urllib.request.OpenerDirector, url: str, part: Path, sha256: str, size: int, on_bytes: OnBytes | None
) -> str | None:
    """Try one mirror; return None when the partial file is complete and correct, else the reason."""
    reason = ""
    for _attempt in range(ATTEMPTS):
        before = _length(part)
        try:
            _transfer(opener, url, part, size, on_bytes)
            reason = _("the connection was cut")
        except HTTPError as error:
            if error.code == 416:  # the partial file is not the beginning of the server's file
                part.unlink(missing_ok=True)
            reason = f"HTTP {error.code}"
        except (OSError, HTTPException, ValueError) as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL | _FORBIDDEN:
                raise storage_error(error, part, size - _length(part)) from None
            reason = str(getattr(error, "reason", None) or error or type(error).__name__)
        if _length(part) == size:
            if file_sha256(part).startswith(sha256):
                return None
            part.unlink()
            reason = _("the sha256 of the file is not the expected one")
            if 0 < before <= size:
                continue  # the fault may be in the part that was there before: try again from the start
            break
        if _length(part) <= before and reason != "HTTP 416":
            break
    return reason


def _transfer(opener: urllib.request.OpenerDirector, url: str, part: Path, size: int, on_bytes: OnBytes | None) -> None:
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
                raise ValueError(_("the server sent another part than the requested one"))
        else:  # the server sends the complete file, whatever the request
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
                if on_bytes:
                    on_bytes(have)
            out.flush()
            os.fsync(out.fileno())


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def storage_error(error: OSError, path: Path, needed: int) -> ResourceError:
    """Turn a failed write into an error that says which disk, what it needs and what is free."""
    hint = _("Free some space, or set AXONE_CACHE to a folder on another disk.")
    if error.errno in _FORBIDDEN:
        return ResourceError(_("'{path}' may not be written.", path=path), hint=hint)
    path.unlink(missing_ok=True)  # a full disk needs the space more than the next attempt needs a head start
    free = shutil.disk_usage(path.parent).free
    return ResourceError(
        _("The disk is full: '{path}'.", path=path),
        expected=_("{needed} more are needed, {free} are free", needed=format_bytes(needed), free=format_bytes(free)),
        hint=hint,
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow a redirection only to an address that could have been requested directly."""

    def __init__(self, plain_http: tuple[str, ...]) -> None:
        self.plain_http = plain_http

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not allowed(newurl, self.plain_http):
            raise ValueError(_("it redirects to an address that is not https"))
        return super().redirect_request(req, fp, code, msg, headers, newurl)
