"""The flags of a denoiser's data: kinds and levels of noise."""

import pytest

from axone.errors import SettingsError
from axone.settings import read_flags, resolve
from axone.tasks.restoration.settings import RestorationSettings


def test_kinds_and_levels_are_separated_by_commas():
    flags = read_flags(RestorationSettings, ["--noise", "gaussian,salt-pepper", "--noise-level", "0.05,0.5"])
    settings = resolve(RestorationSettings, flags)
    assert settings.noise == ("gaussian", "salt-pepper") and settings.noise_level == (0.05, 0.5)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--noise", "grain"], "expected one of: gaussian, salt-pepper"),
        (["--noise", "blur,blur"], "twice"),
        (["--noise-level", "0.5,0.1"], "lowest level comes first"),
        (["--noise-level", "2"], "numbers with commas"),
        (["--noise-level", "0.1,0.2,0.3"], "numbers with commas"),
        (["--noise-level", "a"], "numbers with commas"),
        (["--image-size", "8"], "16 to 512"),
    ],
)
def test_wrong_values_are_refused(flags, words):
    with pytest.raises(SettingsError) as raised:
        resolve(RestorationSettings, read_flags(RestorationSettings, flags))
    assert words in str(raised.value)
