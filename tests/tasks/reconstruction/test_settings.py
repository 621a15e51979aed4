"""The flags of an autoencoder's data."""

import pytest

from axone.errors import SettingsError
from axone.settings import read_flags, resolve
from axone.tasks.reconstruction.settings import ReconstructionSettings


def test_flags_are_read():
    flags = read_flags(ReconstructionSettings, ["--exclude-class", "Bag", "--quantile", "0.95", "--scaling", "all"])
    settings = resolve(ReconstructionSettings, flags)
    assert (settings.exclude_class, settings.quantile, settings.scaling) == ("Bag", 0.95, "all")


@pytest.mark.parametrize("flags", [["--quantile", "1"], ["--quantile", "0"], ["--scaling", "none"]])
def test_values_out_of_range_are_refused(flags):
    with pytest.raises(SettingsError):
        resolve(ReconstructionSettings, read_flags(ReconstructionSettings, flags))
