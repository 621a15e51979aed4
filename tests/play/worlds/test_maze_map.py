"""Maps as text: what they contain, and the line and column of each mistake."""

import pytest

from axone.errors import DataError
from axone.play.worlds.maze_map import LARGEST, MAPS, read_map


def error_of(text):
    with pytest.raises(DataError) as caught:
        read_map(text, "my.txt")
    return str(caught.value)


def test_a_map_with_settings():
    map = read_map("#####\n#S.G#\n#P3##\n\nslip = 0.2\nstep_reward=-0.04\nmax_steps = 30\n")
    assert (map.rows, map.columns) == (3, 5)
    assert (map.slip, map.step_reward, map.max_steps) == (0.2, -0.04, 30)
    assert map.cells("S") == [6] and map.cells("G") == [8]
    assert [map.reward(cell) for cell in (6, 8, 11, 12)] == [0.0, 1.0, -1.0, 0.3]
    assert [map.is_exit(cell) for cell in (6, 8, 11, 12)] == [False, True, True, True]


def test_moves_end_at_walls_and_at_the_border():
    map = read_map("S#\n.G")
    assert map.neighbor(0, 0, 1) == 0 and map.neighbor(0, -1, 0) == 0 and map.neighbor(0, 0, -1) == 0
    assert map.neighbor(0, 1, 0) == 2 and map.neighbor(2, 0, 1) == 3


@pytest.mark.parametrize("name", MAPS)
def test_the_maps_that_are_there_can_be_used(name):
    assert read_map(MAPS[name]).cells("S")


def test_line_endings_of_windows_and_a_byte_order_mark_are_accepted():
    assert read_map("\ufeffS.\r\n.G\r\n").lines == ("S.", ".G")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["my.txt", "no map", "#", "S"]),
        ("slip = 0.2", ["no map"]),
        ("..G", ["no start", "S"]),
        ("S..", ["no goal", "G"]),
        ("S..\n.xG", ["line 2", "column 2", "'x'", "expected # wall"]),
        ("S..\n\t.G", ["line 2", "column 1"]),
        ("S..\n.G", ["line 2", "length 2", "3"]),
        ("S..\n.G..", ["line 2", "length 4", "3"]),
        ("....\nS#.G\n####\n...S", ["line 4", "column 4", "no goal can be reached"]),
        ("S#G", ["line 1", "column 1", "no goal can be reached"]),
        ("SPG", ["line 1", "column 1", "no goal can be reached"]),
        ("S.G\n\nS.G", ["line 3", "below the end"]),
        ("S.G\nslip = 0.1\nS.G", ["line 3", "below the end"]),
        ("S.G\nslpi = 0.1", ["line 2", "slpi", "slip, step_reward, max_steps", "Did you mean 'slip'"]),
        ("S.G\nslip = 2", ["line 2", "slip is '2'", "0 to 1"]),
        ("S.G\nslip = nan", ["line 2", "nan"]),
        ("S.G\nmax_steps = 0", ["line 2", "1 to"]),
        ("S.G\nmax_steps = 3.5", ["line 2", "3.5"]),
        ("S" + "." * LARGEST + "G", ["line 1", str(LARGEST)]),
        ("S\n" + ".\n" * LARGEST + "G", ["rows", str(LARGEST)]),
    ],
)
def test_a_map_that_cannot_be_used_is_refused_with_its_place(text, words):
    message = error_of(text)
    assert all(word in message for word in words), message


def test_many_starts_are_checked_in_one_pass():
    size = 40
    row = "." * size
    assert read_map("\n".join(["S" * size, *[row] * (size - 2), row[:-1] + "G"])).rows == size
