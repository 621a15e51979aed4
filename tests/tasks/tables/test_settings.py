"""The settings of tables: checked without torch, and in their limits."""

import subprocess
import sys

import pytest

from axone.errors import SettingsError
from axone.settings import resolve
from axone.tasks.tables.settings import RowSettings, TableSettings


def test_settings_are_read_without_torch():
    script = "import sys, axone.tasks.tables.settings; print('torch' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "False"


@pytest.mark.parametrize("changes", [{"threshold": "best"}, {"task": "ranking"}, {"test": 1.0}])
def test_values_out_of_range_are_refused(changes):
    with pytest.raises(SettingsError, match=f"{next(iter(changes))} cannot be"):
        resolve(TableSettings, changes)


def test_every_system_for_rows_can_hold_out_a_test_set():
    assert resolve(RowSettings, {"test": 0.3}).test == 0.3
    assert set(RowSettings.model_fields) < set(TableSettings.model_fields)
