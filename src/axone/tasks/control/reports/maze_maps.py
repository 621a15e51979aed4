"""Value and policy of a maze, drawn on its cells: what one can follow by hand."""

from __future__ import annotations

import numpy as np
import torch

from axone.figures.canvas import INK, PAPER, RULE, Canvas
from axone.numbers import format_number
from axone.play.worlds.maze import MOVES, Maze
from axone.play.worlds.maze_map import SOLID
from axone.tasks.control.networks.answering import PolicyAnswering
from axone.tasks.control.reports.state_maps import color_sequential

CELL, MARGIN = 64.0, 10.0  # pixels
RAISED = 6.0  # pixels by which the arrows are above the middle, where the value is not in their way
LONGEST = 0.3 * CELL  # pixels of the arrow of a certain move, without its tip
LEAST = 0.1  # the probability from which on an arrow is drawn
SOLID_COLOR, GOAL_COLOR, PIT_COLOR = "#46464f", "#46a05a", "#c8463c"
DARK_FROM = 0.55  # of the range of values: text is white on darker cells


@torch.no_grad()
def draw_maze(answering: PolicyAnswering, maze: Maze) -> str:
    """Return a drawing of the maze: each cell in the color of its value, with an arrow for each probable move.

    The longer an arrow, the more probable is the move. Exits have their reward.
    """
    plan, cells = maze.map, maze.map.rows * maze.map.columns
    policy, values, *_memory = answering(torch.eye(cells), *answering.initial_memory(cells))
    free = [cell for cell in range(cells) if plan.symbol(cell) != SOLID and not plan.is_exit(cell)]
    known = values[free].double().numpy()
    low, high = float(known.min()), float(known.max())
    canvas = Canvas(plan.columns * CELL + 2 * MARGIN, plan.rows * CELL + 2 * MARGIN)
    for cell in range(cells):
        row, column = divmod(cell, plan.columns)
        left, top = MARGIN + column * CELL, MARGIN + row * CELL
        middle = (left + CELL / 2, top + CELL / 2)
        if plan.symbol(cell) == SOLID:
            canvas.box((left, top), CELL, CELL, fill=SOLID_COLOR, stroke=RULE)
        elif plan.is_exit(cell):
            reward = plan.reward(cell)
            canvas.box((left, top), CELL, CELL, fill=GOAL_COLOR if reward > 0 else PIT_COLOR, stroke=RULE)
            text = f"{'+' if reward > 0 else ''}{format_number(reward)}"
            canvas.text((middle[0], middle[1] + 6), text, size=16, fill=PAPER, anchor="middle", bold=True)
        else:
            share = (float(values[cell]) - low) / ((high - low) or 1.0)
            red, green, blue = color_sequential(np.array([[share]]))[0, 0].tolist()
            ink = PAPER if share > DARK_FROM else INK
            canvas.box((left, top), CELL, CELL, fill=f"#{red:02x}{green:02x}{blue:02x}", stroke=RULE)
            above = (middle[0], middle[1] - RAISED)
            for probability, (down, right) in zip(policy[cell].tolist(), MOVES):
                if probability >= LEAST:
                    _draw_arrow(canvas, above, (right, down), probability, ink)
            value = format_number(float(f"{float(values[cell]):.2f}"))
            canvas.text((left + CELL - 4, top + CELL - 5), value, size=11, fill=ink, anchor="end")
    return canvas.svg()


def _draw_arrow(
    canvas: Canvas, middle: tuple[float, float], direction: tuple[int, int], probability: float, ink: str
) -> None:
    length, width, (right, down) = LONGEST * probability, 4.0, direction
    tip = (middle[0] + right * (length + 4), middle[1] + down * (length + 4))
    end = (middle[0] + right * length, middle[1] + down * length)
    canvas.line([middle, end], stroke=ink, width=2)
    sides = [(end[0] + sign * width * down, end[1] + sign * width * right) for sign in (-1, 1)]
    canvas.polygon([tip, *sides], ink)
