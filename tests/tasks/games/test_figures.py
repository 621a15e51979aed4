"""The figures: a game with visits, strength over the epochs, mistakes by phase."""

from axone.tasks.games.figures import draw_strength, make_figures
from tests.helpers.self_play import tiny_experiment


def test_strength_is_drawn_over_the_epochs():
    ruler = tiny_experiment().learner.ruler
    for epoch in (1, 2, 3):
        ruler.results[f"epoch_{epoch}", "random"] = (4.0 + epoch, 10)
        ruler.history.append({"epoch": float(epoch), "mistakes:early": 0.3 / epoch, "mistakes:late": 0.1 / epoch})
    figures = {figure.name: figure for figure in draw_strength(ruler)}
    assert figures.keys() == {"elo", "mistakes"}
    assert "early in the game" in figures["mistakes"].image and "random moves" in figures["elo"].image
    assert "stroke-dasharray" in figures["elo"].image and ">1.5<" not in figures["elo"].image


def test_a_game_is_drawn_with_the_shares_of_its_moves():
    figures = list(make_figures(tiny_experiment(), False))
    assert [figure.name for figure in figures] == ["game"]
    assert figures[0].image.width > 300 and figures[0].image.height > 200
