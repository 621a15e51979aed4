"""Golden trajectories: the first steps of every system and preset return what they returned when they were recorded.

The metrics are held to 1e-3 of their value, or to 1e-4 where that is larger: many losses of autoencoders are below 0.1,
and 1e-3 in absolute terms would hide a learning rate that is wrong by a tenth. On one machine the numbers repeat to
the bit. On others sums are rounded differently, and in some networks the differences grow with each step, so
golden/trajectories.json keeps only the steps in which two instruction sets of a processor agree to a tenth of the
tolerance (see scripts/golden.py, which also says how to record again). An accuracy, which counts, may change by one
example of the batch, where two logits are nearly equal.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from axone.data.datasets.registry import DATASETS

ROOT = Path(__file__).parent.parent
RECORDED = json.loads((ROOT / "tests" / "golden" / "trajectories.json").read_text("utf-8"))["cases"]


def load_golden():
    spec = importlib.util.spec_from_file_location("axone_scripts_golden", ROOT / "scripts" / "golden.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module


golden = load_golden()


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    folder, before = tmp_path_factory.mktemp("golden"), Path.cwd()
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        # The steps were recorded with the subsets that ship with the package, not with a machine's own datasets.
        for name, spec in DATASETS.items():
            patch.setitem(DATASETS, name, dataclasses.replace(spec, system_folders=()))
        yield golden.Recording(folder)
    os.chdir(before)


def find_deviations(name, recording, **changes):
    """List what deviates from the record in the first steps of a case, with some settings changed."""
    case = golden.find_case(name)
    case = dataclasses.replace(case, settings={**case.settings, **changes})
    recorded = RECORDED[name]
    steps = recording.train(case, last_step=len(recorded))[0].steps
    result = [{golden.normalize_metric(metric): value for metric, value in step.items()} for step in steps]
    assert len(result) == len(recorded)
    batch_size = max(case.settings.get("batch_size", 1), 1)
    deviations = []
    for number, (expected, actual) in enumerate(zip(recorded, result), 1):
        pairs = golden.match_names(list(expected), list(actual))
        assert len(pairs) == len(expected), f"step {number}: {sorted(expected)} were recorded, found {sorted(actual)}"
        for metric, other in pairs:
            tolerance = 1.001 / batch_size if metric == "accuracy" else golden.tolerance_for(expected[metric])
            if not abs(actual[other] - expected[metric]) <= tolerance:  # false for NaN
                deviations.append(f"step {number}: {metric} was {expected[metric]}, is {actual[other]}")
    return deviations


@pytest.mark.parametrize("name", RECORDED)
def test_first_steps_are_as_recorded(name, recording):
    assert find_deviations(name, recording) == []


def test_every_case_with_steps_is_recorded():
    assert set(RECORDED) == {case.name for case in golden.CASES if case.trains}


def test_every_preset_has_a_case(recording):
    assert golden.find_uncovered() == []


@pytest.mark.parametrize("name", ["cnn default", "autoencoder table", "perceptron default", "gan3d default"])
def test_another_learning_rate_is_noticed(name, recording):
    assert find_deviations(name, recording, learning_rate=0.004), "a learning rate was changed and nothing deviated"
