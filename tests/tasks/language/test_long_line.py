"""A text that is one long line needs memory for a few copies of its bytes, and not for objects per character."""

import tracemalloc

from axone.engine.context import BuildContext
from axone.systems.language_model import Settings
from axone.tasks.language.data import read_language

SIZE = 3_000_000


def test_one_long_line_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "line.txt"
    path.write_bytes(b"one long line without an end, " * (SIZE // 30))
    tracemalloc.start()
    try:
        data = read_language(Settings(data=str(path)), BuildContext())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(data.train) + len(data.held_out) == SIZE + 2
    assert peak < 5 * SIZE + 40_000_000  # the table of all characters has 2 bytes for each, blocks are 1 MB of text
