"""Parallel fifths and octaves."""

from __future__ import annotations

from axone.tasks.music.measures.counterpoint import measure_counterpoint


def test_parallels_are_counted_between_moving_voices():
    fifths = measure_counterpoint([[(76, 67, 60, 48), (77, 69, 62, 50)]])
    assert (fifths.chords, fifths.fifths, fifths.octaves) == (1, 2, 1)
    still = measure_counterpoint([[(76, 67, 60, 48), (77, 67, 60, 48)]])
    assert (still.chords, still.fifths, still.octaves) == (1, 0, 0)
    contrary = measure_counterpoint([[(79, 64, 60, 48), (81, 65, 57, 38)]])
    assert contrary.octaves == 0
    assert measure_counterpoint([[(76, 67, 60, 48)] * 3]).chords == 0


def test_ranges_and_large_chords():
    result = measure_counterpoint([[(76, 67, 60, 48), (90, 80, 70, 60, 50), (77, 69, 62, 50)]])
    assert result.ranges == ((76, 77), (67, 69), (60, 62), (48, 50))
    assert result.chords == 0
    assert result.per_hundred(0) == 0
