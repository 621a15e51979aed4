"""A battle as an image and as text.

In the image, a body is a circle whose colored sector is the health that is left; a thin circle is the range, a line an
attack or a healing of the last step, a cross a unit that died. The first team is blue, the second red. In the text,
units of the first team are digits, those of the second capital letters.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from axone.messages import _
from axone.play.simulation import State
from axone.play.skirmish.battle import DRAWN, LOST, RUNNING, TIMED_OUT, WON, find_targets
from axone.play.skirmish.rules import make_rules
from axone.play.skirmish.scenarios import SIDE, Scenario

CELL = 12  # pixels of an image's cell
FINER = 2  # drawn larger and reduced, so that edges are smooth
COLORS = ((33, 102, 172), (178, 24, 43))  # of the two teams; they differ for color-blind readers too
PALE = ((204, 222, 238), (244, 212, 216))
RANGES = ((226, 235, 244), (247, 230, 232))
HEALING = (40, 140, 70)
BORDER, DEAD = (90, 98, 110), (190, 195, 202)
COLUMNS, ROWS = 40, 16  # characters of the map: with the units of 3m below it, it fits into 24 lines
NUMBERS = "0123456789abcdefghijklmnopqrstuvwxyz"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ@&%$#=+*?!"
BAR = 10  # characters of a full health


def draw_image(state: State, copy: int, scenario: Scenario) -> UInt8[Tensor, "height width 3"]:
    """Return one copy of a battle as an image of the whole map, on the CPU."""
    rules = make_rules(scenario, "cpu")
    one = {name: values[copy : copy + 1].cpu() for name, values in state.items()}
    targets, has_target = (values[0].tolist() for values in find_targets(one["last_actions"], rules))
    positions, health = one["positions"][0].tolist(), one["health"][0].tolist()
    scale = CELL * FINER
    side = round(SIDE * scale)
    image = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(0.8 * scale)

    def point(unit: int) -> tuple[float, float]:
        return positions[unit][0] * scale, side - positions[unit][1] * scale

    def box(unit: int, radius: float) -> tuple[float, float, float, float]:
        x, y = point(unit)
        return x - radius * scale, y - radius * scale, x + radius * scale, y + radius * scale

    units = scenario.units
    teams = [int(number >= rules.allies) for number in range(rules.units)]
    living = [number for number in range(rules.units) if health[number] > 0]
    for unit in living:
        draw.ellipse(box(unit, units[unit].range), outline=RANGES[teams[unit]], width=FINER)
    for unit in range(rules.units):
        if health[unit] <= 0:
            left, top, right, bottom = box(unit, units[unit].radius * 0.7)
            draw.line((left, top, right, bottom), fill=DEAD, width=FINER)
            draw.line((left, bottom, right, top), fill=DEAD, width=FINER)
    for unit in living:
        if has_target[unit]:
            color = HEALING if units[unit].heals else COLORS[teams[unit]]
            draw.line((*point(unit), *point(targets[unit])), fill=color, width=FINER)
    for unit in living:
        edge = units[unit].radius + 0.1  # so that the smallest health is visible
        share = health[unit] / units[unit].full_health
        draw.ellipse(box(unit, edge), fill=PALE[teams[unit]], outline=COLORS[teams[unit]], width=FINER)
        draw.pieslice(box(unit, edge), -90, -90 + 360 * share, fill=COLORS[teams[unit]])
        if len(scenario.types) > 1:
            draw.text(point(unit), units[unit].letter, fill="white" if share > 0.5 else "black", font=font, anchor="mm")
    draw.rectangle((0, 0, side - 1, side - 1), outline=BORDER, width=FINER)
    reduced = image.resize((side // FINER, side // FINER), Image.Resampling.BOX)
    return torch.from_numpy(np.asarray(reduced).copy())


def draw_text(state: State, copy: int, scenario: Scenario) -> str:
    """Return one copy of a battle as a map of characters, and the health of each unit below it."""
    positions, health = state["positions"][copy].tolist(), state["health"][copy].tolist()
    units, allies = scenario.units, scenario.sizes[0]
    names = NUMBERS[:allies] + CAPITALS[: len(units) - allies]
    names += "?" * (len(units) - len(names))
    lines = [[" "] * COLUMNS for _row in range(ROWS)]
    for unit, (x, y) in enumerate(positions):
        row, column = int((SIDE - y) / SIDE * ROWS), int(x / SIDE * COLUMNS)
        if health[unit] > 0:
            lines[min(row, ROWS - 1)][min(column, COLUMNS - 1)] = names[unit]
    border = "+" + "-" * COLUMNS + "+"
    table = [border, *("|" + "".join(line) + "|" for line in lines), border]
    bars = [_draw_bar(names[unit], units[unit].name, health[unit], units[unit].health) for unit in range(len(units))]
    first, second = bars[:allies], bars[allies:]
    for row in range(max(len(first), len(second))):
        left, right = (side[row] if row < len(side) else "" for side in (first, second))
        table.append(f"{left:<38}{right}".rstrip())
    return "\n".join([*table, describe_result(int(state["result"][copy]), int(state["steps"][copy]))])


def describe_result(result: int, steps: int) -> str:
    """Return the result of a battle as a sentence, as the first team sees it."""
    if result == WON:
        return _("won in step {step}", step=steps)
    if result == LOST:
        return _("lost in step {step}", step=steps)
    if result == DRAWN:
        return _("a draw in step {step}: both teams are dead", step=steps)
    if result == TIMED_OUT:
        return _("no winner after {step} steps", step=steps)
    assert result == RUNNING
    return _("step {step}", step=steps)


def _draw_bar(name: str, unit: str, health: float, full: float) -> str:
    filled = -(-health * BAR // full)
    return f"{name} {unit:<10} {'#' * int(filled):.<{BAR}} {health:>5.4g}/{full:g}"
