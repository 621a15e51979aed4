"""A disk that fails on request."""

from __future__ import annotations

import errno
import os


class FaultyOs:
    """The module `os`, whose n-th call that changes the disk fails: once, or from then on."""

    WATCHED = ("open", "write", "fsync", "replace", "unlink", "rmdir")

    def __init__(self, fail_at: int, code: int = errno.EIO, for_good: bool = False) -> None:
        self.fail_at, self.code, self.for_good, self.calls = fail_at, code, for_good, 0

    def __getattr__(self, name):
        real = getattr(os, name)
        if name not in self.WATCHED:
            return real

        def call(*arguments, **options):
            self.calls += 1
            if self.calls == self.fail_at or (self.for_good and self.calls > self.fail_at):
                if name == "write":  # what a full disk does: half of it is written
                    os.write(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise OSError(self.code, os.strerror(self.code))
            return real(*arguments, **options)

        return call
