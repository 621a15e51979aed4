"""Paths as text that any terminal or file accepts."""

import os

from axone.data.paths import printable_path


def test_printable_paths_are_safe_everywhere():
    assert printable_path("a photo é 🙂.png") == "a photo é 🙂.png"
    assert printable_path("a\nb\x1b[31m") == "a\\nb\\x1b[31m"
    assert printable_path(os.fsdecode(b"\xff.png") if os.name == "posix" else "\udcff.png").encode("utf-8")
