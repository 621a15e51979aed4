"""A maze whose map one can write: four moves, exits that give a reward, and floors that may be slippery.

    ...G        the standard map: the small world of Russell and Norvig ("Artificial Intelligence: A Modern Approach",
    .#.P        section "Sequential decision problems"), which one can follow by hand
    S...

`maze_map.py` reads maps. A move into a wall or out of the map leaves the agent where it is. With the probability
`slip`, it moves to the left or to the right of the chosen direction, each with half of it, as in the book.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.play.random import random_integers, uniform
from axone.play.simulation import Outcome, State, World
from axone.play.spaces import Continuous, Discrete
from axone.play.worlds.maze_map import GOAL, MAPS, PIT, SOLID, START, MazeMap, read_map

MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # row and column of up, right, down, left
ARROWS = "↑→↓←"
CELL = 32  # pixels of a cell in an image
FLOOR_COLOR, GRID_COLOR, SOLID_COLOR = (245, 243, 238), (205, 200, 190), (70, 70, 80)
GOAL_COLOR, PIT_COLOR, AGENT_COLOR = (70, 160, 90), (200, 70, 60), (40, 110, 200)


class Maze(World):
    """A maze; an observation is 1 in the agent's cell and 0 in all others, so that a linear layer on it is a table.

    State: "cell" (int64: row * columns + column).

    Args:
        map: The text of a map, or a map that was read; by default the standard one.
        slip: The probability that a move goes to the side; by default what the map says, or 0.
        step_reward: The reward of each step, besides that of an exit; by default what the map says, or 0.
        max_steps: The time limit of an episode; by default what the map says, or 4 times the number of cells.

    Attributes:
        map: The map.
        targets: int64 [cells, 4], where a move leads that does not slip.
        rewards: float32 [cells], the reward of a step that leads to a cell.
        exits: bool [cells], whether entering a cell ends the episode.

    Raises:
        DataError: The map cannot be used; the error names line and column.
    """

    name = "maze"
    actions = Discrete(4, ("up", "right", "down", "left"))

    def __init__(
        self,
        map: str | MazeMap = MAPS["small"],
        *,
        slip: float | None = None,
        step_reward: float | None = None,
        max_steps: int | None = None,
    ) -> None:
        self.map = read_map(map) if isinstance(map, str) else map
        cells = self.map.rows * self.map.columns
        self.slip = self.map.slip if slip is None else slip
        self.step_reward = self.map.step_reward if step_reward is None else step_reward
        self.max_steps = max_steps or self.map.max_steps or 4 * cells
        if not 0 <= self.slip <= 1:
            raise ValueError(f"slip must be from 0 to 1, not {self.slip}")
        self.observations = Continuous((cells,), 0.0, 1.0)
        self.targets = torch.tensor([[self.map.neighbor(cell, *move) for move in MOVES] for cell in range(cells)])
        self.rewards = torch.tensor([self.map.reward(cell) + self.step_reward for cell in range(cells)])
        self.exits = torch.tensor([self.map.is_exit(cell) for cell in range(cells)])
        self.starts = torch.tensor(self.map.cells(START))

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return agents on the start; where there are several, each is drawn with the same probability."""
        zeros = torch.zeros_like(keys)
        starts = self.starts.to(keys.device)
        return {
            "key": keys,
            "counter": zeros + 1,
            "steps": zeros,
            "cell": starts[random_integers(keys, zeros, len(starts))],
        }

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Move each agent by a cell."""
        device = actions.device
        # One number decides: below slip / 2 to the left, below slip to the right, else straight on.
        number = uniform(state["key"], state["counter"])
        turns = (number < self.slip).long() - 2 * (number < self.slip / 2).long()  # 1 right, -1 left
        cell = self.targets.to(device)[state["cell"], (actions + turns) % 4]
        steps = state["steps"] + 1
        terminated = self.exits.to(device)[cell]
        rewards = self.rewards.to(device)[cell]
        new = {"key": state["key"], "counter": state["counter"] + 1, "steps": steps, "cell": cell}
        return new, Outcome(rewards, terminated, ~terminated & (steps >= self.max_steps))

    def kernels(self) -> Maze:
        """Return the same maze with a step that runs as a numba kernel."""
        return MazeKernels(self.map, slip=self.slip, step_reward=self.step_reward, max_steps=self.max_steps)

    def observe(self, state: State) -> Float[Tensor, "copies cells"]:
        """Return 1 in the agent's cell and 0 in all others."""
        planes = torch.zeros(len(state["cell"]), *self.observations.shape, device=state["cell"].device)
        return planes.scatter_(1, state["cell"][:, None], 1.0)

    def render_text(self, state: State, copy: int = 0) -> str:
        """Return the map as text, with the agent as @."""
        lines = [list(line) for line in self.map.lines]
        row, column = divmod(int(state["cell"][copy]), self.map.columns)
        lines[row][column] = "@"
        return "\n".join("".join(line) for line in lines)

    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return the map as an image: walls dark, goals green, pits red, the agent a blue disk."""
        from PIL import Image, ImageDraw

        image = Image.new("RGB", (self.map.columns * CELL + 1, self.map.rows * CELL + 1), GRID_COLOR)
        draw = ImageDraw.Draw(image)
        for cell in range(self.map.rows * self.map.columns):
            row, column = divmod(cell, self.map.columns)
            x, y = column * CELL, row * CELL
            draw.rectangle((x + 1, y + 1, x + CELL - 1, y + CELL - 1), fill=color_of(self.map.lines[row][column]))
            if self.map.is_exit(cell):
                text = f"{self.map.reward(cell):+g}"
                draw.text((x + CELL / 2, y + CELL / 2), text, fill=(255, 255, 255), anchor="mm")
        row, column = divmod(int(state["cell"][copy]), self.map.columns)
        middle_x, middle_y, radius = (column + 0.5) * CELL, (row + 0.5) * CELL, CELL * 0.3
        disk = (middle_x - radius, middle_y - radius, middle_x + radius, middle_y + radius)
        draw.ellipse(disk, fill=AGENT_COLOR)
        return torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(image.height, image.width, 3)


class MazeKernels(Maze):
    """The maze with its step as a numba kernel."""

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Move each agent by a cell."""
        from axone.play.compilation import arrays
        from axone.play.worlds.kernels import maze

        changed = ("counter", "steps", "cell")
        new = {"key": state["key"], **{name: torch.empty_like(state[name]) for name in changed}}
        rewards = torch.empty(len(actions))
        terminated, truncated = torch.empty(2, len(actions), dtype=torch.bool)
        before = arrays(*(state[name] for name in ("key", *changed)), actions, self.targets, self.rewards, self.exits)
        written = arrays(*(new[name] for name in changed), rewards, terminated, truncated)
        maze.step(self.slip, self.max_steps, *before, *written)
        return new, Outcome(rewards, terminated, truncated)


def color_of(symbol: str) -> tuple[int, int, int]:
    """Return the color of a cell; a goal is paler the less it is worth."""
    if symbol.isdecimal():
        share = int(symbol) / 10
        return tuple(round(floor + share * (goal - floor)) for goal, floor in zip(GOAL_COLOR, (150, 190, 155)))  # type: ignore[return-value]
    return {SOLID: SOLID_COLOR, GOAL: GOAL_COLOR, PIT: PIT_COLOR}.get(symbol, FLOOR_COLOR)
