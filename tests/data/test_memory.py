"""Free memory is the smallest of what the machine, the container and the process allow."""

import subprocess
import sys

import pytest

from axone.data import memory
from axone.errors import ResourceError


def test_the_smallest_limit_of_machine_and_container_counts(monkeypatch, tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 16 kB\nMemFree: 1 kB\nMemAvailable:       5 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    assert memory.free_memory() == 5 * 1024
    (tmp_path / "memory.max").write_text("4000\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert memory.free_memory() == 3000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_memory() == 5 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_the_limit_of_the_process_counts():
    limit = 3_000_000_000
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))\n"
        "from axone.data import memory; print(memory.free_memory())"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 0 < int(output) < limit


def test_an_error_names_the_memory_needed_and_free(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 2_000_000)
    memory.require_memory(1_999_999, "small")
    with pytest.raises(ResourceError, match="large") as caught:
        memory.require_memory(3_000_000, "large")
    assert "3.0" in caught.value.expected and "2.0" in caught.value.expected and caught.value.exit_code == 5


def test_any_size_is_accepted_where_no_limit_is_known(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    memory.require_memory(10**18, "anything")


def test_no_more_is_read_than_a_share_of_free_memory(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    assert memory.max_bytes_read() == 400
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    assert memory.max_bytes_read() == memory.READ_TOGETHER
