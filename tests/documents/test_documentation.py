"""Every `axone ...` command in the documentation is one that the command line accepts: verb, words, flags, values.

The commands go through `axone.cli.main`; only the last step, the work of the verb, is replaced. Nothing loads torch.
"""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import axone.commands
from axone import catalogue, cli
from axone.commands.parsing.verbs import VERBS
from axone.settings import Settings, describe, read_flags, resolve
from tests.test_vocabulary import PATTERNS, PROSE, find

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(axone.commands.__file__).parent / "templates" / "system.py.txt"
WRITTEN_FROM_OUTPUT = {"docs/terminal.md", "docs/fr/terminal.md"}  # what real commands printed, also wrong commands
PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks" / "README.md"])
    if page.relative_to(ROOT).as_posix() not in WRITTEN_FROM_OUTPUT
]
# flow-before.md lists files of the tree before it was rearranged; the others still have a word to replace.
OTHER_WORDS = {"docs/flow-before.md", "docs/golden.md"}  # they list files and presets of an older commit too
ENGLISH_PAGES = [
    page for page in PAGES if "fr" not in page.parts and page.relative_to(ROOT).as_posix() not in OTHER_WORDS
]
SCRIPTS = sorted([*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "scripts").glob("*.py")])
SCRIPTS.remove(ROOT / "scripts" / "golden.py")  # it has the old names too, because it runs with old checkouts
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*")  # `--preset NAME`: the reader writes a value in its place


def find_commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command in a page: indented lines, lines of code blocks, and `code` in a sentence."""
    for line in re.findall(r"^(?: {4}|\$ |)(?:[^`\n|]* \| )?(axone [^\n`|]*)$", text, re.MULTILINE):
        if not re.match(r"axone +[a-z|]+ *(?:$|[A-Z#./-]|[a-z0-9_]+(?: |$))", line):
            continue  # a sentence that begins with the name
        yield shlex.split(line, comments=True)[1:]
    for code in re.findall(r"`axone (\S[^`]*)`", text):
        yield shlex.split(code)


def check_command(words: list[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the error that a command would end with before any work; "" when there is none."""
    if words[0] in VERBS and set(words[1:]) <= {f"--{flag.name}" for flag in VERBS[words[0]].flags}:
        return ""  # a sentence that names a verb, or a flag of a verb
    accepted: list[argparse.Namespace] = []

    def execute(options: argparse.Namespace) -> int:
        accepted.append(options)
        return 0

    for verb in VERBS:
        monkeypatch.setitem(sys.modules, f"axone.commands.{verb}", SimpleNamespace(execute=execute))
    code = cli.main(words)
    if code or not accepted:
        return "" if not code else f"exit code {code}"
    options = accepted[0]
    if VERBS[words[0]].settings:
        try:
            check_settings(options.words[0], options.settings)
        except Exception as error:
            return str(error)
    return ""


def check_settings(system: str, words: list[str]) -> None:
    """Raise the error of a system's flags and values; a value in capitals stands for one that the reader writes."""
    settings_class: type[Settings] = Settings
    if system.endswith(".py"):
        settings_class = catalogue.read_light_class(TEMPLATE, "Settings", Settings) or Settings
    elif not PLACEHOLDER.fullmatch(system):
        settings_class = catalogue.read_settings_class(catalogue.find_builtin(system))
    kinds = {setting.flag: setting.kind for setting in describe(settings_class)}
    checked = list(words)
    for position in reversed(range(len(words) - 1)):
        flag, value = words[position : position + 2]
        if PLACEHOLDER.fullmatch(value) and flag in kinds and (flag == "--preset" or kinds[flag] != "text"):
            del checked[position : position + 2]
    resolve(settings_class, read_flags(settings_class, checked))


def test_there_are_commands_in_the_documentation():
    commands = list(find_commands((ROOT / "README.md").read_text("utf-8")))
    assert ["train", "cnn", "--preset", "fast"] in commands and ["predict", "RUN", "-", "--json"] in commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_is_accepted(page, monkeypatch, capsys, tmp_path):
    shutil.copy(TEMPLATE, tmp_path / "my_system.py")
    monkeypatch.chdir(tmp_path)
    wrong = {}
    for words in find_commands(page.read_text("utf-8")):
        if error := check_command(words, monkeypatch):
            wrong[" ".join(words)] = error + capsys.readouterr().err
    assert not wrong


@pytest.mark.parametrize(
    "command",
    ["trian cnn", "train nothing", "train cnn --epohcs 3", "train cnn --epochs three", "predict RUN", "list --all",
     "train gan --preset course", "train SYSTEM --slope 1"],
)  # fmt: skip
def test_a_wrong_command_is_not_accepted(command, monkeypatch):
    assert check_command(command.split(), monkeypatch)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", ENGLISH_PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_are_written_in_the_words_of_the_field(page):
    text = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", "", page.read_text("utf-8"), flags=re.DOTALL)
    wrong = [
        f"{match[0]!r} in {line.strip()[:80]!r}; write: {PROSE[phrase]}"
        for line in text.splitlines()
        for phrase, pattern in PATTERNS.items()
        if (match := pattern.search(line))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.relative_to(ROOT).as_posix())
def test_scripts_and_benchmarks_are_written_in_the_words_of_the_field(script):
    wrong = [f"line {line}: {word!r}; write: {instead}" for word, line, instead in find(script)]
    assert not wrong, "\n".join(wrong)
