"""The action table: what each number means, and its mirror."""

import pytest

from axone.play.skirmish.actions import ActionTable, Order


def test_moves_stop_and_one_action_for_each_target():
    table = ActionTable(3)
    assert table.count == len(table.names) == 8
    assert table.read(0) == Order("move", (0.0, 1.0)) and table.read(3) == Order("move", (-1.0, 0.0))
    assert table.read(4) == Order("stop")
    assert table.read(7) == Order("target", target=2)


def test_the_mirror_exchanges_east_and_west_and_is_its_own_inverse():
    table = ActionTable(2)
    assert table.mirror == (0, 3, 2, 1, 4, 5, 6)
    assert [table.mirror[action] for action in table.mirror] == list(range(table.count))
    for action in range(table.count):
        (x, y), (mirrored_x, mirrored_y) = table.read(action).direction, table.read(table.mirror[action]).direction
        assert (mirrored_x, mirrored_y) == (-x, y)


@pytest.mark.parametrize("action", [-1, 8])
def test_numbers_that_are_not_in_the_table_are_refused(action):
    with pytest.raises(ValueError, match=f"no action {action}: they are numbered from 0 to 7"):
        ActionTable(3).read(action)
