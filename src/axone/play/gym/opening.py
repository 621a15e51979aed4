"""What the prefix `gym:` opens; gymnasium is imported only after it is known to be installed."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from axone.errors import UsageError
from axone.messages import _
from axone.play.worlds.registry import TIMEOUT

if TYPE_CHECKING:
    import torch

    from axone.play.batch import VectorWorlds
    from axone.play.bodies import Body
    from axone.play.spaces import Continuous, Discrete


def open_gym(
    name: str, copies: int, *, seed: int = 0, device: torch.device | str = "cpu", body: Body = "auto",
    timeout: float = TIMEOUT, processes: bool = False,
) -> VectorWorlds:  # fmt: skip
    """Return copies of an environment of Gymnasium; `body` is of our own worlds and not used.

    Raises:
        UsageError: Gymnasium is not installed; or see `GymWorlds`.
        DataError: See `GymWorlds`.
        WorkerError: See `GymWorlds`.
    """
    require_gymnasium()
    from axone.play.gym.environments import GymWorlds

    return GymWorlds(name, copies, seed=seed, device=device, timeout=timeout, processes=processes)


def read_gym_spaces(name: str) -> tuple[Continuous, Discrete | Continuous]:
    """Return the spaces of observations and of actions of an environment, after one step in it.

    Raises:
        UsageError: Gymnasium is not installed; or see `GymWorlds`.
        DataError: See `GymWorlds`.
        WorkerError: See `GymWorlds`.
    """
    require_gymnasium()
    from axone.play.gym.probing import probe

    probed = probe(name)
    return probed.observations.space, probed.actions.space


def require_gymnasium() -> None:
    """Raise UsageError where Gymnasium is not installed."""
    if importlib.util.find_spec("gymnasium") is None:
        raise UsageError(
            _("Worlds of Gymnasium need gymnasium, which is not installed."), hint="pip install 'axone[gym]'"
        )
