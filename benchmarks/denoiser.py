"""The denoiser compared with classical filters: PSNR and SSIM on Fashion-MNIST and on photographs.

    python benchmarks/denoiser.py                         both presets, photographs gray and in color
    python benchmarks/denoiser.py --only fashion-mnist    the other rows are those of the last measurement
    python benchmarks/denoiser.py --keep filters,course   so are these rows; only the other networks are measured
    python benchmarks/denoiser.py --quick                 a smoke test, writes nothing

Needs scikit-image, scikit-learn and, for training photographs, Debian's packages mate-backgrounds and
lomiri-wallpapers-16.04. BM3D is included if it is installed (`pip install bm3d`, free for research only).
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import skimage
from PIL import Image
from scipy.ndimage import median_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

import axone
import sklearn
import tables
from axone.data.images.load import load_images

LEVELS = (0.1, 0.25, 0.5)
TEST_IMAGES, TUNING_IMAGES = 1000, 40  # of Fashion-MNIST: to test on, and training images to tune the filters on
TARGET_GAIN, LEVEL = 4.5, 0.25  # decibels over the best filter, at this level
CROP, EVERY = 128, 3  # side in pixels of the crops, of every third training photograph, to tune the filters on
TRAINING_PHOTOGRAPHS = {  # by the package that contains them
    "scikit-image": [
        "astronaut", "brick", "cell", "clock_motion", "coins", "grass", "gravel", "hubble_deep_field", "ihc", "moon",
        "motorcycle_left", "motorcycle_right", "retina", "rocket",
    ],
    "scikit-learn": ["china", "flower"],
    "lomiri-wallpapers-16.04": [
        "Bridge_by_Sander_Klootwijk", "Dragonfly_by_Bolly", "Picture_0B_by_freespace", "Picture_1A_by_freespace",
        "Wine_by_Jakkub_Mede", "aitzgorri_by_Aitzol_Berasategi", "free_by_Peter_Nerlich",
        "friends_by_Aitzol_Berasategi", "greentock_by_Peter_Nerlich", "life_by_Aitzol_Berasategi",
        "picosdeeuropa_by_Aitzol_Berasategi", "seeding_by_Clements_Engelhardt", "sunset_by_Aitzol_Berasategi",
    ],
    "mate-backgrounds": [
        "Aqua", "Blinds", "Dune", "FreshFlower", "Garden", "GreenMeadow", "LadyBird", "RainDrops", "Storm", "TwoWings",
        "Wood", "YellowFlower",
    ],
}  # fmt: skip
FOLDERS = {
    "scikit-image": Path(skimage.__file__).parent / "data",
    "scikit-learn": Path(sklearn.__file__).parent / "datasets" / "images",
    "lomiri-wallpapers-16.04": Path("/usr/share/backgrounds"),
    "mate-backgrounds": Path("/usr/share/backgrounds/mate/nature"),
}
GRAY = {"brick", "cell", "clock_motion", "coins", "grass", "gravel", "moon"}  # photographs without colors
MAX_SIDE = 768  # pixels: larger photographs are reduced, which also removes compression artifacts
TEST_PHOTOGRAPHS = {"photographs, gray": ["camera", "chelsea", "coffee"], "photographs, color": ["chelsea", "coffee"]}
FASHION = "Fashion-MNIST"
COLUMNS, TILE_SIDE = 12, 160  # images in a row of the figure, and pixels of the center of a photograph
FIGURES = {
    FASHION: "denoiser.png",
    "photographs, gray": "denoiser-gray.png",
    "photographs, color": "denoiser-color.png",
}
EXPERIMENTS = {
    FASHION: {"default": ["--preset", "default"], "course": ["--preset", "course"]},
    "photographs, gray": {"photographs": ["--preset", "photographs"]},
    "photographs, color": {"photographs": ["--preset", "photographs"]},
}

Images = list[np.ndarray]  # each (height, width) or (height, width, 3), from 0 to 1
Filter = Callable[..., np.ndarray]  # (noisy, level, **parameters) -> restored


def median(noisy: np.ndarray, level: float, size: int) -> np.ndarray:
    return median_filter(noisy, (size, size) + (1,) * (noisy.ndim - 2), mode="reflect")


def total_variation(noisy: np.ndarray, level: float, weight: float) -> np.ndarray:
    return denoise_tv_chambolle(noisy, weight=weight * level, channel_axis=axis(noisy))


def non_local_means(noisy: np.ndarray, level: float, h: float, patch: int, distance: int) -> np.ndarray:
    options = {"patch_size": patch, "patch_distance": distance, "channel_axis": axis(noisy), "fast_mode": True}
    return denoise_nl_means(noisy, h=h * level, sigma=level, **options)


def bm3d(noisy: np.ndarray, level: float, sigma: float) -> np.ndarray:
    from bm3d import bm3d as gray
    from bm3d import bm3d_rgb as color

    return (gray if noisy.ndim == 2 else color)(noisy, sigma_psd=sigma * level)


FILTERS: dict[str, tuple[Filter, dict[str, Sequence[Any]]]] = {
    "median filter": (median, {"size": (3, 5, 7)}),
    "total variation": (total_variation, {"weight": (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)}),
    "non-local means": (non_local_means, {"h": (0.4, 0.6, 0.8, 1.0, 1.3), "patch": (3, 5, 7), "distance": (5, 9)}),
    **({"BM3D": (bm3d, {"sigma": (0.6, 0.8, 1.0, 1.2)})} if tables.installed("bm3d") else {}),
}


def main() -> int:
    """Measure filters and networks, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", default=",".join(EXPERIMENTS), help="which images, separated by commas")
    parser.add_argument(
        "--keep", default="", help="rows of the last measurement: filters, or presets, separated by commas"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the trainings (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    machine = tables.begin(options)
    measured = {name: measure(name, options) for name in EXPERIMENTS if name.lower() in options.only.lower()}
    results = {name: measured.get(name) or read_last(name) for name in EXPERIMENTS}
    tables.finish(table({name: one for name, one in results.items() if one}, options), machine, options)
    return 0


def read_last(name: str) -> dict[str, dict[str, Any]]:
    """Return the results of the last measurement on these images; an empty dict if there is none."""
    file = tables.RESULTS / "denoiser.json"
    if not file.exists():
        return {}
    results: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))["raw"].get(name, {})
    for answer in results.values():
        for key in {"scores", "parameters"} & set(answer):
            answer[key] = {float(level): value for level, value in answer[key].items()}
    return results


def measure(name: str, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return PSNR and SSIM by level, and times, of each filter and network."""
    with tempfile.TemporaryDirectory() as folder:
        tuning_images, tested, source = (fashion if name == FASHION else photographs)(name, Path(folder), options)
        noisy = {level: add_noise(tested, level, 1) for level in LEVELS}
        answers = {"noisy": {"scores": {level: scores(noisy[level], tested) for level in LEVELS}}}
        seen: dict[str, Images] = {}  # results at LEVEL
        last = read_last(name)
        for who, (work, grid) in FILTERS.items():
            if "filters" in options.keep and who in last:
                answers[who], known = last[who], last[who]["parameters"]
                seen[who] = [work(one, LEVEL, **known[LEVEL]) for one in noisy[LEVEL][:COLUMNS]]
                continue
            grid = {key: values[:1] for key, values in grid.items()} if options.quick else grid
            chosen = {level: tune(work, grid, tuning_images, level) for level in LEVELS}
            started = time.perf_counter()
            restored = {level: [work(one, level, **chosen[level]) for one in noisy[level]] for level in LEVELS}
            seconds, seen[who] = time.perf_counter() - started, restored[LEVEL]
            answers[who] = {
                "scores": {level: scores(restored[level], tested) for level in LEVELS},
                "parameters": chosen,
                "milliseconds": 1000 * seconds / (len(LEVELS) * len(tested)),
            }
            tables.say(f"{name}, {who}: {describe(answers[who])}")
        for preset, flags in EXPERIMENTS[name].items():
            who = command(preset)
            if preset in options.keep and who in last:
                answers[who] = last[who]
                continue
            answers[who], seen[who] = train([*flags, "--data", source], folder, noisy, tested, options)
            tables.say(f"{name}, {preset}: {describe(answers[who])}")
    denoiser = seen[command(next(iter(EXPERIMENTS[name])))]
    draw_rows(name, [noisy[LEVEL], seen[best(answers, LEVEL)[0]], denoiser, tested], options)
    return answers


def draw_rows(name: str, rows: list[Images], options: argparse.Namespace) -> None:
    """Draw a row of images for each method; of photographs the center."""
    from axone.figures.contact_sheet import draw_contact_sheet
    from axone.figures.figure import encode_png

    def crop_center(image: np.ndarray) -> np.ndarray:
        top, left = ((length - min(length, TILE_SIDE)) // 2 for length in image.shape[:2])
        crop = image[top : top + TILE_SIDE, left : left + TILE_SIDE]
        pixels = np.rint(np.clip(crop, 0, 1) * 255).astype(np.uint8)
        return pixels.reshape(*pixels.shape[:2], -1)

    count = min(COLUMNS, len(rows[0]))
    tiles = np.stack([crop_center(image) for row in rows for image in row[:count]])
    tables.save_figure(FIGURES[name], encode_png(draw_contact_sheet(tiles, columns=count)), options)


def fashion(name: str, folder: Path, options: argparse.Namespace) -> tuple[Images, Images, str]:
    """Return training images to tune on, test images, and the value of `--data`."""
    images = load_images("fashion-mnist")
    few = 50 if options.quick else 1
    train, test = (part.pixels[..., 0].numpy() / np.float32(255) for part in (images.train, images.test))
    return list(train[: max(1, TUNING_IMAGES // few)]), list(test[: TEST_IMAGES // few]), "fashion-mnist"


def photographs(name: str, folder: Path, options: argparse.Namespace) -> tuple[Images, Images, str]:
    """Write training photographs into a folder; return crops of them to tune on, and photographs to test on."""
    mode = "L" if "gray" in name else "RGB"
    place = folder / "photographs"
    place.mkdir()
    tuning_images = []
    for package, titles in TRAINING_PHOTOGRAPHS.items():
        for title in titles:
            if mode == "L" or title not in GRAY:
                image = photograph(package, title, mode)
                image.save(place / f"{title}.png")
                left, top = ((length - CROP) // 2 for length in image.size)
                tuning_images.append(to_unit_range(image)[top : top + CROP, left : left + CROP])
    tested = [to_unit_range(photograph("scikit-image", title, mode)) for title in TEST_PHOTOGRAPHS[name]]
    if options.quick:
        return tuning_images[:1], [one[:CROP, :CROP] for one in tested], str(place)
    return tuning_images[::EVERY], tested, str(place)


def photograph(package: str, title: str, mode: str) -> Image.Image:
    """Read a photograph of a package, reduced if it is large."""
    files = [path for path in FOLDERS[package].glob(f"{title}.*") if path.suffix in (".png", ".jpg")]
    if not files:
        raise SystemExit(f"{FOLDERS[package]} has no image '{title}'; type: sudo apt-get install {package}")
    image = Image.open(files[0]).convert(mode)
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return image


def to_unit_range(image: Image.Image) -> np.ndarray:
    """Return pixels from 0 to 1."""
    return np.asarray(image, np.float32) / np.float32(255)


def add_noise(images: Images, level: float, seed: int) -> Images:
    """Add Gaussian noise and clip to [0, 1]."""
    random = np.random.default_rng([seed, round(1000 * level)])
    return [np.clip(one + level * random.standard_normal(one.shape, np.float32), 0, 1) for one in images]


def tune(work: Filter, grid: dict[str, Sequence[Any]], images: Images, level: float) -> dict[str, Any]:
    """Return the parameters with the highest PSNR on training images."""
    noisy = add_noise(images, level, 0)

    def quality(parameters: dict[str, Any]) -> float:
        return scores([work(one, level, **parameters) for one in noisy], images)[0]

    return max(choices(grid), key=quality)


def choices(grid: dict[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Yield every combination of a grid."""
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values))


def train(
    flags: list[str], folder: str, noisy: dict[float, Images], true: Images, options: argparse.Namespace
) -> tuple[dict[str, Any], Images]:
    """Run the command, restore the noisy images with the run; return the measurements, and the images of LEVEL."""
    words = [sys.executable, "-m", "axone", "train", "denoiser", *flags, "--seed", str(options.seed), "--json"]
    words += ["--threads", str(options.threads), "--runs-folder", folder]
    if options.quick:
        words += ["--limit", "256", "--epochs", "1", "--patches", "64"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    process = subprocess.run(words, capture_output=True, text=True, env=environment, check=True)
    results = json.loads(process.stdout.strip().splitlines()[-1])
    run = axone.load(results["run"])
    started = time.perf_counter()
    restored = {
        level: [one.values.reshape(one.values.shape[: images[0].ndim]) for one in run.predict(images)]
        for level, images in noisy.items()
    }
    seconds = time.perf_counter() - started
    results = {
        "scores": {level: scores(restored[level], true) for level in LEVELS},
        "minutes": results["seconds"] / 60,
        "weights": results["parameters"],
        "milliseconds": 1000 * seconds / (len(LEVELS) * len(true)),
        "validation": results["validation"],
        "steps": results["steps"],
        "precision": results["precision"],
        "threads": options.threads,
    }
    return results, restored[LEVEL]


def scores(restored: Images, true: Images) -> tuple[float, float]:
    """Return mean PSNR (decibels) and mean SSIM, as scikit-image computes them."""
    options = {"data_range": 1.0, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    pairs = [(np.clip(a, 0, 1).astype(np.float32), b) for a, b in zip(restored, true)]
    return (
        statistics.fmean(float(peak_signal_noise_ratio(b, a, data_range=1)) for a, b in pairs),
        statistics.fmean(float(structural_similarity(b, a, channel_axis=axis(b), **options)) for a, b in pairs),
    )


def command(preset: str) -> str:
    return "`axone train denoiser" + (f" --preset {preset}`" if preset != "default" else "`")


def axis(image: np.ndarray) -> int | None:
    return -1 if image.ndim == 3 else None


def describe(answer: dict[str, Any]) -> str:
    """Describe the results of one method in a line."""
    text = ", ".join(f"{level:g}: {psnr:.2f} dB {ssim:.3f}" for level, (psnr, ssim) in answer["scores"].items())
    return text + (f", {answer['minutes']:.1f} minutes" if "minutes" in answer else "")


def best(answers: dict[str, dict[str, Any]], level: float) -> tuple[str, float]:
    """Return the classical filter with the highest PSNR at a level."""
    filters = [who for who, answer in answers.items() if "parameters" in answer]
    return max(((who, answers[who]["scores"][level][0]) for who in filters), key=lambda pair: pair[1])


def table(results: dict[str, dict[str, dict[str, Any]]], options: argparse.Namespace) -> tables.Table:
    """Turn scores into rows and verdicts."""
    rows, verdicts, headers = [], [], {}
    threads = sorted(
        {answer["threads"] for answers in results.values() for answer in answers.values() if "threads" in answer}
    )
    for name, answers in results.items():
        for who, answer in answers.items():
            cells = [f"{psnr:.2f} / {ssim:.3f}" for psnr, ssim in answer["scores"].values()]
            minutes = f"{answer['minutes']:.1f}" if "minutes" in answer else ""
            each = f"{answer['milliseconds']:.0f}" if "milliseconds" in answer else ""
            rows.append([name, who, *cells, minutes, each])
        for level in LEVELS if name != FASHION else (LEVEL,):
            filter_, classical = best(answers, level)
            gain = answers[command(next(iter(EXPERIMENTS[name])))]["scores"][level][0] - classical
            aim = TARGET_GAIN if name == FASHION else 0.0
            claim = f"{name}, level {level:g}: at least {aim:g} dB over the best filter"
            verdicts.append(tables.verdict(claim, gain >= aim, f"{gain:+.2f} dB over {filter_}"))
        if name == FASHION:
            denoiser, filter_ = answers[command("default")], best(answers, LEVEL)
            headers["denoiser"] = (
                f"{TEST_IMAGES:,} test images of Fashion-MNIST with Gaussian noise of standard deviation {LEVEL:g} "
                f"(pixels 0 to 1, clipped) come from {answers['noisy']['scores'][LEVEL][0]:.2f} to "
                f"{denoiser['scores'][LEVEL][0]:.2f} dB "
                f"after {denoiser['minutes']:.1f} minutes of training (one seed); the best classical filter there, "
                f"{filter_[0]}, gives {filter_[1]:.2f} dB, the course's network "
                f"{answers[command('course')]['scores'][LEVEL][0]:.2f} dB."
            )
    return tables.Table(
        name="denoiser",
        title="Noisy images: classical filters and the denoiser",
        question=(
            "PSNR in decibels / SSIM, both as scikit-image computes them, means over the images. Gaussian noise of "
            f"the standard deviation in the column's title, pixels from 0 to 1, clipped there. Fashion-MNIST: the "
            f"first {TEST_IMAGES:,} test images. Photographs: scikit-image's own; tested on "
            + "; ".join(
                f"{name.removeprefix('photographs, ')}: {', '.join(TEST_PHOTOGRAPHS[name])}"
                for name in TEST_PHOTOGRAPHS
                if name in results
            )
            + "; trained on other photographs."
        ),
        columns=["images", "method", *(f"level {level:g}" for level in LEVELS), "minutes of training", "ms per image"],
        rows=rows,
        raw=results,
        verdicts=verdicts,
        notes=[
            f"The filters know the level, and their parameters are those with the highest PSNR at that level on "
            f"{TUNING_IMAGES} training images (photographs: the middle of every third one, {CROP} x {CROP} pixels).",
            "Training photographs: "
            + ", ".join(f"{len(images)} of {package}" for package, images in TRAINING_PHOTOGRAPHS.items())
            + f" (the last two are packages of Debian), reduced to {MAX_SIDE} pixels where larger; of these the "
            "denoiser itself holds some out for validation.",
            "The networks do not know the level: one network for all levels from 0.05 to 0.5.",
            f"One training each, seed {options.seed}, threads: {' or '.join(map(str, threads))}; minutes are those of "
            "training steps and validation alone. `ms per image`: photographs have from 135,000 to 262,144 pixels.",
            *[f"BM3D was not installed when {name} was measured." for name in results if "BM3D" not in results[name]],
        ],
        headers=headers,
        figures={
            FIGURES[name]: f"{name}, level {LEVEL:g}. Rows: noisy; {best(answers, LEVEL)[0]}; the denoiser; clean."
            for name, answers in results.items()
        },
    )


if __name__ == "__main__":
    sys.exit(main())
