import pytest

from axone.data.trajectories.columns import find_columns, parse_columns
from axone.errors import DataError, SettingsError


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["id", "time", "x", "y"], ("id", "time", "x", "y", "")),
        (["frame", "track_id", "X [m]", "Y [m]", "scene"], ("track_id", "frame", "X [m]", "Y [m]", "scene")),
        (["Vehicle_ID", "t", "Local_X", "Local_Y", "v_Vel"], ("Vehicle_ID", "t", "Local_X", "Local_Y", "")),
        (["t", "x", "y"], ("", "t", "x", "y", "")),
    ],
)
def test_columns_are_found_by_their_names(names, expected):
    assert find_columns("a.csv", names, {}) == expected


def test_columns_that_are_named_come_first():
    columns = find_columns("a.csv", ["x", "y", "east", "north", "when", "who"], parse_columns(
        "thing=who, time=when,x=east,y=north"))  # fmt: skip
    assert columns == ("who", "when", "east", "north", "")


def test_a_column_that_is_not_there_is_an_error_with_the_nearest():
    with pytest.raises(DataError, match="no column 'est'") as refused:
        find_columns("a.csv", ["east", "y", "t"], {"x": "est"})
    assert "Did you mean 'east'" in str(refused.value)
    with pytest.raises(DataError, match="taken for time, y") as refused:
        find_columns("a.csv", ["a", "x"], {})
    assert "--columns time=...,y=..." in refused.value.hint


@pytest.mark.parametrize("text", ["xx=a", "x", "x=", "thinh=car"])
def test_what_is_no_role_is_refused(text):
    with pytest.raises(SettingsError, match="columns cannot be") as refused:
        parse_columns(text)
    assert "thing, time, x, y, scene" in refused.value.expected
