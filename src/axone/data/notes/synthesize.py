"""Sound from notes: an additive synthesizer, in which each note is a sum of decaying harmonics."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from axone.data.notes.score import Score

RATE = 22_050  # Hz
HARMONICS = 8
ATTACK, RELEASE = 0.015, 0.12  # seconds
DECAY = 1.6  # seconds until the fundamental has fallen to 1 / e; higher harmonics are faster
LONGEST = 600.0  # seconds: what follows is not heard
PEAK = 0.8  # the largest magnitude
SPREAD = 0.35  # how far the lowest and the highest part are from the middle, of 1


def synthesize(score: Score) -> Float[np.ndarray, "frames 2"]:
    """Return a score as stereo samples from -1 to 1, at 22,050 Hz; at most ten minutes of it."""
    quarter = 60.0 / score.tempo
    seconds = min(score.quarters * quarter, LONGEST) + RELEASE
    samples = np.zeros((int(seconds * RATE) + 1, 2), np.float64)
    last = max((note.part for note in score.notes), default=0)
    for note in score.notes:
        start = int(note.start * quarter * RATE)
        sound = synthesize_note(note.pitch, note.length * quarter)[: max(0, len(samples) - start)]
        side = SPREAD * (2 * note.part / last - 1) if last else 0.0
        loudness = note.velocity / 127
        samples[start : start + len(sound), 0] += loudness * (1 - side) * sound
        samples[start : start + len(sound), 1] += loudness * (1 + side) * sound
    largest = np.abs(samples).max(initial=0.0)
    return (samples * (PEAK / largest) if largest else samples).astype(np.float32)


def synthesize_note(pitch: int, seconds: float) -> Float[np.ndarray, " frames"]:
    """Return one note; its length includes the release after it ends."""
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    time = np.arange(int((seconds + RELEASE) * RATE)) / RATE
    sound = np.zeros_like(time)
    for harmonic in range(1, HARMONICS + 1):
        if harmonic * frequency < RATE / 2:
            phase = 2 * np.pi * harmonic * frequency * time
            sound += np.exp(-time * harmonic**0.5 / DECAY) * np.sin(phase) / harmonic**1.4
    envelope = np.minimum(1.0, time / ATTACK) * np.clip((seconds + RELEASE - time) / RELEASE, 0.0, 1.0)
    # Low notes have more audible harmonics, so that they are louder for the ear at the same amplitude.
    return np.asarray(sound * envelope * (frequency / 440.0) ** -0.2, np.float64)
