"""The position and history of a training."""

import math

from axone.engine.progress import TrainingProgress


def test_progress_knows_the_best():
    progress = TrainingProgress()
    for epoch, value in enumerate([0.5, 0.7, math.nan, 0.6], 1):
        progress.epoch = epoch
        progress.record({"epoch": epoch}, value, higher_is_better=True)
    assert (progress.best, progress.best_epoch, progress.stale) == (0.7, 2, 2)
    assert [entry["best"] for entry in progress.history] == [True, True, False, False]
    assert TrainingProgress.from_state(progress.state_dict()) == progress


def test_the_first_value_is_not_the_best_when_it_is_not_a_number():
    progress = TrainingProgress()
    assert not progress.record({}, math.nan, higher_is_better=False)
    assert progress.best is None
