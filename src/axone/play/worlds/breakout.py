"""Breakout on 10 x 10 pixels: a paddle returns a ball, each block that it breaks gives a reward of 1.

The rules are those of MinAtar 1.0 (Young and Tian 2019, "MinAtar: An Atari-inspired testbed for thorough and
reproducible reinforcement learning experiments", arXiv:1903.03176), with which 128,000 steps were compared.
Differences:

1. There are three actions, those of the six that have an effect here: stay, left, right.
2. An episode is truncated after 2,500 steps, because a good player's does not end otherwise.
3. Observations are [channel, row, column], as torch's convolutions expect them, instead of [row, column, channel].
4. With which side the ball starts, and when an action sticks, comes from other random numbers.

The ball moves along diagonals only. Where the paddle hits it in the column in which the ball was, it is reflected
upwards; where the paddle is in the column that the ball enters, it returns the way it came.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from axone.play.random import random_integers, uniform
from axone.play.simulation import Outcome, State, World
from axone.play.spaces import Continuous, Discrete
from axone.play.worlds.breakout_layout import ALL_BLOCKS, FIRST_ROW, ROWS, SIZE, START

CHANNELS = ("paddle", "ball", "trail", "blocks")
COLORS = ((90, 170, 255), (255, 255, 255), (120, 120, 120), (225, 120, 70))
PARTS = (  # of the state, in the order in which the kernel takes them
    "key", "counter", "steps", "ball_x", "ball_y", "last_x", "last_y", "move_x", "move_y", "paddle", "struck", "blocks",
    "last_action",
)  # fmt: skip
CELL = 16  # pixels of a cell in an image


class Breakout(World):
    """The small Breakout.

    State: "ball_x", "ball_y", "last_x", "last_y", "paddle" (int64: columns and rows, the ball's before the last step
    too), "move_x", "move_y" (int64: -1 or 1), "struck" (bool: the last step broke a block), "blocks" (int64: a bit for
    each block), "last_action" (int64).

    Args:
        sticky: The probability that the last action is repeated instead of the one that was chosen, 0.1 as in MinAtar
            (Machado et al. 2018). Without it there are two different games.
        max_steps: The time limit of an episode.
    """

    name = "breakout"
    observations = Continuous((len(CHANNELS), SIZE, SIZE), 0.0, 1.0)
    actions = Discrete(3, ("stay", "left", "right"))

    def __init__(self, sticky: float = 0.1, max_steps: int = 2500) -> None:
        if not 0 <= sticky < 1:
            raise ValueError(f"sticky must be from 0 to below 1, not {sticky}")
        self.sticky = sticky
        self.max_steps = max_steps

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return games with the ball at the left or right border, on its way down."""
        zeros = torch.zeros_like(keys)
        right = random_integers(keys, zeros, 2)
        x, y = right * (SIZE - 1), zeros + FIRST_ROW + ROWS - 1
        return {
            "key": keys,
            "counter": zeros + 1,
            "steps": zeros,
            "ball_x": x,
            "ball_y": y,
            "last_x": x.clone(),
            "last_y": y.clone(),
            "move_x": 1 - 2 * right,
            "move_y": zeros + 1,
            "paddle": zeros + START,
            "struck": zeros > 0,
            "blocks": zeros + ALL_BLOCKS,
            "last_action": zeros.clone(),
        }

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Move the paddle by a column and the ball by a cell."""
        counter, steps = state["counter"], state["steps"] + 1
        if self.sticky:
            actions = torch.where(uniform(state["key"], counter) < self.sticky, state["last_action"], actions)
            counter = counter + 1
        paddle = (state["paddle"] + (actions == 2).long() - (actions == 1).long()).clamp(0, SIZE - 1)

        last_x, last_y, move_x, move_y = state["ball_x"], state["ball_y"], state["move_x"], state["move_y"]
        x, y = last_x + move_x, last_y + move_y
        at_side = (x < 0) | (x >= SIZE)
        x = x.clamp(0, SIZE - 1)
        move_x = torch.where(at_side, -move_x, move_x)

        at_top = y < 0
        on_block = has_block(state["blocks"], x, y)
        breaks = on_block & ~state["struck"]  # a ball that broke a block just now passes through the next one
        blocks = torch.where(breaks, state["blocks"] & ~block_bit(x, y), state["blocks"])

        at_bottom = y == SIZE - 1
        blocks = torch.where(at_bottom & (blocks == 0), ALL_BLOCKS, blocks)
        reflected = at_bottom & (last_x == paddle)
        returned = at_bottom & ~reflected & (x == paddle)
        terminated = at_bottom & ~reflected & ~returned

        move_x = torch.where(returned, -move_x, move_x)
        move_y = torch.where(at_top | breaks | reflected | returned, -move_y, move_y)
        y = torch.where(breaks | reflected | returned, last_y, y).clamp(min=0)
        new = {
            "key": state["key"],
            "counter": counter,
            "steps": steps,
            "ball_x": x,
            "ball_y": y,
            "last_x": last_x,
            "last_y": last_y,
            "move_x": move_x,
            "move_y": move_y,
            "paddle": paddle,
            "struck": on_block,
            "blocks": blocks,
            "last_action": actions,
        }
        return new, Outcome(breaks.float(), terminated, ~terminated & (steps >= self.max_steps))

    def kernels(self) -> Breakout:
        """Return the same game with functions that run as numba kernels."""
        return BreakoutKernels(self.sticky, self.max_steps)

    def observe(self, state: State) -> Float[Tensor, "copies channels rows columns"]:
        """Return the planes of `CHANNELS`, with 1 where something is: paddle, ball, where the ball was, blocks."""
        planes = torch.zeros(len(state["key"]), len(CHANNELS), SIZE * SIZE, device=state["key"].device)
        places = [
            (SIZE - 1) * SIZE + state["paddle"],
            state["ball_y"] * SIZE + state["ball_x"],
            state["last_y"] * SIZE + state["last_x"],
        ]
        planes[:, :3].scatter_(2, torch.stack(places, 1)[..., None], 1.0)
        numbers = torch.arange(ROWS * SIZE, device=state["key"].device)
        planes[:, 3, FIRST_ROW * SIZE : (FIRST_ROW + ROWS) * SIZE] = ((state["blocks"][:, None] >> numbers) & 1).float()
        return planes.unflatten(2, (SIZE, SIZE))

    def render_text(self, state: State, copy: int = 0) -> str:
        """Return the game as text: blocks #, ball o, paddle =."""
        lines = [["."] * SIZE for _ in range(SIZE)]
        for number in range(ROWS * SIZE):
            if int(state["blocks"][copy]) >> number & 1:
                lines[FIRST_ROW + number // SIZE][number % SIZE] = "#"
        lines[SIZE - 1][int(state["paddle"][copy])] = "="
        lines[int(state["ball_y"][copy])][int(state["ball_x"][copy])] = "o"
        return "\n".join("".join(line) for line in lines)

    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return the game as an image of 160 x 160 pixels; what is drawn last covers the rest: ball, paddle, trail."""
        one = {name: values[copy : copy + 1].cpu() for name, values in state.items()}
        planes = Breakout.observe(self, one)[0].bool()
        image = torch.full((SIZE, SIZE, 3), 20, dtype=torch.uint8)
        for channel in (3, 2, 0, 1):
            image[planes[channel]] = torch.tensor(COLORS[channel], dtype=torch.uint8)
        return image.repeat_interleave(CELL, 0).repeat_interleave(CELL, 1)


class BreakoutKernels(Breakout):
    """The small Breakout as numba kernels."""

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Move the paddle by a column and the ball by a cell."""
        from axone.play.compilation import arrays
        from axone.play.worlds.kernels import breakout

        new = {name: values if name == "key" else values.clone() for name, values in state.items()}
        rewards = torch.empty(len(actions))
        terminated, truncated = torch.empty(2, len(actions), dtype=torch.bool)
        state_and_results = arrays(*(new[name] for name in PARTS), actions, rewards, terminated, truncated)
        breakout.step(self.sticky, self.max_steps, *state_and_results)
        return new, Outcome(rewards, terminated, truncated)

    def observe(self, state: State) -> Float[Tensor, "copies channels rows columns"]:
        """Return the planes of `CHANNELS`."""
        from axone.play.compilation import arrays
        from axone.play.worlds.kernels import breakout

        planes = torch.zeros(len(state["key"]), len(CHANNELS), SIZE, SIZE)
        seen = ("ball_x", "ball_y", "last_x", "last_y", "paddle", "blocks")
        breakout.observe(*arrays(*(state[name] for name in seen), planes))
        return planes


def block_bit(x: Int64[Tensor, " copies"], y: Int64[Tensor, " copies"]) -> Int64[Tensor, " copies"]:
    """Return the bit of the block in a cell, 0 for a cell without a place for one."""
    number = (y - FIRST_ROW) * SIZE + x
    return torch.where((y >= FIRST_ROW) & (y < FIRST_ROW + ROWS), 1 << number.clamp(0, ROWS * SIZE - 1), 0)


def has_block(
    blocks: Int64[Tensor, " copies"], x: Int64[Tensor, " copies"], y: Int64[Tensor, " copies"]
) -> Bool[Tensor, " copies"]:
    """Return whether a block is in a cell."""
    return (blocks & block_bit(x, y)) != 0
