"""Videos for tests: a bright square that moves over a dark ground, in files of several formats and as frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def moving_square(frames=24, height=32, width=48, size=8, color=False, start=0):
    """Return frames in which a square moves to the right by a pixel per frame, and around."""
    video = np.full((frames, height, width, 3), 20, np.uint8)
    for number in range(frames):
        left = (start + number) % (width - size)
        video[number, 12 : 12 + size, left : left + size] = (240, 60, 60) if color else 230
    return video


def write_video(path: Path, frames, codec="mpeg4", rate=25, with_sound=False):
    """Write frames as a video file; the container follows from the name."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    return path


def write_sound(path: Path, seconds=0.5):
    """Write a file of the same container without any video."""
    import av

    rate = 8000
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        wave = (0.3 * np.sin(np.arange(int(seconds * rate)) * 0.3)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_gif(path: Path, frames):
    """Write frames as an animation."""
    images = [Image.fromarray(frame) for frame in frames]
    images[0].save(path, save_all=True, append_images=images[1:], duration=40)
    return path


def write_frames(folder: Path, frames, name="frame{number}.png"):
    """Write frames as numbered images."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames, 1):
        Image.fromarray(frame).save(folder / name.format(number=number))
    return folder
