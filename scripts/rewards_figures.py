#!/usr/bin/env python3
"""Write the figures and the computed parts of the course's page on rewards, in English and in French (seconds).

    python scripts/rewards_figures.py

The values are those of value iteration on the maps of `axone.play.worlds.maze`; the exploration is that of tables which
learn by Q-learning in copies of the same mazes.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from axone import messages
from axone.figures.canvas import INK, RED, SOFT, Canvas
from axone.numbers import format_number, format_percent, localize
from axone.play.batch import Worlds
from axone.play.worlds.maze import ARROWS, Maze
from axone.play.worlds.maze_map import MAPS, SOLID, START
from course_pages import LANGUAGES, insert, page_of, save

GREEN, CELL = (46, 125, 79), 62
DISCOUNTS, DISCOUNT, SLIP = (0.5, 0.6, 0.7, 0.8, 0.9, 0.99), 0.9, 0.2
SWEEPS = (1, 2, 3, 5)
EPSILONS = ((0.0, 0.0), (0.1, 0.1), (0.3, 0.3), (0.6, 0.6), (1.0, 1.0), (1.0, 0.0))  # at the start and at the end
TABLES, LEARNING_STEPS, LEARNING_RATE = 200, 2000, 0.5
RATINGS = (0, 50, 100, 200, 400, 800)
WORDS = {
    "en": {
        "sweep": "after {count} sweeps", "first": "after 1 sweep", "discount": "discount {gamma}",
        "near": "return by the near goal", "far": "return by the far goal", "greedy": "greedy move from S",
        "return": "return", "epsilon": "epsilon", "tables": "tables that go to the far goal",
        "rewards": "reward of 100 steps, last tenth",
        "difference": "difference in Elo", "score": "expected score", "slip": "slip {slip}, discount {gamma}",
    },
    "fr": {
        "sweep": "après {count} balayages", "first": "après 1 balayage", "discount": "facteur d'actualisation {gamma}",
        "near": "retour par le but proche", "far": "retour par le but lointain", "greedy": "coup glouton depuis S",
        "return": "retour", "epsilon": "epsilon", "tables": "tables qui vont au but lointain",
        "rewards": "récompense de 100 pas, dernier dixième",
        "difference": "différence d'Elo", "score": "score attendu", "slip": "glissade {slip}, facteur {gamma}",
    },
}  # fmt: skip


def main() -> None:
    """Write the figures and the computed parts of both pages."""
    torch.set_num_threads(1)
    measured = [measure_exploration(*epsilons) for epsilons in EPSILONS]
    for language in LANGUAGES:
        messages.use(language)
        words, page = WORDS[language], page_of("rewards", language)
        save(language, "maze-values", draw_values(words))
        save(language, "maze-policies", draw_policies(words))
        insert(page, "returns", write_returns(words))
        insert(page, "discounts", write_discounts(words))
        insert(page, "exploration", write_exploration(measured, words))
        insert(page, "elo", write_elo(words))


# --- Values and policies ---------------------------------------------------------------------------------------------


class Plan(NamedTuple):
    """What value iteration computes: the value of each cell, and of each move in it."""

    values: Float[Tensor, " cells"]
    moves: Float[Tensor, "cells 4"]


def iterate_values(maze: Maze, discount: float, sweeps: int) -> Plan:
    """Return the values after some sweeps of Bellman's equation, V(s) = max over a of E[r + discount V(s')]."""
    values = torch.zeros(len(maze.rewards), dtype=torch.float64)
    moves = values[:, None].expand(-1, 4)
    for _sweep in range(sweeps):
        following = maze.rewards.double() + discount * values.masked_fill(maze.exits, 0)
        straight = following[maze.targets]
        sideways = (straight.roll(1, 1) + straight.roll(-1, 1)) / 2
        moves = (1 - maze.slip) * straight + maze.slip * sideways
        values = moves.amax(1).masked_fill(maze.exits, 0)
    return Plan(values, moves)


def compute_return(rewards: list[float], discount: float) -> float:
    """Return r1 + discount r2 + discount^2 r3 + ..."""
    return sum(discount**step * reward for step, reward in enumerate(rewards))


def best_moves(plan: Plan, cell: int) -> str:
    """Return the arrows of the moves of highest value in a cell."""
    moves = plan.moves[cell]
    return "".join(arrow for arrow, value in zip(ARROWS, moves) if value > moves.max() - 1e-9)


def is_free(maze: Maze, cell: int) -> bool:
    """Return whether an agent can be in a cell in the middle of an episode."""
    return maze.map.symbol(cell) != SOLID and not maze.map.is_exit(cell)


# --- Exploration -----------------------------------------------------------------------------------------------------


class Learned(NamedTuple):
    """What Q-learning led to: the share of tables that go to the far goal, and the reward of a step at the end."""

    share: float
    reward: float


def measure_exploration(first: float, last: float) -> Learned:
    """Train tables by Q-learning in the map "choice", with an epsilon that changes linearly from first to last."""
    maze = Maze(MAPS["choice"])
    worlds = Worlds(maze, copies=TABLES, seed=0, body="torch")
    generator = torch.Generator().manual_seed(0)
    every, rewards = torch.arange(TABLES), []
    table = torch.zeros(TABLES, len(maze.rewards), 4)
    for number_of_step in range(LEARNING_STEPS):
        epsilon = first + (last - first) * number_of_step / LEARNING_STEPS
        cells = worlds.observations.argmax(1)
        # Random numbers far below any difference of values: of equal moves, each is taken as often.
        noise = 1e-6 * torch.rand(TABLES, 4, generator=generator)
        greedy = (table[every, cells] + noise).argmax(1)
        drawn = torch.randint(4, (TABLES,), generator=generator)
        actions = torch.where(torch.rand(TABLES, generator=generator) < epsilon, drawn, greedy)
        step = worlds.step(actions)
        following = table[every, step.final_observations.argmax(1)].amax(1) * ~step.terminated
        error = step.rewards + DISCOUNT * following - table[every, cells, actions]
        table[every, cells, actions] += LEARNING_RATE * error
        rewards.append(float(step.rewards.mean()))
    right = table[:, maze.map.cells(START)[0]].argmax(1) == maze.actions.names.index("right")
    late = rewards[-LEARNING_STEPS // 10 :]
    return Learned(float(right.double().mean()), sum(late) / len(late))


# --- Parts of the page -----------------------------------------------------------------------------------------------


def number(value: float, digits: int = 3) -> str:
    """Return a number with a fixed number of decimals, as the language writes it."""
    return localize(f"{value:.{digits}f}")


def write_returns(words: dict[str, str]) -> str:
    """Return the returns of the direct way through the small maze, for a few discounts."""
    rewards = [0.0] * 4 + [1.0]
    lines = [f"| {words['discount'].format(gamma='γ')} | {words['return']} |", "|---:|---|"]
    for discount in (1.0, DISCOUNT, 0.5):
        value = number(compute_return(rewards, discount), 4)
        lines.append(f"| {format_number(discount)} | {format_number(discount)}⁴ × 1 = {value} |")
    return "\n".join(lines)


def write_discounts(words: dict[str, str]) -> str:
    """Return what each goal of the map "choice" is worth, for several discounts, and the greedy move."""
    maze = Maze(MAPS["choice"])
    start = maze.map.cells(START)[0]
    lines = [f"| {words['discount'].format(gamma='γ')} | {words['near']} | {words['far']} | {words['greedy']} |"]
    lines.append("|---:|---:|---:|:---:|")
    for discount in DISCOUNTS:
        ways = number(compute_return([0.0, 0.2], discount)), number(compute_return([0.0] * 5 + [1.0], discount))
        greedy = best_moves(iterate_values(maze, discount, 100), start)
        lines.append(f"| {format_number(discount)} | {ways[0]} | {ways[1]} | {greedy} |")
    return "\n".join(lines)


def write_exploration(measured: list[Learned], words: dict[str, str]) -> str:
    """Return how many tables learned to go to the far goal, and what they earned, by epsilon."""
    lines = [f"| {words['epsilon']} | {words['tables']} | {words['rewards']} |", "|---:|---:|---:|"]
    for epsilons, learned in zip(EPSILONS, measured):
        label = " → ".join(format_number(epsilon) for epsilon in dict.fromkeys(epsilons))
        lines.append(f"| {label} | {format_percent(learned.share, 1)} | {number(100 * learned.reward, 1)} |")
    return "\n".join(lines)


def write_elo(words: dict[str, str]) -> str:
    """Return the score that a difference in Elo means."""
    lines = [f"| {words['difference']} | {words['score']} |", "|---:|---:|"]
    lines += [f"| {rating} | {format_percent(1 / (1 + 10 ** (-rating / 400)), 1)} |" for rating in RATINGS]
    return "\n".join(lines)


# --- Figures ---------------------------------------------------------------------------------------------------------


def draw_values(words: dict[str, str]) -> str:
    """Draw the values of the small maze after some sweeps, and the greedy moves after the last one."""
    maze = Maze(MAPS["small"])
    canvas = Canvas(4 * CELL * 2 + 70, 2 * (3 * CELL + 50) + 10)
    for place, sweeps in enumerate(SWEEPS):
        left, top = 20 + place % 2 * (4 * CELL + 30), 40 + place // 2 * (3 * CELL + 50)
        title = words["first"] if sweeps == 1 else words["sweep"].format(count=sweeps)
        draw_maze(canvas, (left, top), title, maze, iterate_values(maze, DISCOUNT, sweeps), arrows=sweeps == SWEEPS[-1])
    return canvas.svg()


def draw_policies(words: dict[str, str]) -> str:
    """Draw values and greedy moves of the small maze on a slippery floor, for three discounts."""
    canvas = Canvas(4 * CELL * 3 + 100, 3 * CELL + 60)
    maze = Maze(MAPS["small"], slip=SLIP)
    for place, discount in enumerate((0.5, DISCOUNT, 0.99)):
        title = words["slip"].format(slip=format_number(SLIP), gamma=format_number(discount))
        draw_maze(canvas, (20 + place * (4 * CELL + 30), 40), title, maze, iterate_values(maze, discount, 1000))
    return canvas.svg()


def draw_maze(
    canvas: Canvas, at: tuple[float, float], title: str, maze: Maze, plan: Plan, *, arrows: bool = True
) -> None:
    """Draw a maze with the value of each cell, darker the higher it is, and the greedy moves."""
    canvas.text((at[0], at[1] - 10), title, size=13)
    for cell in range(len(maze.rewards)):
        row, column = divmod(cell, maze.map.columns)
        x, y = at[0] + column * CELL, at[1] + row * CELL
        middle = x + CELL / 2
        if maze.map.is_exit(cell):
            reward = maze.map.reward(cell)
            canvas.box((x, y), CELL, CELL, fill="#2e7d4f" if reward > 0 else RED, stroke=SOFT)
            canvas.text((middle, y + 38), f"{reward:+g}", size=18, fill="#ffffff", anchor="middle", bold=True)
        elif maze.map.symbol(cell) == SOLID:
            canvas.box((x, y), CELL, CELL, fill="#46464f", stroke=SOFT)
        else:
            value = float(plan.values[cell])
            canvas.box((x, y), CELL, CELL, fill=shade(value), stroke=SOFT)
            canvas.text((middle, y + (26 if arrows else 37)), number(value), size=14, anchor="middle")
            if maze.map.symbol(cell) == START:
                canvas.text((x + 5, y + 13), "S", size=11, fill=SOFT)
            if arrows:
                canvas.text((middle, y + 50), best_moves(plan, cell), size=20, fill=INK, anchor="middle", bold=True)


def shade(value: float) -> str:
    """Return white for 0, green for 1."""
    share = 0.6 * min(max(value, 0.0), 1.0)
    return "#" + "".join(f"{round(255 + share * (color - 255)):02x}" for color in GREEN)


if __name__ == "__main__":
    main()
