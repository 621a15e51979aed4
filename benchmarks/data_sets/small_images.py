"""Ten small sets of images for a benchmark, made from packages: 8 to 30 training images of each class.

Training and test images never show the same thing: fonts, halves of a photograph, or people differ. The photographs
are those that scikit-learn and scikit-image contain, the fonts those of Matplotlib, and Fashion-MNIST is read as
Axone finds it (Debian's package, or the part that Axone contains). Nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from axone.data.images.load import load_images
from sklearn import datasets

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
TRAINING_FONTS = ("DejaVuSans", "DejaVuSerif-Bold", "STIXGeneral", "cmr10", "DejaVuSansMono-Oblique", "cmss10")
TEST_FONTS = ("DejaVuSerif", "DejaVuSans-Bold", "STIXGeneralBol", "cmb10", "DejaVuSansMono", "cmtt10")


class SmallSet(NamedTuple):
    """Images as bytes, (images, height, width) or (images, height, width, 3), and the name of each one's class."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray


Draw = Callable[[np.random.Generator, str, bool], np.ndarray]  # (random numbers, class, whether for the test)


def generate(draw: Draw, classes: tuple[str, ...], train: int, test: int, seed: int) -> SmallSet:
    """Return a set of drawn images, `train` and `test` of each class."""
    parts = []
    for is_test, count in ((False, train), (True, test)):
        rng = np.random.default_rng([seed, is_test])
        labels = np.repeat(np.array(classes), count)
        parts += [np.stack([draw(rng, name, is_test) for name in labels]), labels]
    return SmallSet(*parts)


def choose(pixels: np.ndarray, labels: np.ndarray, train: int, test: int, seed: int) -> SmallSet:
    """Return a set of `train` images of each class, and at most `test` of all others."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    chosen = np.concatenate([order[labels[order] == name][:train] for name in np.unique(labels)])
    rest = np.setdiff1d(order, chosen)
    rest = rest[rng.permutation(len(rest))[:test]]
    return SmallSet(pixels[chosen], labels[chosen], pixels[rest], labels[rest])


def digits(seed: int) -> SmallSet:
    """Classify scikit-learn's handwritten digits of 8 x 8 pixels: 20 training images of each of 10 classes."""
    pixels, labels = datasets.load_digits(return_X_y=True)
    return choose((pixels.reshape(-1, 8, 8) * 255 / 16).astype(np.uint8), labels.astype(str), 20, 700, seed)


def garments(seed: int) -> SmallSet:
    """Classify Fashion-MNIST, 28 x 28 pixels: 10 training images of each of 10 classes."""
    data = load_images("fashion-mnist").test
    names = np.array([f"garment {label}" for label in data.labels.tolist()])
    return choose(data.pixels.numpy()[..., 0], names, 10, 700, seed)


def faces(seed: int) -> SmallSet:
    """Distinguish 25 x 25 pixels of a face from those of something else (a part of LFW): 30 training images of each."""
    pixels = (skimage.data.lfw_subset() * 255).astype(np.uint8)
    return choose(pixels, np.repeat(np.array(["face", "other"]), 100), 30, 140, seed)


def letters(seed: int) -> SmallSet:
    """Classify letters of 32 x 32 pixels: 12 training images of each of 8 classes; tested on other fonts."""

    def draw(rng: np.random.Generator, name: str, is_test: bool) -> np.ndarray:
        font = str(rng.choice(TEST_FONTS if is_test else TRAINING_FONTS))
        dark, light = int(rng.integers(0, 80)), int(rng.integers(150, 255))
        image = Image.new("L", (32, 32), light)
        place = (16 + int(rng.integers(-3, 4)), 16 + int(rng.integers(-3, 4)))
        type_face = ImageFont.truetype(str(FONTS / f"{font}.ttf"), int(rng.integers(16, 26)))
        ImageDraw.Draw(image).text(place, name, dark, type_face, anchor="mm")
        return add_noise(np.asarray(image.rotate(rng.uniform(-8, 8), Image.Resampling.BILINEAR, fillcolor=light)), rng)

    return generate(draw, tuple("ABCEGRSa"), 12, 60, seed)


def arrows(seed: int) -> SmallSet:
    """Distinguish arrows to the left from arrows to the right, 40 x 40 pixels in color: 15 training images of each."""

    def draw(rng: np.random.Generator, name: str, is_test: bool) -> np.ndarray:
        image = Image.new("RGB", (40, 40), tuple(rng.integers(0, 120, 3).tolist()))
        x, y, size = 20 + rng.integers(-6, 7), 20 + rng.integers(-8, 9), rng.integers(7, 12)
        color, sign = tuple(rng.integers(140, 255, 3).tolist()), 1 if name == "right" else -1
        pen = ImageDraw.Draw(image)
        pen.line([(x - sign * size, y), (x + sign * size, y)], color, 3)
        pen.polygon([(x + sign * size, y), (x, y - size // 2 - 1), (x, y + size // 2 + 1)], color)
        return add_noise(np.asarray(image.rotate(rng.uniform(-15, 15), Image.Resampling.BILINEAR)), rng)

    return generate(draw, ("left", "right"), 15, 150, seed)


def textures(seed: int) -> SmallSet:
    """Distinguish photographs of walls, grass and gravel by 64 x 64 pixels: 10 training images of each."""
    surfaces = {"wall": skimage.data.brick(), "grass": skimage.data.grass(), "gravel": skimage.data.gravel()}

    def draw(rng: np.random.Generator, name: str, is_test: bool) -> np.ndarray:
        patch = cut(surfaces[name], rng, 64, is_test).astype(np.float64)
        # The same light for all: what remains is the texture.
        patch = (patch - patch.mean()) / (patch.std() + 1) * rng.uniform(25, 50) + rng.uniform(90, 160)
        return np.clip(patch, 0, 255).astype(np.uint8)

    return generate(draw, tuple(surfaces), 10, 100, seed)


def cracks(seed: int) -> SmallSet:
    """Distinguish 64 x 64 pixels of gravel or a wall with a thin crack from those without: 30 training images each."""
    surfaces = (skimage.data.gravel(), skimage.data.brick())

    def draw(rng: np.random.Generator, name: str, is_test: bool) -> np.ndarray:
        patch = Image.fromarray(cut(surfaces[rng.integers(2)], rng, 64, is_test))
        if name == "cracked":
            points = np.cumsum(rng.normal(0, 4, (6, 2)) + rng.uniform(-7, 7, (1, 2)), 0) + rng.uniform(24, 40, 2)
            ImageDraw.Draw(patch).line([tuple(p) for p in points.tolist()], int(rng.integers(0, 25)), 3, "curve")
        return np.asarray(patch)

    return generate(draw, ("cracked", "whole"), 30, 150, seed)


def sounds(seed: int) -> SmallSet:
    """Classify spectrograms of 64 x 64 pixels (tone, rising, falling, trill, noise): 12 training images of each."""

    def draw(rng: np.random.Generator, name: str, is_test: bool) -> np.ndarray:
        times = np.arange(64 * 64) / 8000
        low, high = sorted(rng.uniform(400, 2500, 2))
        course = np.clip((times - rng.uniform(0, 0.1)) / rng.uniform(0.25, 0.5), 0, 1)
        pitch = {
            "tone": np.full(len(times), low),
            "rising": low + (high + 500 - low) * course,
            "falling": high + 500 - (high + 500 - low) * course,
            "trill": low + rng.uniform(100, 400) * np.sign(np.sin(2 * np.pi * rng.uniform(8, 20) * times)),
            "noise": np.zeros(len(times)),
        }[name]
        sound = sum(np.sin(2 * np.pi * k * np.cumsum(pitch) / 8000) / k for k in (1, 2, 3))
        sound = sound * (course > 0) + rng.normal(0, 2.0 if name == "noise" else 0.7, len(times))
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, 64), 128)[::64][:64]
        power = np.log(np.abs(np.fft.rfft(frames * np.hanning(128), axis=1)[:, :64]).T[::-1] ** 2 + 1e-2)
        return np.uint8(255 * (power - power.min()) / np.ptp(power))

    return generate(draw, ("tone", "rising", "falling", "trill", "noise"), 12, 80, seed)


def scenes(seed: int) -> SmallSet:
    """Classify 96 x 96 pixels by the photograph, one of six: 8 training images of each; tested on other halves."""
    photographs = {
        "space": skimage.data.hubble_deep_field(),
        "cat": skimage.data.chelsea(),
        "coffee": skimage.data.coffee(),
        "motorcycle": np.asarray(Image.fromarray(skimage.data.stereo_motorcycle()[0]).convert("RGB")),
        "palace": datasets.load_sample_image("china.jpg"),
        "flower": datasets.load_sample_image("flower.jpg"),
    }

    def draw(rng: np.random.Generator, name: str, is_test: bool) -> np.ndarray:
        return relight(cut(photographs[name], rng, 96, is_test, scale=(1.0, 1.8)), rng)

    return generate(draw, tuple(photographs), 8, 50, seed)


def objects(seed: int) -> SmallSet:
    """Distinguish photographs of a cat from those of a cup, 320 x 320 pixels: 20 training images of each.

    Distance, turn, light and background vary. The backgrounds are parts of other photographs.
    """
    cutouts = {"cat": (skimage.data.chelsea(), (90, 10, 400, 295)), "cup": (skimage.data.coffee(), (120, 30, 430, 330))}
    backgrounds = [
        datasets.load_sample_image("china.jpg"),
        skimage.data.stereo_motorcycle()[0],
        skimage.data.astronaut(),
    ]

    def draw(rng: np.random.Generator, name: str, is_test: bool) -> np.ndarray:
        photograph, box = cutouts[name]
        thing = Image.fromarray(photograph).crop(box)
        width = int(rng.uniform(130, 260))
        thing = thing.resize((width, width * thing.height // thing.width)).convert("RGBA")
        mask = Image.new("L", thing.size)
        ImageDraw.Draw(mask).ellipse((0, 0, *thing.size), 255)
        thing.putalpha(mask)
        thing = thing.rotate(rng.uniform(-25, 25), Image.Resampling.BILINEAR, expand=True)
        background = cut(backgrounds[rng.integers(3)][..., :3], rng, 320, is_test, scale=(0.8, 1.2))
        image = Image.fromarray(relight(background, rng))
        place = rng.uniform(-20, max(1, 340 - thing.width)), rng.uniform(-20, max(1, 340 - thing.height))
        lit = Image.fromarray(relight(np.asarray(thing.convert("RGB")), rng))
        image.paste(lit, (int(place[0]), int(place[1])), thing.getchannel("A"))
        if rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return add_noise(np.asarray(image), rng)

    return generate(draw, ("cat", "cup"), 20, 100, seed)


def cut(
    image: np.ndarray, rng: np.random.Generator, side: int, is_test: bool, scale: tuple[float, float] = (1.0, 1.0)
) -> np.ndarray:
    """Return a random square of an image: of its left half for training, of its right half for the test."""
    half = image.shape[1] // 2
    image = image[:, half:] if is_test else image[:, :half]
    window = min(int(side * rng.uniform(*scale)), *image.shape[:2])
    top, left = rng.integers(0, image.shape[0] - window + 1), rng.integers(0, image.shape[1] - window + 1)
    return np.asarray(Image.fromarray(image[top : top + window, left : left + window]).resize((side, side)))


def relight(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a color image with another brightness, contrast and saturation."""
    result = Image.fromarray(image)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        result = change(result).enhance(rng.uniform(0.6, 1.4))
    return np.asarray(result)


def add_noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image with the noise of a small camera."""
    return np.clip(image + rng.normal(0, 8, image.shape), 0, 255).astype(np.uint8)


SETS: dict[str, Callable[[int], SmallSet]] = {
    function.__name__: function
    for function in (digits, garments, faces, letters, arrows, textures, cracks, sounds, scenes, objects)
}
