"""The settings that a resumed run may change."""

import pytest

from axone.errors import RunError, SettingsError
from axone.runs.compatibility import describe_machine_differences, require_same_data, require_same_settings
from axone.settings import Settings


def test_length_patience_and_hardware_may_change():
    require_same_settings(Settings(epochs=3), Settings(epochs=5, patience=2, save_every=7, device="cpu", threads=1))


def test_another_learning_rate_is_another_experiment():
    with pytest.raises(SettingsError, match=r"learning_rate \(0.001 -> 0.1\)") as error:
        require_same_settings(Settings(), Settings(learning_rate=0.1))
    assert "epochs" in error.value.expected


def test_other_data_are_refused():
    require_same_data({"fingerprint": "a"}, {"fingerprint": "a"})
    with pytest.raises(RunError, match="not those that this run was trained on"):
        require_same_data({"fingerprint": "a"}, {"fingerprint": "b"})


def test_a_sentence_names_what_differs_between_two_machines():
    machine = {"threads": 2, "device": "cpu", "precision": "float32", "torch": "2.13.0", "processor": "P"}
    assert describe_machine_differences(machine, machine) == ""
    assert "threads: 2 -> 1" in describe_machine_differences(machine, {**machine, "threads": 1})
