"""When a checkpoint is due."""

import pytest

from axone.engine.checkpointing import LARGEST_SHARE, CheckpointSchedule


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.mark.parametrize("cost", [0.001, 0.2, 3.0, 50.0])
@pytest.mark.parametrize("within_epoch", [True, False])
def test_writing_takes_at_most_its_share_whatever_the_size_of_the_state(cost, within_epoch):
    clock, written = Clock(), 0
    schedule = CheckpointSchedule(clock)
    while clock.seconds < 20_000:
        clock.seconds += 0.5  # a step, or a short epoch
        if schedule.is_due(within_epoch):
            clock.seconds += cost
            schedule.record(cost)
            written += 1
    assert written > 10 and written * cost <= (LARGEST_SHARE + 0.01) * clock.seconds


def test_a_small_state_is_saved_every_two_seconds_between_epochs_and_every_minute_within_one():
    clock = Clock()
    schedule = CheckpointSchedule(clock)
    schedule.record(0.01)
    clock.seconds = 1.9
    assert not schedule.is_due(within_epoch=False)
    clock.seconds = 2.0
    assert schedule.is_due(within_epoch=False) and not schedule.is_due(within_epoch=True)
    clock.seconds = 60.0
    assert schedule.is_due(within_epoch=True)


def test_one_slow_write_counts_for_two():
    clock = Clock()
    schedule = CheckpointSchedule(clock)
    schedule.record(10.0)
    schedule.record(0.01)
    clock.seconds = 100.0
    assert not schedule.is_due(within_epoch=False)
    schedule.record(0.01)
    clock.seconds = 103.0
    assert schedule.is_due(within_epoch=False)
