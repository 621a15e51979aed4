"""GraphError is a settings error: the command line prints it without a traceback and exits with code 2."""

import pytest

from axone.errors import SettingsError
from axone.graph import Conv2d, GraphError, Input


def test_an_invalid_network_is_a_settings_error_with_three_parts() -> None:
    with pytest.raises(GraphError) as caught:
        Conv2d(8, 3)(Input(28, 28))
    assert isinstance(caught.value, SettingsError) and caught.value.exit_code == 2
    assert str(caught.value).splitlines() == [
        "Conv2d(8, 3) got (28, 28).",
        "expected (channels, height, width)",
        "Use Conv1d here. Put Reshape((1, 28, 28)) before it where the channels are missing.",
    ]
