"""Cells of the view, numbers of enemies, planes."""

import pytest

from axone.play.sc2.situation import Roster, Situation, Unit, View, to_planes

VIEW = View(32.0, 28.0, grid=8)


@pytest.mark.parametrize("cell", [0, 7, 8, 63])
def test_the_center_of_a_cell_is_in_it(cell):
    x, y = VIEW.center(cell)
    assert VIEW.cell(Unit(1, 48, x, y)) == divmod(cell, 8)


def test_rows_begin_in_the_north_and_units_outside_are_at_the_border():
    assert VIEW.center(0) == (21.5, 38.5)
    assert VIEW.cell(Unit(1, 48, 0.0, 99.0)) == (0, 0) and VIEW.cell(Unit(1, 48, 99.0, 0.0)) == (7, 7)
    assert VIEW.cell(Unit(1, 48, 32.0, 16.0)) == (7, 4)


def test_an_enemy_keeps_its_number_until_it_dies():
    roster = Roster(3)
    roster.update([Unit(tag, 110, 0.0, 0.0) for tag in (5, 6)])
    assert roster.tags == [5, 6, None]
    roster.update([Unit(tag, 110, 0.0, 0.0) for tag in (4, 6)])
    assert roster.tags == [4, 6, None]
    roster.update([Unit(tag, 110, 0.0, 0.0) for tag in (1, 2, 3, 6)])
    assert roster.tags == [1, 6, 2]


def test_planes():
    own = [Unit(1, 48, 21.0, 39.0, 0.5), Unit(2, 48, 21.0, 39.0, 1.0)]
    enemies = [Unit(8, 110, 43.0, 17.0, 0.25), Unit(9, 110, 43.0, 39.0)]
    roster = Roster(2, [9, 8])
    planes = to_planes(Situation(own, [], enemies, 0.0, 0, False), VIEW, roster)
    assert planes.nonzero().tolist() == [[0, 0, 0], [2, 0, 7], [3, 7, 7]]
    assert [planes[0, 0, 0], planes[2, 0, 7], planes[3, 7, 7]] == [1.5, 1.0, 0.25]
