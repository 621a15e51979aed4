"""What `build` receives besides settings."""

from pathlib import Path

import numpy as np
import pytest

from axone.engine.context import IN_MEMORY, BuildContext, split_data
from axone.errors import DataError


def test_the_source_of_a_name_is_the_name():
    assert BuildContext().source("photos/") == "photos/"


def test_data_in_memory_replace_their_name():
    rows = np.zeros((3, 2))
    settings, data = split_data({"data": rows, "epochs": 3})
    assert settings == {"data": IN_MEMORY, "epochs": 3} and data is rows
    assert BuildContext(data=data).source(settings["data"]) is rows


def test_a_path_is_a_name():
    assert split_data({"data": Path("photos")}) == ({"data": "photos"}, None)
    assert split_data({"epochs": 3}) == ({"epochs": 3}, None)


def test_a_run_on_data_in_memory_needs_them_again():
    with pytest.raises(DataError, match="its folder does not contain") as error:
        BuildContext().source(IN_MEMORY)
    assert "axone.resume(run, data=...)" in error.value.hint
