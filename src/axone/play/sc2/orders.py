"""Actions as orders of the game: those of battles, by the same table as the simulation, and moves to a place.

| action of `ActionTable` | order of the game | ability |
|---|---|---|
| 0 to 3: north, east, south, west | move to the point 2 cells away | 16 |
| 4: stop | stop | 4 |
| 5 + k: target k | attack enemy k | 23 |
| 5 + k: target k, for a unit that heals | heal ally k | 386 |

The abilities and the distance are those of SMAC (Samvelyan et al. 2019, arXiv:1902.04043). An order to a target that
does not exist is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2clientprotocol import raw_pb2
from s2clientprotocol import sc2api_pb2 as api

from axone.play.sc2.situation import Unit
from axone.play.skirmish.actions import ActionTable

MOVE, STOP, ATTACK, HEAL = 16, 4, 23, 386
HEALERS = frozenset({54})  # the type of the medivac
DISTANCE = 2.0  # cells of one move


def to_orders(
    table: ActionTable,
    actions: Sequence[int],
    units: Sequence[Unit],
    enemies: Sequence[int | None],
    allies: Sequence[int | None] = (),
) -> api.RequestAction:
    """Return the orders for units, each with its own action.

    Args:
        table: What the actions mean.
        actions: The action of each unit.
        units: The units.
        enemies: The tag of each enemy by its number; None: there is none of that number.
        allies: The tag of each ally by its number.

    Raises:
        ValueError: An action is not in the table, or there are not as many actions as units.
    """
    commands = []
    for action, unit in zip(actions, units, strict=True):
        order = table.read(action)
        command = raw_pb2.ActionRawUnitCommand(ability_id=STOP, unit_tags=[unit.tag])
        if order.kind == "move":
            command.ability_id = MOVE
            command.target_world_space_pos.x = unit.x + DISTANCE * order.direction[0]
            command.target_world_space_pos.y = unit.y + DISTANCE * order.direction[1]
        elif order.kind == "target":
            heals = unit.kind in HEALERS
            tags = allies if heals else enemies
            tag = tags[order.target] if order.target < len(tags) else None
            if tag is None:
                continue
            command.ability_id = HEAL if heals else ATTACK
            command.target_unit_tag = tag
        commands.append(command)
    return _to_request(commands)


def move_to(units: Sequence[Unit], x: float, y: float) -> api.RequestAction:
    """Return the order for all units to move to a point."""
    command = raw_pb2.ActionRawUnitCommand(ability_id=MOVE, unit_tags=[unit.tag for unit in units])
    command.target_world_space_pos.x, command.target_world_space_pos.y = x, y
    return _to_request([command] if units else [])


def _to_request(commands: Sequence[raw_pb2.ActionRawUnitCommand]) -> api.RequestAction:
    return api.RequestAction(
        actions=[api.Action(action_raw=raw_pb2.ActionRaw(unit_command=command)) for command in commands]
    )
