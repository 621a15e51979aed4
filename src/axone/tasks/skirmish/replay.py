"""Replays: one battle of a trained network, watched step by step, as frames, a strip of images, GIF or MP4."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import nn

from axone.figures.animation import Animation, encode_gif
from axone.figures.tiles import INK, PAPER, load_font
from axone.figures.video import encode_mp4
from axone.play.skirmish.battle import RUNNING
from axone.play.skirmish.battles import Battles
from axone.play.skirmish.drawing import describe_result
from axone.play.skirmish.scenarios import SIDE, Scenario
from axone.tasks.skirmish.players import NetworkPlayer

MILLISECONDS = 250  # a frame: twice as fast as the battle, whose steps are half a second
LAST_FRAMES = 4  # times that the last frame is repeated before the film begins anew
MARGIN, NARROWEST = 3.0, 14.0  # cells around the units, and the smallest side of the images of a strip
SIDE_OF_IMAGE = 256  # pixels
HEAD, GAP = 22, 6  # pixels above and between the images of a strip
COLUMNS = 4  # images of a row of a strip
LIGHT = (205, 210, 217)  # of the frame of an image


class Replay:
    """A battle of the network against the heuristic player, from its start to its end.

    Args:
        network: The network of the units.
        scenario: Who fights whom.
        seed: Decides on the first situation and on all random numbers.
        explore: Whether actions are drawn; otherwise each unit does what is most probable.

    Attributes:
        frames: An image of each moment so far.
        positions: Where the units are at each of them.
        captions: The step or the result at each of them.
        total: The sum of the rewards so far.
    """

    def __init__(self, network: nn.Module, scenario: Scenario, seed: int, *, explore: bool = False) -> None:
        device = next(network.parameters()).device
        self.battles = Battles(scenario, 1, seed=seed, device=device)
        self.player = NetworkPlayer(network, self.battles, explore=explore)
        self.generator_state = torch.Generator().manual_seed(seed).get_state()
        self.frames: list[Image.Image] = []
        self.captions: list[str] = []
        self.positions: list[torch.Tensor] = []
        self.total = 0.0
        self._record()

    @property
    def result(self) -> int:
        """How the battle ended; RUNNING while it continues."""
        return int(self.battles.final_state["result"][0])

    @property
    def steps(self) -> int:
        """The number of steps so far."""
        return int(self.battles.final_state["steps"][0])

    @property
    def finished(self) -> bool:
        """Whether the battle is over."""
        return self.result != RUNNING

    def text(self) -> str:
        """Return this moment as a map of characters."""
        return self.battles.world.render_text(self.battles.final_state)

    def advance(self) -> None:
        """Play one step. The random numbers are the replay's own, and those of torch stay as they were."""
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self.generator_state)
            actions = self.player.choose(self.battles)
            self.generator_state = torch.get_rng_state()
        self.total += float(self.battles.step(actions).rewards[0])
        self._record()

    def play(self) -> Replay:
        """Play to the end, and return the replay itself."""
        while not self.finished:
            self.advance()
        return self

    def find_box(self) -> tuple[int, int, int, int]:
        """Return the square of a frame in which the battle was, in pixels: left, top, right, bottom."""
        points = torch.cat(self.positions)
        low, high = points.amin(0) - MARGIN, points.amax(0) + MARGIN
        half = min(max(float((high - low).max()), NARROWEST), SIDE) / 2
        x, y = ((low + high) / 2).clamp(half, SIDE - half).tolist()
        edges = ((x - half), SIDE - (y + half), (x + half), SIDE - (y - half))
        left, top, right, bottom = (round(edge / SIDE * self.frames[0].width) for edge in edges)
        return left, top, right, bottom

    @property
    def animation(self) -> Animation:
        """The frames so far, of which the last stays for a while."""
        return Animation([*self.frames, *[self.frames[-1]] * LAST_FRAMES], MILLISECONDS)

    def encode(self, video: str) -> bytes:
        """Return the frames as a GIF or MP4 file."""
        return encode_mp4(self.animation) if video == "mp4" else encode_gif(self.animation)

    def _record(self) -> None:
        image = self.battles.world.render_image(self.battles.final_state)
        self.positions.append(self.battles.final_state["positions"][0].cpu())
        self.frames.append(Image.fromarray(image.numpy()))
        self.captions.append(describe_result(self.result, self.steps))


def draw_strip(replay: Replay, images: int = 2 * COLUMNS) -> Image.Image:
    """Return some moments of a battle, evenly distributed from its first to its last, in rows."""
    chosen = np.unique(np.linspace(0, len(replay.frames) - 1, images).round().astype(int)).tolist()
    box = replay.find_box()
    frames = [replay.frames[number].crop(box) for number in chosen]
    return draw_images(frames, [replay.captions[number] for number in chosen])


def draw_images(images: Sequence[Image.Image], captions: Sequence[str]) -> Image.Image:
    """Return images of one size in rows, with a caption above each."""
    side = SIDE_OF_IMAGE
    rows = -(-len(images) // COLUMNS)
    width = min(len(images), COLUMNS) * (side + GAP) - GAP
    sheet = Image.new("RGB", (width, rows * (side + HEAD + GAP) - GAP), PAPER)
    draw, font = ImageDraw.Draw(sheet), load_font(13)
    for number, (image, caption) in enumerate(zip(images, captions)):
        left, top = number % COLUMNS * (side + GAP), number // COLUMNS * (side + HEAD + GAP)
        draw.text((left + 2, top + 3), caption, fill=INK, font=font)
        sheet.paste(image.resize((side, side), Image.Resampling.LANCZOS), (left, top + HEAD))
        draw.rectangle((left, top + HEAD, left + side - 1, top + HEAD + side - 1), outline=LIGHT)
    return sheet
