"""Scenes of moving sprites, generated in tensors: the protocol of Moving MNIST, with images of clothes.

Each sprite moves straight at a constant speed and is reflected at the walls; where sprites overlap, the brighter
pixel is visible (Srivastava, Mansimov, Salakhutdinov 2015, "Unsupervised Learning of Video Representations using
LSTMs", arXiv:1502.04681). Differences: positions are not rounded to whole pixels, speeds vary, the sprites are images
of Fashion-MNIST, and the scenes of validation and test have sprites that training never shows.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from axone.data.datasets.idx import read_idx
from axone.data.datasets.registry import DATASETS
from axone.data.datasets.store import ensure_local
from axone.progress import Progress, ignore_progress

SPRITE_SHARE = 28 / 64  # side of a sprite as a share of the side of the scene, as in Moving MNIST
SPEEDS = (0.05, 0.15)  # of a sprite, as shares of its free path per frame; Moving MNIST has 0.1


class Scenes(NamedTuple):
    """A batch of scenes.

    Args:
        frames: Pixels from 0 to 1.
        straight: The frames after the observed ones if every sprite went straight on, out of the scene.
    """

    frames: Float[Tensor, "scenes steps 1 height width"]
    straight: Float[Tensor, "scenes later_steps 1 height width"]


class SpriteImages(NamedTuple):
    """The images that move: other ones in training than in validation and test, and notes on where they came from."""

    train: UInt8[Tensor, "images side side"]
    held_out: UInt8[Tensor, "others side side"]
    notes: tuple[str, ...]


def load_sprites(progress: Progress = ignore_progress) -> SpriteImages:
    """Return the training and test images of Fashion-MNIST, or of the subset of it that ships with Axone.

    Raises DataError, ResourceError, as `ensure_local` does.
    """
    location = ensure_local(DATASETS["fashion-mnist"], progress)
    assert location.folder is not None
    names = ("train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz")
    train, held_out = (torch.from_numpy(read_idx(location.folder / name, 3)) for name in names)
    return SpriteImages(train, held_out, location.notes)


def resize_sprites(images: UInt8[Tensor, "images side side"], side: int) -> Float[Tensor, "images smaller smaller"]:
    """Return sprites for scenes of a side in pixels, as values from 0 to 1."""
    size = max(2, round(side * SPRITE_SHARE))
    pixels = images[:, None].float() / 255
    return functional.interpolate(pixels, size=(size, size), mode="area").squeeze(1)


def make_scenes(
    sprites: Float[Tensor, "images size size"],
    generator: torch.Generator,
    *,
    scenes: int,
    observed: int,
    later: int,
    side: int,
    count: int = 1,
) -> Scenes:
    """Generate scenes: which sprites, where they begin, how fast and in which direction they move.

    Args:
        sprites: Images to choose from, with values from 0 to 1.
        generator: The source of all random numbers; it must be on the CPU.
        scenes: The number of scenes.
        observed: Frames after which `straight` begins.
        later: Frames after the observed ones.
        side: Height and width of a frame in pixels.
        count: Sprites in each scene.
    """
    size = sprites.shape[-1]
    free = float(side - size)  # the length of the path between two walls
    chosen = sprites[torch.randint(len(sprites), (scenes, count), generator=generator)]
    start = free * torch.rand(scenes, count, 1, 2, generator=generator)
    angle = 2 * torch.pi * torch.rand(scenes, count, 1, generator=generator)
    low, high = SPEEDS
    speed = free * (low + (high - low) * torch.rand(scenes, count, 1, 1, generator=generator))
    velocity = speed * torch.stack([angle.cos(), angle.sin()], -1)  # [scenes, count, 1, 2]
    time = torch.arange(observed + later)[:, None]
    positions = reflect(start + velocity * time, free)
    # The direction after the last observed frame: that of the reflected path, not a difference across a wall.
    last = observed - 1
    after = reflect_direction(start + velocity * last, free) * velocity
    straight = positions[:, :, last : last + 1] + after * torch.arange(1, later + 1)[:, None]
    return Scenes(render(chosen, positions, side), render(chosen, straight, side))


def reflect(unbounded: Float[Tensor, "*shape"], length: float) -> Float[Tensor, "*shape"]:
    """Return positions on a path without walls as positions between walls at 0 and `length`."""
    return length - (unbounded.remainder(2 * length) - length).abs()


def reflect_direction(unbounded: Float[Tensor, "*shape"], length: float) -> Float[Tensor, "*shape"]:
    """Return 1 where a path without walls and the reflected path have the same direction, -1 where the opposite."""
    return torch.where(unbounded.remainder(2 * length) < length, 1.0, -1.0)


def render(
    sprites: Float[Tensor, "scenes count size size"], positions: Float[Tensor, "scenes count steps 2"], side: int
) -> Float[Tensor, "scenes steps 1 side side"]:
    """Draw each sprite with its upper left corner at (y, x), between pixels by bilinear weights.

    Parts outside the frame are cut off; where sprites overlap, the brighter pixel is visible.
    """
    pixel, part = torch.arange(side), torch.arange(sprites.shape[-1])
    # weights[..., i, j]: the share of row (or column) j of the sprite in row (or column) i of the frame.
    distance = pixel[:, None] - part - positions[..., None, None]  # [scenes, count, steps, 2, side, size]
    weights = (1 - distance.abs()).clamp_min(0)
    rows, columns = weights.unbind(3)
    drawn = rows @ sprites[:, :, None] @ columns.transpose(-1, -2)
    return drawn.amax(1).unsqueeze(2)
