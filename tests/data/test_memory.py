"""Free memory is the smallest of what the machine, the container and the process allow."""

import pytest

from axone.data import memory
from axone.errors import ResourceError


def test_the_smallest_limit_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_machine", lambda: 5000)
    monkeypatch.setattr(memory, "_process", lambda: None)
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    assert memory.free_memory() == 5000
    (tmp_path / "memory.max").write_text("4000\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert memory.free_memory() == 3000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_memory() == 5000


def test_what_does_not_fit_is_refused_with_both_numbers(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 2_000_000)
    memory.require_memory(1_999_999, "small")
    with pytest.raises(ResourceError, match="large") as caught:
        memory.require_memory(3_000_000, "large")
    assert "3.0" in caught.value.expected and "2.0" in caught.value.expected and caught.value.exit_code == 5


def test_nothing_is_refused_where_nothing_is_known(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    memory.require_memory(10**18, "anything")


def test_this_machine_says_something():
    assert memory.free_memory() is None or memory.free_memory() > 0
