"""Settings: flags, TOML and Python give the same values and the same errors."""

import math
from typing import ClassVar, Literal

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st
from pydantic import ValidationError

from axone.errors import SettingsError
from axone.settings import Settings, describe, json_schema, option, read_flags, read_toml, resolve, to_toml


class Example(Settings):
    """A system's settings."""

    PRESETS: ClassVar = {"default": {}, "large": {"widths": (256, 256), "epochs": 7}}

    widths: tuple[int, ...] = option((32,), "units of each layer")
    kind: Literal["round", "square"] = option("round", "form")
    bright: bool = option(True, "a switch")
    epochs: int = option(3, "passes", ge=1, le=50)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--epochs", "5"], {"epochs": 5}),
        (["--epochs=5"], {"epochs": 5}),
        (["epochs=5"], {"epochs": 5}),
        (["--batch-size", "64", "batch_size=32"], {"batch_size": 32}),
        (["--widths", "8,16"], {"widths": (8, 16)}),
        (["--widths", ""], {"widths": ()}),
        (["--bright"], {"bright": True}),
        (["--no-bright"], {"bright": False}),
        (["bright=false"], {"bright": False}),
        (["--learning-rate", "1e-3"], {"learning_rate": 0.001}),
        (["--data", "a=b.csv"], {"data": "a=b.csv"}),
        (["--kind", "square"], {"kind": "square"}),
    ],
)
def test_flags_are_read(words, expected):
    assert read_flags(Example, words) == expected


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["--epocs", "5"], ["--epocs", "Did you mean 'epochs'"]),
        (["--epochs"], ["--epochs", "needs a value", "1 to 50"]),
        (["--epochs", "many"], ["many", "whole number", "1 to 50"]),
        (["--epochs", "2.5"], ["2.5", "whole number"]),
        (["--kind", "oval"], ["oval", "round, square"]),
        (["--widths", "8,x"], ["8,x", "commas"]),
        (["--bright=maybe"], ["maybe", "true or false"]),
        (["fast"], ["fast", "--name VALUE"]),
    ],
)
def test_errors_of_flags_name_the_value_and_what_was_expected(words, printed):
    with pytest.raises(SettingsError) as caught:
        read_flags(Example, words)
    assert caught.value.exit_code == 2
    for part in printed:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("values", "printed"),
    [
        ({"epochs": 0}, "1 to 50"),
        ({"data": "caf\udcc3"}, "text in UTF-8"),
        ({"epochs": 51}, "1 to 50"),
        ({"epochs": True}, "whole number"),
        ({"epochs": "5"}, "whole number"),
        ({"learning_rate": math.nan}, "above 0"),
        ({"learning_rate": math.inf}, "at most 100"),
        ({"learning_rate": -1.0}, "above 0"),
        ({"validation": 1.0}, "0.9"),
        ({"device": "gpu"}, "cuda"),
        ({"optimizer": "adm"}, "adamw"),
        ({"learing_rate": 0.1}, "Did you mean 'learning_rate'"),
        ({"preset": "larg"}, "Did you mean 'large'"),
    ],
)
def test_errors_of_values_say_what_was_expected(values, printed):
    with pytest.raises(SettingsError) as caught:
        resolve(Example, values)
    assert printed in str(caught.value)


def test_precedence_default_preset_file_flags(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('preset = "large"\nbatch_size = 16\nwidths = [4]\n', "utf-8")
    assert resolve(Example).epochs == 3
    assert resolve(Example, {"preset": "large"}).widths == (256, 256)
    settings = resolve(Example, {"batch_size": 8}, file)
    assert (settings.epochs, settings.batch_size, settings.widths) == (7, 8, (4,))


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        resolve(Example).epochs = 4


def test_unreadable_settings_files_are_errors(tmp_path):
    bad, binary, large = tmp_path / "bad.toml", tmp_path / "binary.toml", tmp_path / "large.toml"
    bad.write_text("epochs = = 5", "utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    large.write_text("#" * 1_000_001, "utf-8")
    for path in (bad, binary, large, tmp_path / "missing.toml"):
        with pytest.raises(SettingsError, match=path.name):
            read_toml(path)
    bad.write_text("epochz = 5", "utf-8")
    with pytest.raises(SettingsError, match="epochs"):
        resolve(Example, {}, bad)


values = st.fixed_dictionaries(
    {},
    optional={
        "epochs": st.integers(1, 50),
        "learning_rate": st.floats(1e-9, 100, exclude_min=True),
        "widths": st.lists(st.integers(1, 999), max_size=4).map(tuple),
        "kind": st.sampled_from(["round", "square"]),
        "bright": st.booleans(),
        "data": st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20),
    },
)


@given_by(values)
def test_toml_round_trip_is_exact(tmp_path_factory, changes):
    settings = resolve(Example, changes)
    file = tmp_path_factory.mktemp("toml") / "s.toml"
    file.write_text(to_toml(settings), "utf-8", newline="\n")
    assert resolve(Example, {}, file) == settings


def test_settings_are_described_for_forms():
    listed = {setting.name: setting for setting in describe(Example)}
    assert listed["widths"].kind == "list" and listed["widths"].group == "system"
    assert listed["epochs"].limits == "1 to 50" and listed["epochs"].flag == "--epochs"
    assert listed["kind"].choices == ("round", "square")
    groups = {name: listed[name].group for name in ("data", "epochs", "device", "seed")}
    assert groups == {"data": "data", "epochs": "optimization", "device": "hardware", "seed": "run"}
    properties = json_schema(Example)["properties"]
    assert properties["epochs"]["maximum"] == 50 and properties["epochs"]["default"] == 3


class Beginning(Settings):
    from_: str = option("", "where to begin")


def test_a_setting_with_a_reserved_name_is_typed_without_its_underscore(tmp_path):
    (setting,) = [setting for setting in describe(Beginning) if setting.name == "from_"]
    assert setting.flag == "--from"
    for words in (["--from", "here"], ["--from=here"], ["from=here"], ["--from_", "here"]):
        assert read_flags(Beginning, words) == {"from_": "here"}
    file = tmp_path / "s.toml"
    for text in ('from = "here"', 'from_ = "here"'):
        file.write_text(text)
        assert resolve(Beginning, {}, file).from_ == "here"
    assert resolve(Beginning, {"from": "there"}, file).from_ == "there"
    with pytest.raises(SettingsError, match=r"no setting 'form'\. Did you mean 'from'"):
        resolve(Beginning, {"form": "here"})


class Chosen(Settings):
    """Settings of which some are chosen by the data."""

    epochs: int = option(3, "passes", auto="more for few examples", ge=1, le=50)
    kind: Literal["round", "square"] = option("round", "form", auto="square for few examples")


def test_auto_is_a_value_of_settings_that_a_system_may_choose(tmp_path):
    assert read_flags(Chosen, ["--epochs", "auto", "--kind=auto"]) == {"epochs": "auto", "kind": "auto"}
    file = tmp_path / "settings.toml"
    file.write_text('epochs = "auto"\n', "utf-8")
    settings = resolve(Chosen, {"kind": "auto"}, file)
    assert settings == Chosen() and not settings.model_fields_set
    assert [(each.name, each.auto) for each in describe(Chosen) if each.auto] == [
        ("kind", "square for few examples"), ("epochs", "more for few examples"),
    ]  # fmt: skip


def test_auto_is_no_value_of_other_settings():
    with pytest.raises(SettingsError, match="auto"):
        read_flags(Example, ["--epochs", "auto"])
    with pytest.raises(SettingsError) as caught:
        read_flags(Chosen, ["--epochs", "many"])
    assert "or auto" in str(caught.value)


def test_resolved_settings_list_what_was_set_explicitly(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("seed = 4\n", "utf-8")
    settings = resolve(Example, {"preset": "large", "bright": True}, file)
    assert settings.model_fields_set == {"preset", "bright", "seed"}
    assert (settings.epochs, settings.seed) == (7, 4)
