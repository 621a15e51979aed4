"""The pages that teach: every snippet runs, in order, and prints what the page says that it prints."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / name for name in ("graph.md", "images.md", "play.md", "scikit-learn.md", "worlds.md")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# In a process of its own: a reader has no checks of annotations.
RUN = """
import contextlib, io, json, sys
page, blocks = json.load(sys.stdin)
namespace, outputs = {"__name__": "guide"}, []
for line, text in blocks:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        # The line numbers of an error are those of the page.
        exec(compile(chr(10) * (line - 1) + text, page, "exec"), namespace)
    outputs.append(output.getvalue())
print(json.dumps(outputs))
"""


def strip_lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_snippet_prints_what_the_page_says(page, tmp_path):
    text = page.read_text("utf-8")
    blocks = [(match[1], text[: match.start()].count("\n") + 2, match[2]) for match in BLOCK.finditer(text)]
    snippets = [(line, code) for language, line, code in blocks if language == "python"]
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps([str(page), snippets]),
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    outputs = dict(zip([line for line, _code in snippets], json.loads(done.stdout)))
    printed = ""
    for language, line, code in blocks:
        if language == "text":
            assert strip_lines(printed) == strip_lines(code), f"{page.name}, line {line}"
        printed = outputs.get(line, printed)
    assert len(snippets) > 5


def test_the_readme_names_the_pages():
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    for page in PAGES:
        assert f"docs/{page.name}" in readme
