"""A battle as an image and as text."""

import torch

from axone.play.skirmish.drawing import CELL, COLORS, ROWS
from tests.helpers.skirmish import make_battle, play


def scene(**options):
    return make_battle([("marine", 8, 16), ("medic", 6, 16)], [("zealot", 12, 16)], health={0: 20}, **options)


def has_color(image, x, y, color):
    row, column = int((32 - y) * CELL), int(x * CELL)
    patch = image[row - 6 : row + 7, column - 6 : column + 7].reshape(-1, 3).int()
    return bool(((patch - torch.tensor(color)).abs().sum(1) < 12).any())


def test_the_image_has_the_teams_in_their_colors():
    world, state = scene()
    image = world.render_image(state)
    assert image.shape == (32 * CELL, 32 * CELL, 3)
    assert has_color(image, 8, 16, COLORS[0]) and has_color(image, 12, 16, COLORS[1])
    assert not has_color(image, 20, 16, COLORS[1])


def test_a_dead_unit_is_a_cross():
    world, state = scene()
    state["health"][0, 2] = 0
    image = world.render_image(state)
    assert not has_color(image, 12, 16, COLORS[1]) and not has_color(image, 20, 16, (190, 195, 202))
    assert has_color(image, 12, 16, (190, 195, 202))


def test_the_text_has_a_map_the_health_of_each_unit_and_the_result():
    world, state = scene()
    lines = world.render_text(state).splitlines()
    map_lines = "".join(lines[1 : ROWS + 1])
    assert "0" in map_lines and "A" in map_lines and set(lines[0]) == set(lines[ROWS + 1]) == {"+", "-"}
    assert lines[ROWS + 2].split() == ["0", "marine", "#####.....", "20/45", "A", "zealot", "##########", "150/150"]
    assert lines[-1] == "step 0"
    state["health"][0, 2] = 9
    won = play(world, state, 5)
    assert world.render_text(won).splitlines()[-1] == "won in step 1"
