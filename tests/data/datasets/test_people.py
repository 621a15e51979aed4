"""People as published: the percentiles come out of the draw, and the same seed gives the same people."""

import numpy as np
import pytest

from axone.data.datasets.people import FEMALE, MALE, make_people, weight_at


@pytest.mark.parametrize("figures", [MALE, FEMALE], ids=["male", "female"])
def test_at_a_group_s_middle_the_published_percentiles_come_out(figures):
    for middle, tenth, median, ninetieth in figures:
        ages = np.full(3, middle) - 0.5  # `weights` takes whole years, which are half a year more on average
        result = weight_at(figures, ages, np.array([-1.2815515655446004, 0.0, 1.2815515655446004]))
        assert result == pytest.approx([tenth, median, ninetieth])


def test_the_draw_follows_the_percentiles():
    people = make_people(20_000, seed=1)
    age, weight = np.array(people["age"]), np.array(people["weight"])
    who = np.array(people["who"])
    assert ((age >= 18) == (who == "adult")).all() and (who == "adult").mean() == 0.5
    assert age.min() == 2 and age.max() == 79 and weight.min() > 5 and weight.max() < 200
    adults = weight[(age >= 40) & (age < 50)]
    # Half women, half men: the medians of the two tables are 74.8 and 88.4.
    assert 78 < np.median(adults) < 86
    assert np.median(weight[age == 3]) < np.median(weight[age == 9]) < np.median(weight[age == 15]) < np.median(adults)


def test_the_same_seed_gives_the_same_people():
    assert make_people(50) == make_people(50) and make_people(50, seed=1) != make_people(50)
    assert make_people(3)["who"] == ["child", "adult", "child"]
