"""From a loss to changed weights: optimizers, schedules, layer groups."""
