"""Small trainings of units, for tests."""

import torch

from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.systems import skirmish

TINY = {
    "copies": 6, "steps": 8, "rollouts": 2, "epochs": 2, "batch_size": 16, "units": (8,), "battles": 4,
    "test_battles": 4, "hidden": 4,
}  # fmt: skip


def build_tiny(**changes):
    """Return the settings and the experiment of a small training."""
    settings = resolve(skirmish.Settings, {**TINY, **changes})
    torch.manual_seed(settings.seed)
    return settings, skirmish.build(settings, BuildContext())
