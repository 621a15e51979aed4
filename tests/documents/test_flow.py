"""docs/flow.md lists the files that a command passes through."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = "axone train cnn"


def test_the_page_lists_the_files_of_a_training_in_their_order():
    spec = importlib.util.spec_from_file_location("trace_files", ROOT / "scripts" / "trace_files.py")
    trace_files = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = trace_files  # dataclasses look their module up
    spec.loader.exec_module(trace_files)
    entries = trace_files.trace_flows(ROOT, [COMMAND])[COMMAND]
    traced = [name for name in entries if not name.startswith(trace_files.GROUPED)]
    section = (ROOT / "docs" / "flow.md").read_text("utf-8").split("\n## ")[1]
    assert section.startswith(f"`{COMMAND}`")
    assert traced == re.findall(r"\| \d+ \| `([^`]+)` \|", section), (
        "python scripts/trace_files.py --output docs/flow.md"
    )
