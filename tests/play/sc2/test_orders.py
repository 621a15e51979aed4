"""One action table: what it means in the simulation and as orders of StarCraft II."""

import pytest

from axone.play.sc2.orders import ATTACK, DISTANCE, HEAL, MOVE, STOP, move_to, to_orders
from axone.play.sc2.situation import Unit
from axone.play.skirmish.actions import DIRECTIONS, FIRST_TARGET, ActionTable

TABLE = ActionTable(targets=3)
MARINE, MEDIVAC = Unit(1, 48, 10.0, 20.0), Unit(2, 54, 5.0, 6.0)


def commands(request):
    return [action.action_raw.unit_command for action in request.actions]


@pytest.mark.parametrize("action", range(4))
def test_moves_have_the_directions_of_the_simulation(action):
    [command] = commands(to_orders(TABLE, [action], [MARINE], []))
    place = command.target_world_space_pos
    moved = ((place.x - MARINE.x) / DISTANCE, (place.y - MARINE.y) / DISTANCE)
    assert command.ability_id == MOVE and command.unit_tags == [1] and moved == DIRECTIONS[action]


def test_every_unit_has_its_own_order_and_healers_target_allies():
    stop, attack, heal = commands(
        to_orders(TABLE, [4, FIRST_TARGET + 1, FIRST_TARGET], [MARINE, MARINE, MEDIVAC], [7, 8, None], [1, 2])
    )
    assert stop.ability_id == STOP and not stop.HasField("target_world_space_pos")
    assert (attack.ability_id, attack.target_unit_tag) == (ATTACK, 8)
    assert (heal.ability_id, heal.target_unit_tag, heal.unit_tags) == (HEAL, 1, [2])


def test_targets_that_do_not_exist_get_no_order():
    assert not commands(to_orders(TABLE, [FIRST_TARGET + 2, FIRST_TARGET], [MARINE, MEDIVAC], [7, 8, None]))
    with pytest.raises(ValueError, match="no action 8"):
        to_orders(TABLE, [TABLE.count], [MARINE], [])
    with pytest.raises(ValueError):
        to_orders(TABLE, [0], [MARINE, MEDIVAC], [])


def test_move_to_a_point():
    [command] = commands(move_to([MARINE, MEDIVAC], 3.0, 4.0))
    assert command.unit_tags == [1, 2] and command.target_world_space_pos.y == 4.0
    assert not commands(move_to([], 3.0, 4.0))
