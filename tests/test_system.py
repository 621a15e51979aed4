"""A system's file is checked when it is loaded: what is missing or has other arguments is named."""

from __future__ import annotations

import subprocess
import sys

import pytest

from axone import catalogue
from axone.errors import DataError, UsageError
from axone.settings import resolve
from axone.system import locate_errors

GOOD = '''
"""A system that a test wrote."""
import torch
import axone.settings


class Settings(axone.settings.Settings):
    """Nothing of its own."""


def model(settings, facts):
    return torch.nn.Linear(1, 1)


def build(settings, context):
    return 1 / 0
'''


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "mine.py"
        path.write_text(text)
        return catalogue.load(catalogue.find_file(path))

    return load


def test_optional_functions_of_a_file_are_none_if_missing(load, tmp_path):
    system = load(GOOD + "def generate(network, settings, facts, *, count, label, seed): return []\n")
    assert (system.name, system.path, system.own) == ("mine", (tmp_path / "mine.py").resolve(), True)
    assert system.predict is None and system.read_inputs is None and system.complete is None
    assert system.list_verbs(resolve(system.Settings)) == ["generate"]


def test_a_file_may_decide_its_verbs_by_its_settings(load):
    system = load(GOOD + "def verbs(settings): return ['predict'] if settings.seed else []\n")
    assert system.list_verbs(resolve(system.Settings)) == []
    assert system.list_verbs(resolve(system.Settings, {"seed": 1})) == ["predict"]


def test_functions_may_take_further_arguments_with_defaults(load):
    text = GOOD.replace("def model(settings, facts)", "def model(settings, facts, width=8, *rest, **more)")
    assert load(text).model is not None


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("class Settings", "class Options", ["no class Settings(axone.settings.Settings)"]),
        ("class Settings(axone.settings.Settings)", "class Settings", ["no class Settings(axone.settings.Settings)"]),
        ("def model", "def network", ["no function model(settings, facts)"]),
        ("def build", "def make", ["no function build(settings, context)"]),
        ("def build(settings, context)", "def build(settings)", ["build(settings)", "build(settings, context)"]),
        ("def model(settings, facts)", "def model(settings)", ["model(settings)", "model(settings, facts)"]),
        ("def model(settings, facts)", "def model(settings, facts, *, width)", ["width", "model(settings, facts)"]),
        ("def build", "predict = 3\ndef build", ["no function predict(network, settings, facts, inputs)"]),
        ("def build", "def predict(network, inputs): pass\ndef build", ["predict(network, inputs)", "facts, inputs)"]),
        ("def build", "def generate(network, settings, facts, count): pass\ndef build", ["*, count, label, seed)"]),
        (
            "def build",
            "def play(network, settings, facts): pass\ndef build",
            ["play(network, settings, facts, *, seed)"],
        ),
        ("def build", "def read_inputs(given): pass\ndef build", ["read_inputs(inputs, facts)"]),
        ("def build", "def complete(settings): pass\ndef build", ["complete(settings, context)"]),
        ("def build", "def verbs(): pass\ndef build", ["verbs(settings)"]),
        ("import torch", "import torhc", ["cannot be loaded", "torhc"]),
        ("import torch", "import sys; sys.exit(3)", ["cannot be loaded", "SystemExit"]),
        ("import torch", "import torch,", ["cannot be loaded", "SyntaxError"]),
    ],
)
def test_the_error_names_what_a_file_lacks(load, old, new, parts):
    with pytest.raises(UsageError) as caught:
        load(GOOD.replace(old, new))
    assert all(part in str(caught.value) for part in ("mine.py", *parts))


def test_an_error_in_a_users_own_file_names_the_line(load):
    system = load(GOOD)
    with pytest.raises(UsageError, match=r"mine\.py' failed in line 16: ZeroDivisionError"), locate_errors(system):
        system.build(None, None)
    with pytest.raises(DataError), locate_errors(system):  # errors of ours explain themselves
        raise DataError("no data")
    with pytest.raises(ZeroDivisionError), locate_errors(catalogue.load(catalogue.find_builtin("cnn"))):
        _ = 1 / 0


@pytest.mark.parametrize("file", catalogue.list_systems(), ids=lambda file: file.name)
def test_every_built_in_system_fulfills_the_contract(file):
    system = catalogue.load(file)
    assert not system.own and system.name == file.name
    assert system.predict or system.generate


def test_the_settings_of_every_system_are_read_without_torch():
    code = (
        "import sys\n"
        "from axone import catalogue\n"
        "files = catalogue.list_systems()\n"
        "print(len([catalogue.read_settings_class(file) for file in files]) == len(files) > 0)\n"
        "print(sorted({'torch', 'numpy', 'PIL', 'polars', 'matplotlib'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["True", "[]"], done.stderr
