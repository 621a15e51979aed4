"""The pages that teach: every snippet runs, in order, and prints what the page says that it prints."""

import contextlib
import io
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [DOCS / name for name in ("graph.md", "scikit-learn.md")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.usefixtures("unchecked")
def test_every_snippet_prints_what_the_page_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = [(match[1], match[2], page.read_text("utf-8")[: match.start()].count("\n") + 2)
              for match in BLOCK.finditer(page.read_text("utf-8"))]  # fmt: skip
    namespace: dict = {"__name__": "guide"}
    printed = ""
    for language, text, line in blocks:
        if language == "text":
            assert printed.strip("\n") == text.strip("\n"), f"{page.name}, line {line}"
        elif language == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                # Line numbers of an error are those of the page.
                exec(compile("\n" * (line - 1) + text, str(page), "exec"), namespace)
            printed = "\n".join(row.rstrip() for row in output.getvalue().splitlines())
    assert sum(language == "python" for language, _text, _line in blocks) > 5


def test_the_readme_names_the_pages():
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    for page in PAGES:
        assert f"docs/{page.name}" in readme
