"""Numbers in the documents are those that a benchmark wrote: every page and header is made from its JSON file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TABLES = [sys.executable, str(ROOT / "benchmarks" / "tables.py"), "--check"]


def test_pages_and_headers_say_what_was_measured():
    done = subprocess.run(TABLES, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_changed_number_is_found(tmp_path):
    for name in ("benchmarks", "docs", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "benchmarks").unlink()
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    for file in ("tables.py", "headers.py"):
        (tmp_path / "benchmarks" / file).write_text((ROOT / "benchmarks" / file).read_text("utf-8"), "utf-8")
    found = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
    if not found:
        pytest.fail("no benchmark was ever run")
    content = json.loads(found[0].read_text("utf-8"))
    content["rows"][0][1] += "9"
    (tmp_path / "benchmarks" / "results" / found[0].name).write_text(json.dumps(content), "utf-8")
    done = subprocess.run([sys.executable, str(tmp_path / "benchmarks" / "tables.py"), "--check"], capture_output=True)
    assert done.returncode == 1
