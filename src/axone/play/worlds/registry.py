"""The worlds by name: our own, and those that other modules open by a prefix, such as "gym:LunarLander-v3"."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from axone.errors import UsageError, closest
from axone.messages import _

if TYPE_CHECKING:
    import torch

    from axone.play.batch import VectorWorlds
    from axone.play.bodies import Body
    from axone.play.simulation import World
    from axone.play.spaces import Continuous, Discrete

TIMEOUT = 60.0  # seconds that a step of an environment of Gymnasium may take

# Name -> "module:class". A class is loaded when it is asked for, so that a list of names loads nothing.
WORLDS = {
    "cart_pole": "axone.play.worlds.cart_pole:CartPole",
    "mountain_car": "axone.play.worlds.mountain_car:MountainCar",
    "mountain_car_continuous": "axone.play.worlds.mountain_car:MountainCarContinuous",
    "acrobot": "axone.play.worlds.acrobot:Acrobot",
    "pendulum": "axone.play.worlds.pendulum:Pendulum",
    "maze": "axone.play.worlds.maze:Maze",
    "breakout": "axone.play.worlds.breakout:Breakout",
    "road": "axone.play.worlds.road:Road",
    "road_keys": "axone.play.worlds.road:RoadKeys",
}
# Prefix -> "module:function", which takes the text after the prefix and returns a `World`.
VARIANTS = {
    "maze:": "axone.play.worlds.variants:open_maze",
    "road:": "axone.play.worlds.variants:open_road",
    "road_keys:": "axone.play.worlds.variants:open_road_keys",
}
# Prefix -> "module:function", which takes the text after the prefix, the number of copies and the keyword arguments
# of `make_worlds`, and returns a `VectorWorlds`.
PREFIXES = {"gym:": "axone.play.gym.opening:open_gym", "sc2:": "axone.play.sc2.opening:open_sc2"}
# Prefix -> "module:function", which takes the text after the prefix and returns the spaces of observations and actions.
SPACES = {"gym:": "axone.play.gym.opening:read_gym_spaces", "sc2:": "axone.play.sc2.opening:read_sc2_spaces"}
# Ending of a file's name -> "module:function", which takes the path and returns a `World`.
FILES = {".py": "axone.play.worlds.own_world:open_own_world"}


def make_world(name: str) -> World:
    """Return a world: one of ours by its name, or a file that contains one.

    Args:
        name: Never pass the path of a file that a run's folder names: it would be executed.

    Raises:
        UsageError: There is none of that name.
        DataError: The file, or its world, cannot be used.
    """
    variant = next((prefix for prefix in VARIANTS if name.startswith(prefix)), None)
    if variant is not None:
        return cast("World", _load(VARIANTS[variant])(name.removeprefix(variant)))
    ending = next((ending for ending in FILES if name.endswith(ending)), None)
    if ending is not None:
        return cast("World", _load(FILES[ending])(name))
    if name not in WORLDS:
        near = closest(name, WORLDS)
        suggestion = " " + _("Did you mean '{near}'?", near=near) if near else ""
        prefixes = [*VARIANTS, *PREFIXES]
        known = [*WORLDS, *(f"{prefix}NAME" for prefix in prefixes), *(f"NAME{ending}" for ending in FILES)]
        raise UsageError(
            _("There is no world '{name}'.", name=name) + suggestion,
            expected=_("expected one of: {choices}", choices=", ".join(known)),
        )
    return cast("World", _load(WORLDS[name])())


def make_worlds(
    name: str, copies: int, *, seed: int = 0, device: torch.device | str = "cpu", body: Body = "auto",
    timeout: float = TIMEOUT, processes: bool = False,
) -> VectorWorlds:  # fmt: skip
    """Return copies of a world that begin new episodes by themselves.

    Args:
        name: A name such as "cart_pole", "gym:LunarLander-v3", or the path of a file with a world.
        copies: The number of copies.
        seed: The seed of all random numbers.
        device: Where observations are and actions are expected.
        body: Which body of our own worlds runs: see `choose_body`.
        timeout: Of Gymnasium's environments: the seconds that a step may take; 0: there is no limit.
        processes: Of Gymnasium's environments: whether each copy has a process of its own.

    Raises:
        UsageError: There is no world of that name, or the body is not available.
    """
    from axone.play.batch import Worlds

    prefix = _find_prefix(name)
    if prefix is not None:
        opened = _load(PREFIXES[prefix])(
            name.removeprefix(prefix), copies, seed=seed, device=device, body=body, timeout=timeout, processes=processes
        )
        return cast("VectorWorlds", opened)
    return Worlds(make_world(name), copies, seed=seed, device=device, body=body)


def read_spaces(name: str) -> tuple[Continuous, Discrete | Continuous]:
    """Return the spaces of observations and of actions of a world. No game is started for it.

    Args:
        name: As for `make_worlds`; a file is executed and checked.

    Raises:
        AxoneError: What `make_worlds` would raise: there is no such world, an extra is not installed, a file breaks
            the contract.
    """
    prefix = _find_prefix(name)
    if prefix is not None:
        return cast("tuple[Continuous, Discrete | Continuous]", _load(SPACES[prefix])(name.removeprefix(prefix)))
    world = make_world(name)
    return world.observations, world.actions


def _find_prefix(name: str) -> str | None:
    return next((prefix for prefix in PREFIXES if name.startswith(prefix)), None)


def _load(place: str) -> Any:
    module, name = place.split(":")
    return getattr(import_module(module), name)
