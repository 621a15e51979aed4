from __future__ import annotations

import subprocess
import sys

import pytest

from axone import catalogue
from axone.commands.help.columns import format_columns
from axone.commands.help.pages import format_help, format_verb_help
from axone.commands.help.settings import format_settings_help
from axone.commands.parsing.verbs import COMMON, VERBS
from axone.errors import SettingsError, UsageError
from axone.settings import describe, json_schema, read_flags, resolve, to_toml


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
    assert all(
        f"  {setting.flag}" in page
        for setting in describe(catalogue.read_settings_class(catalogue.find_builtin("cnn")))
    )
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


def test_the_help_shows_the_defaults_of_the_chosen_preset():
    for words in (["--preset", "fast"], ["--preset=fast"], ["preset=fast"]):
        page = format_verb_help("train", ["cnn", *words, "--help"])
        assert "those of --preset fast." in page
        assert "[32,64,128,128]" in page and "[muon]" in page and "[0.05]" in page and "listed below [fast]" in page
    plain = format_verb_help("train", ["cnn", "--help"])
    assert "[auto: 32,64" in plain and "[adam]" in plain and "those of --preset" not in plain
    assert "axone train cnn --preset fast --help" in plain
    boosted = " ".join(format_verb_help("train", ["cnn_xgboost", "--help"]).split())  # without line breaks
    assert "[auto: 0.05, or 0 for fewer than 2,000 images]" in boosted, "its default preset has values"
    with pytest.raises(UsageError, match=r"no preset 'fst'\. Did you mean 'fast'"):
        format_verb_help("train", ["cnn", "--preset", "fst", "--help"])


@pytest.mark.parametrize("system", catalogue.list_systems(), ids=lambda system: system.name)
def test_settings_that_a_system_does_not_read_are_not_offered(system):
    settings_class = catalogue.read_settings_class(system)
    assert settings_class.model_fields.keys() >= settings_class.UNUSED
    page, properties = format_settings_help(system), json_schema(settings_class)["properties"]
    for name in settings_class.UNUSED:
        assert f"  --{name.replace('_', '-')} " not in page and name not in properties
        with pytest.raises(SettingsError, match="There is no setting"):
            read_flags(settings_class, [f"--{name.replace('_', '-')}", "0.1"])
        with pytest.raises(SettingsError, match="There is no setting"):
            resolve(settings_class, {name: "0.1"})
        default = settings_class.model_fields[name].default
        lines = to_toml(resolve(settings_class, {name: default})).splitlines()  # as in a run of an earlier version
        assert not any(line.startswith(f"{name} =") for line in lines)
    for values in settings_class.PRESETS.values():
        assert not settings_class.UNUSED & values.keys()
