import pytest

from axone.errors import SettingsError
from axone.settings import resolve
from axone.tasks.images.settings import ImageDataSettings


@pytest.mark.parametrize("text", ["", "0:4095", "-40:125.5", "1e-3:2"])
def test_a_scale_is_two_ascending_numbers_or_nothing(text):
    assert resolve(ImageDataSettings, {"scale": text}).scale == text


@pytest.mark.parametrize("text", ["5", "5:5", "9:1", "a:b", "0:nan", "0:inf", "1:2:3"])
def test_another_scale_is_refused_before_anything_is_read(text):
    with pytest.raises(SettingsError, match="LOW:HIGH") as caught:
        resolve(ImageDataSettings, {"scale": text})
    assert caught.value.exit_code == 2
