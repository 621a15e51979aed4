"""What the prefix `gym:` opens; gymnasium is imported only after it is known to be installed."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from axone.errors import UsageError
from axone.messages import _

if TYPE_CHECKING:
    import torch

    from axone.play.batch import VectorWorlds
    from axone.play.bodies import Body


def open_gym(
    name: str, copies: int, *, seed: int = 0, device: torch.device | str = "cpu", body: Body = "auto"
) -> VectorWorlds:
    """Return copies of an environment of Gymnasium; `body` is of our own worlds and not used.

    Raises:
        UsageError: Gymnasium is not installed; or see `GymWorlds`.
        DataError: See `GymWorlds`.
    """
    if importlib.util.find_spec("gymnasium") is None:
        raise UsageError(
            _("Worlds of Gymnasium need gymnasium, which is not installed."), hint="pip install 'axone[gym]'"
        )
    from axone.play.gym.environments import GymWorlds

    return GymWorlds(name, copies, seed=seed, device=device)
