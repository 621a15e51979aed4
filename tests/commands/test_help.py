from __future__ import annotations

import subprocess
import sys

import pytest

from axone import catalogue
from axone.commands.columns import format_columns
from axone.commands.help import format_help, format_verb_help
from axone.commands.settings_help import format_settings_help
from axone.commands.verbs import COMMON, VERBS
from axone.errors import UsageError
from axone.settings import Settings, describe


@pytest.fixture(autouse=True)
def width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")


def test_help_lists_every_verb_and_common_flag():
    page = format_help()
    assert all(f"  {name}" in page and verb.usage in page for name, verb in VERBS.items())
    assert all(f"--{flag.name}" in page for flag in COMMON)


@pytest.mark.parametrize("name", VERBS)
def test_help_of_a_verb_lists_its_flags(name):
    page = format_verb_help(name, [])
    assert page.startswith(f"usage: axone {name}")
    assert all(f"  --{flag.name}" in page for flag in (*VERBS[name].flags, *COMMON))


def test_help_of_a_system_groups_its_settings():
    page = format_settings_help(catalogue.find_builtin("cnn"))
    titles = [
        "settings of this system (",
        "settings of all systems for",
        "data",
        "optimization",
        "hardware",
        "run",
        "presets (",
    ]
    positions = [page.index(f"\n{title}") for title in titles]
    assert positions == sorted(positions)
    assert all(f"  {setting.flag}" in page for setting in describe(Settings))
    flags = ["--kernel-size", "--image-size", "--data TEXT", "--epochs", "--device", "--seed"]
    assert [sum(position < page.index(flag) for position in positions) for flag in flags] == [1, 2, 3, 4, 5, 6]
    assert "(1 to 31) [3]" in page and "--flip, --no-flip" in page and "\n  fast " in page
    assert "9223372036854775808" not in page  # a limit that is not one for people


def test_help_of_train_with_a_system_adds_its_settings():
    assert "--kernel-size" in format_verb_help("train", ["cnn", "--help"])
    assert "--kernel-size" not in format_verb_help("train", ["--help"])
    with pytest.raises(UsageError, match="no system 'cn'"):
        format_verb_help("train", ["cn"])


def test_the_right_column_is_wrapped_at_the_terminals_width(monkeypatch):
    rows = [("--a", "one two three four five"), ("--" + "b" * 50, "six"), ("--c", "")]
    monkeypatch.setenv("COLUMNS", "69")
    assert format_columns(rows) == [
        f"  {'--a':34}  one two three four five",
        "  --" + "b" * 50,
        f"  {'':34}  six",
        "  --c",
    ]
    monkeypatch.setenv("COLUMNS", "71")
    assert all(len(line) <= 71 for line in format_columns([("--a" * 9, "word " * 40)]))
    monkeypatch.setenv("COLUMNS", "20")  # too narrow for two columns: lines are left whole
    assert format_columns([("--a", "word " * 20)]) == ["  --a  " + " ".join(["word"] * 20)]


def test_the_first_page_loads_neither_settings_nor_torch():
    code = (
        "import sys; from axone.cli import main; main(['--help'])\n"
        "assert not {'pydantic', 'torch', 'axone.settings'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
