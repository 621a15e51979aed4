"""The types of units: the numbers of SMAX, and what is refused."""

from dataclasses import replace

import pytest

from axone.play.skirmish.units import LIMITS, NUMBERS, UNITS


def test_the_numbers_are_those_of_smax():
    marine = UNITS["marine"]
    assert [getattr(marine, name) for name in NUMBERS] == [3.15, 9, 5, 9, 0.375, 45, 0.61, 0]
    assert [UNITS[name].health for name in UNITS] == [45, 125, 160, 150, 35, 80, 60]
    assert set(NUMBERS) == set(LIMITS)


def test_letters_are_different():
    assert len({unit.letter for unit in UNITS.values()}) == len(UNITS)


def test_only_medics_heal():
    assert [name for name, unit in UNITS.items() if unit.heals] == ["medic"]
    assert UNITS["medic"].effect == 9 and UNITS["marine"].effect == -9


def test_health_and_damage_are_rounded_so_that_sums_are_exact():
    unit = replace(UNITS["marine"], damage=0.1, health=1.1)
    assert unit.effect == -102 / 1024 and unit.full_health == 1126 / 1024


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"speed": -1.0}, "speed must be from 0 to 64, not -1"),
        ({"health": float("nan")}, "health must be from"),
        ({"range": 10.0}, "range must be at most sight"),
        ({"healing": 3.0}, "either heals or attacks"),
    ],
)
def test_numbers_that_make_no_unit_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(UNITS["marine"], **change)
