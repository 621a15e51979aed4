"""The names that users type. They change on purpose only: here, in the change log, and in the documents."""

from __future__ import annotations

import subprocess
import sys

import pytest

import axone
from axone import catalogue
from axone.commands.parsing.verbs import COMMON, VERBS
from axone.settings import Settings, describe

VERB_FLAGS = {
    "list": [],
    "graph": ["input", "classes", "svg", "source", "system"],
    "train": ["config", "name"],
    "resume": ["system"],
    "stop": [],
    "evaluate": ["data", "system"],
    "predict": ["top", "out", "system"],
    "generate": ["count", "class", "seed", "out", "system"],
    "explain": ["class", "layer", "nearest", "out", "system"],
    "play": ["seed", "out", "system"],
    "runs": ["follow"],
    "report": ["open"],
    "data": ["out", "columns", "missing"],
    "check": [],
    "new": ["kind"],
}
SHARED_FLAGS = [
    "--data",
    "--target",
    "--limit",
    "--validation",
    "--epochs",
    "--batch-size",
    "--learning-rate",
    "--optimizer",
    "--schedule",
    "--weight-decay",
    "--gradient-clip",
    "--accumulate",
    "--ema",
    "--label-smoothing",
    "--patience",
    "--device",
    "--precision",
    "--shards",
    "--threads",
    "--preset",
    "--seed",
    "--save-every",
]


def test_names_of_the_package():
    assert axone.__all__ == ["AxoneError", "Run", "load", "network", "resume", "train"]
    assert set(axone.__all__) <= set(dir(axone))


def test_public_members_of_a_run():
    from axone.use import Run

    members = [name for name in vars(Run) if not name.startswith("_")]
    assert sorted(members) == [
        "current_results", "evaluate", "evaluate_with_notes", "explain", "explain_each", "generate", "iterate_examples",
        "model", "play", "predict", "predict_each", "read_inputs", "results", "settings", "system",
    ]  # fmt: skip


def test_verbs_and_their_flags():
    assert {name: [flag.name for flag in verb.flags] for name, verb in VERBS.items()} == VERB_FLAGS
    assert [flag.name for flag in COMMON] == ["runs-folder", "language", "json", "debug"]
    assert [name for name, verb in VERBS.items() if verb.settings] == ["graph", "train", "resume"]
    assert [name for name, verb in VERBS.items() if verb.options] == [
        "evaluate", "predict", "generate", "explain", "play",
    ]  # fmt: skip


def test_flags_shared_by_all_systems():
    assert [setting.flag for setting in describe(Settings)] == SHARED_FLAGS


@pytest.mark.parametrize("system", catalogue.list_systems(), ids=lambda system: system.name)
def test_every_system_takes_the_shared_flags_and_hides_no_flag_of_the_verbs(system):
    settings_class = catalogue.read_settings_class(system)
    flags = {setting.flag for setting in describe(settings_class)}
    unused = {f"--{name.replace('_', '-')}" for name in settings_class.UNUSED}  # not offered: the system ignores them
    assert set(SHARED_FLAGS) - unused <= flags and not flags & unused
    # A setting of the name of a verb's own flag could never be typed.
    taken = {f"--{flag.name}" for verb in ("train", "resume") for flag in (*VERBS[verb].flags, *COMMON)}
    assert flags & taken == set()


def test_the_systems_are_listed_by_name():
    assert [system.name for system in catalogue.list_systems()] == [
        "alphazero", "autoencoder", "cnn", "cnn_xgboost", "denoiser", "dqn", "gan", "gan3d", "image_to_image",
        "inception", "language_model", "mlp",
        "mobilenet", "motion", "music", "perceptron", "ppo", "resnet", "series", "skirmish", "speech",
        "text_classifier", "vgg",
    ]  # fmt: skip


def fresh(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_importing_the_package_loads_nothing():
    done = fresh("import sys, axone; print(sorted(n for n in sys.modules if n.split('.')[0] in ('torch', 'numpy')))")
    assert done.stdout.strip() == "[]", done.stderr


def test_public_functions_stay_functions_whatever_was_imported():
    code = "import axone; axone.resume; import axone.network; print(callable(axone.train), callable(axone.network))"
    assert fresh(code).stdout.split() == ["True", "True"]
