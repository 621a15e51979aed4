"""Ratings that explain the results of matches."""

import pytest

from axone.tasks.games.strength.elo import fit_ratings


def test_three_wins_of_four_are_about_191_points():
    ratings = fit_ratings({("a", "random"): (750.0, 1000)}, "random")
    assert ratings["random"] == 0 and ratings["a"] == pytest.approx(190.8, abs=1)  # 400 log10(3)


def test_ratings_add_up_along_a_chain():
    ratings = fit_ratings({("a", "random"): (750.0, 1000), ("b", "a"): (750.0, 1000)}, "random")
    assert ratings["b"] == pytest.approx(2 * ratings["a"], rel=0.01)


def test_who_has_won_all_games_has_a_finite_rating():
    few, many = (fit_ratings({("a", "random"): (float(games), games)}, "random")["a"] for games in (10, 100))
    assert 300 < few < many < 1200


def test_players_who_never_met_the_anchor_have_a_rating():
    ratings = fit_ratings({("a", "b"): (8.0, 10)}, "random")
    assert ratings["a"] > ratings["b"]
