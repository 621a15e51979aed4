"""docs/terminal.md is what its script writes, for the parts that need no training."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "terminal_page.py"))
WITHOUT_TRAINING = [number for number, (_titles, _commands, trains) in enumerate(SCRIPT["SECTIONS"]) if not trains]


@pytest.mark.parametrize("language", SCRIPT["PAGES"])
@pytest.mark.parametrize("number", WITHOUT_TRAINING)
def test_a_section_is_what_the_commands_print(number, language, tmp_path):
    section = SCRIPT["write_section"](number, language, tmp_path)
    assert section in SCRIPT["PAGES"][language].read_text("utf-8"), "run scripts/terminal_page.py"


@pytest.mark.parametrize("language", SCRIPT["PAGES"])
def test_the_page_has_every_section_and_nothing_that_changes(language):
    page = SCRIPT["PAGES"][language].read_text("utf-8")
    for titles, commands, _trains in SCRIPT["SECTIONS"]:
        assert f"## {titles[language == 'fr']}\n" in page
        assert all(f"$ {command}\n" in page for command in commands)
    assert "/tmp/" not in page and "Traceback" not in page
    assert SCRIPT["replace_variable_parts"](page, Path("/nowhere")) == page


def test_durations_and_folders_are_replaced():
    text = "loss 1.5  0.8 s  *\n12,4 s\nreport: file:///tmp/x/runs/a\n1.25 s3 x1.5 s"
    replaced = SCRIPT["replace_variable_parts"](text, Path("/tmp/x"))
    assert replaced == "loss 1.5  … s  *\n… s\nreport: file:///home/you/runs/a\n1.25 s3 x1.5 s"
