"""A piano roll: pitch over time, each note a bar, with its voice or its surprise as its color."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from axone.data.notes.score import Piece
from axone.data.notes.voices import VOICES, assign_voices
from axone.figures.tiles import FAINT, INK, PAPER, load_font
from axone.messages import _

ROW = 7  # pixels of a semitone
MOST_WIDTH, LEAST_STEP, MOST_STEP = 1600, 2, 16  # pixels of the roll; of a step
LEFT, TOP, BOTTOM = 36, 8, 22
BLACK_KEYS = (1, 3, 6, 8, 10)
VOICE_COLORS = ((178, 24, 43), (230, 145, 56), (67, 147, 195), (33, 72, 140))
GRAY, LINE = (238, 240, 243), (205, 210, 217)
MOST_SURPRISE = 6.0  # nats: the color of the scale's end


def draw_piano_roll(piece: Piece, grid: int, surprises: Mapping[tuple[int, int], float] | None = None) -> Image.Image:
    """Draw a piece, whose beginning only where it is long.

    Args:
        piece: The piece.
        grid: Steps in a quarter.
        surprises: (step, pitch) -> nats: colors notes by their surprise instead of their voice.
    """
    steps = min(len(piece), MOST_WIDTH // LEAST_STEP)
    width = max(LEAST_STEP, min(MOST_STEP, MOST_WIDTH // max(1, steps)))
    pitches = [pitch for frame in piece.frames[:steps] for pitch in frame] or [60]
    low, high = min(pitches) - 2, max(pitches) + 2
    image = Image.new("RGB", (LEFT + steps * width + 8, TOP + (high - low + 1) * ROW + BOTTOM), PAPER)
    draw, font = ImageDraw.Draw(image), load_font(11)

    def top_of(pitch: int) -> int:
        return TOP + (high - pitch) * ROW

    for pitch in range(low, high + 1):
        if pitch % 12 in BLACK_KEYS:
            draw.rectangle((LEFT, top_of(pitch), LEFT + steps * width - 1, top_of(pitch) + ROW - 1), fill=GRAY)
        if pitch % 12 == 0:
            draw.text((LEFT - 6, top_of(pitch) + ROW // 2), f"C{pitch // 12 - 1}", fill=INK, font=font, anchor="rm")
    bars = [step for step in range(steps) if piece.positions[step] == 0]
    for number, step in enumerate(bars):
        x = LEFT + step * width
        draw.line((x, TOP, x, top_of(low) + ROW), fill=LINE)
        if number % max(1, len(bars) // 16) == 0:
            draw.text((x + 2, top_of(low) + ROW + 3), str(number + 1), fill=FAINT, font=font)
    for step, frame in enumerate(piece.frames[:steps]):
        voices = assign_voices([frame])[0] if 0 < len(frame) <= VOICES else ()
        for place, pitch in enumerate(frame):
            color = VOICE_COLORS[voices.index(pitch) if voices else min(place, VOICES - 1)]
            if surprises is not None:
                color = color_surprise(surprises.get((step, pitch), 0.0))
            held = step > 0 and pitch in piece.frames[step - 1] and piece.positions[step] != 0
            x = LEFT + step * width + (0 if held else 1)
            draw.rectangle((x, top_of(pitch) + 1, LEFT + (step + 1) * width - 1, top_of(pitch) + ROW - 2), fill=color)
    draw.text((LEFT - 6, top_of(low) + ROW + 3), _("bar"), fill=FAINT, font=font, anchor="ra")
    return image


def color_surprise(nats: float) -> tuple[int, int, int]:
    """Return a color: dark gray for an expected note, red for a surprising one."""
    share = min(1.0, max(0.0, nats / MOST_SURPRISE)) ** 0.7
    ends = np.array([(70, 78, 90), (214, 30, 45)], dtype=np.float64)
    red, green, blue = (ends[0] + share * (ends[1] - ends[0])).round().astype(int).tolist()
    return red, green, blue


def to_pixels(image: Image.Image) -> UInt8[np.ndarray, "height width 3"]:
    """Return an image as an array."""
    return np.asarray(image, dtype=np.uint8)
