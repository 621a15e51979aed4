import pytest

from axone.data.audio.files.pattern import NamePattern, is_pattern
from axone.errors import SettingsError


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{label}_*", "recordings/7_jackson_32.wav", "7"),
        ("*_{label}_*", "7_jackson_32.wav", "jackson"),
        ("*-{label}", "a-b-yes.wav", "b-yes"),
        ("{label}/*", "yes/1.wav", "yes"),
        ("*/{label}/*", "a/yes/1.wav", "yes"),
        ("{label}_*", "seven.wav", None),
        ("x.{label}", "x.a.b.wav", "a.b"),
        ("{label}", "noending", "noending"),
        ("[{label}]", "[a].wav", "a"),  # characters of regular expressions mean themselves
    ],
)
def test_the_field_is_found_in_the_name(pattern, name, expected):
    assert NamePattern(pattern, "label").find(name) == expected


@pytest.mark.parametrize("text", ["label_*", "{label}_{label}", "{group}_*", "{label}_{group}"])
def test_a_pattern_has_exactly_its_field(text):
    with pytest.raises(SettingsError, match="pattern of file names"):
        NamePattern(text, "label")


def test_what_is_a_pattern():
    assert is_pattern("{label}_*", "label")
    assert not is_pattern("label", "label") and not is_pattern(None, "label")
