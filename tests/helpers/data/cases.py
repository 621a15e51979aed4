"""Small tables, image folders and meshes in the forms in which people bring them. All generated, with fixed seeds."""

from __future__ import annotations

import datetime
import itertools
import math
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

ROWS = 300
SIDE = 32
COLORS = {"ant": (200, 40, 40), "bee": (40, 200, 40), "cat": (40, 40, 200), "dog": (200, 200, 40)}


def write_table(path: Path, header: str, rows: Iterable[str]) -> None:
    path.write_text(header + "\n" + "".join(row + "\n" for row in rows), "utf-8")


def swap_signs(value: float, digits: int = 2) -> str:
    """Return 1234.5 as 1.234,50."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def write_tables(folder: Path) -> Path:
    """Write the tables; `band` is "high" for an income above 8000, `rent` is 200 + 12 times the area."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    people = [
        (round(draw.uniform(300, 26000), 2), draw.randint(18, 80), round(draw.uniform(20, 200), 1)) for _ in range(ROWS)
    ]
    bands = ["high" if income > 8000 else "low" for income, _age, _area in people]
    named = list(zip(people, bands))
    write_table(folder / "plain.csv", "income,age,area,band", (f"{i},{a},{r},{b}" for (i, a, r), b in named))
    write_table(
        folder / "european.csv",
        "income;age;area;band",
        (f"{swap_signs(i)};{a};{swap_signs(r, 1)};{b}" for (i, a, r), b in named),
    )
    rents = [(r, a, f"{round(200 + 12 * r):,}") for _i, a, r in people]
    write_table(folder / "thousands.tsv", "area\tage\trent", (f"{r}\t{a}\t{rent}" for r, a, rent in rents))
    write_table(folder / "quoted_target.csv", "area,age,rent", (f'{r},{a},"{rent}"' for r, a, rent in rents))
    few = [(500.0, 40, 80.0), (20000.0, 40, 80.0), (7000.0, 40, 80.0), (12500.0, 40, 80.0)]
    write_table(folder / "ask_plain.csv", "income,age,area", (f"{i},{a},{r}" for i, a, r in few))
    commas = [tuple(str(value).replace(".", ",") for value in row) for row in few]
    write_table(folder / "ask_comma.csv", "income;age;area", map(";".join, commas))
    write_table(folder / "ask_currency.csv", "income,age,area", (f'"${i:,.2f}",{a},{r}' for i, a, r in few))
    write_table(folder / "ask_extra.csv", "customer,income,age,area", ["C1,5000,40,80"])
    write_table(
        folder / "test_currency.csv", "income,age,area,band", (f'"${i:,.2f}",{a},{r},{b}' for (i, a, r), b in named)
    )
    write_table(
        folder / "with_index.csv",
        ",income,age,area,band",
        (f"{n},{i},{a},{r},{b}" for n, ((i, a, r), b) in enumerate(named)),
    )
    smokers = [(draw.random() < 0.5, draw.randint(18, 80)) for _ in range(ROWS)]
    write_table(folder / "bool.csv", "smoker,age,state", (f"{s},{a},{'ill' if s else 'well'}" for s, a in smokers))
    codes = [(draw.choice([1, 2, 3, 4]), draw.random() > 0.1, draw.randint(18, 80)) for _ in range(ROWS)]
    kinds = ["x" if code % 2 else "y" for code, _known, _age in codes]
    write_table(
        folder / "code_float.csv",
        "code,age,kind",
        (f"{float(c) if known else ''},{a},{kind}" for (c, known, a), kind in zip(codes, kinds)),
    )
    write_table(
        folder / "code_test.csv",
        "code,age,kind",
        (f"{c},{a},{kind}" for (c, known, a), kind in zip(codes, kinds) if known),
    )
    shares = [(draw.randint(0, 100), draw.randint(1, 999) * 10) for _ in range(ROWS)]
    write_table(
        folder / "percent.csv",
        "share,price,result",
        (f'{s}%,"${p:,}",{"win" if s > 50 else "lose"}' for s, p in shares),
    )
    start = datetime.date(2015, 1, 1)
    days = [(start + datetime.timedelta(days=draw.randint(0, 3600)), draw.randint(1, 9)) for _ in range(ROWS)]
    ages = ["new" if day.year >= 2020 else "old" for day, _k in days]
    write_table(
        folder / "dates_dotted.csv", "day,k,age", (f"{d:%d.%m.%Y},{k},{age}" for (d, k), age in zip(days, ages))
    )
    texts = ["unknown yet" if number == 5 else day.isoformat() for number, (day, _k) in enumerate(days)]
    write_table(
        folder / "dates_one_slip.csv",
        "day,k,age",
        (f"{text},{k},{age}" for text, (_day, k), age in zip(texts, days, ages)),
    )
    centers = {"EU": 0, "NA": 3, "AS": 6}
    regions = [draw.choice(list(centers)) for _ in range(ROWS)]
    write_table(
        folder / "na_class.csv",
        "x,y,region",
        (f"{draw.gauss(centers[c], 0.5):.3f},{draw.random():.3f},{c}" for c in regions),
    )
    plain = (folder / "plain.csv").read_text()
    (folder / "separator_line.csv").write_text("sep=;\n" + plain.replace(",", ";"))
    (folder / "title_first.csv").write_text("Report of 2024\n\n" + plain)
    return folder


def write_two_classes(folder: Path, make: Callable[[int], np.ndarray], suffix: str, each: int = 40) -> Path:
    """Write images of the classes cool and warm: `make(-1)` and `make(1)`, as 32-bit TIFF or 16-bit PNG."""
    for label, sign in (("cool", -1), ("warm", 1)):
        (folder / label).mkdir(parents=True)
        for number in range(each):
            values = make(sign)
            values = values.astype(np.float32) if suffix == ".tif" else np.rint(values).astype(np.uint16)
            Image.fromarray(values).save(folder / label / f"{number:02d}{suffix}")
    return folder


def write_scales(folder: Path, name: str) -> Path:
    """Write "kelvin", "unit_over" or "thermal16": a warm or a cool spot, each with its own range of values."""
    draw = np.random.default_rng(7)
    y, x = np.mgrid[:SIDE, :SIDE]
    spot = np.exp(-((y - 16) ** 2 + (x - 16) ** 2) / 32)
    middle, height, noise, suffix = {
        "kelvin": (295, 12, 0.5, ".tif"),
        "unit_over": (0.62, 0.35, 0.03, ".tif"),
        "thermal16": (51700, 60, 10, ".png"),
    }[name]
    return write_two_classes(
        folder / name, lambda sign: middle + sign * height * spot + draw.normal(0, noise, (SIDE, SIDE)), suffix
    )


def write_wide(folder: Path) -> Path:
    """Write images of 128 x 32 pixels whose class is a bright square at one end."""
    draw = np.random.default_rng(7)
    for label, start in (("left", 6), ("right", 90)):
        (folder / "wide" / label).mkdir(parents=True)
        for number in range(60):
            image = draw.integers(0, 60, (32, 128, 3)).astype(np.uint8)
            left = start + draw.integers(0, 20)
            image[8:24, left : left + 14] = 250
            Image.fromarray(image).save(folder / "wide" / label / f"{number}.png")
    return folder / "wide"


def write_bottle(folder: Path) -> Path:
    """Write train/good, test/good, test/crack and test/dirt: the layout of anomaly detection."""
    draw = np.random.default_rng(7)
    _y, x = np.mgrid[:SIDE, :SIDE]
    for split, label, count in (("train", "good", 40), ("test", "good", 8), ("test", "crack", 8), ("test", "dirt", 8)):
        (folder / "bottle" / split / label).mkdir(parents=True)
        for number in range(count):
            image = np.clip(120 + 40 * np.sin(x / 3) + draw.normal(0, 5, (SIDE, SIDE)), 0, 255)
            if label == "crack":
                image[14:17] = 255
            if label == "dirt":
                image[8:14, 8:14] = 0
            name = folder / "bottle" / split / label / f"{number:03d}.png"
            Image.fromarray(image.astype(np.uint8)).save(name)
    return folder / "bottle"


def write_colors(folder: Path, labels: Iterable[str], each: int, subfolders: tuple[str, ...] = ("",)) -> Path:
    """Write images of one noisy color a class, below each of the subfolders of the class."""
    draw = np.random.default_rng(7)
    for label in labels:
        for subfolder in subfolders:
            (folder / label / subfolder).mkdir(parents=True, exist_ok=True)
            for number in range(each):
                image = np.clip(np.array(COLORS[label]) + draw.normal(0, 12, (SIDE, SIDE, 3)), 0, 255)
                Image.fromarray(image.astype(np.uint8)).save(folder / label / subfolder / f"{number}.png")
    return folder


def write_vases(folder: Path) -> tuple[Path, Path]:
    """Write a closed vase with walls and a hollow, once with shared and once with split vertices."""
    folder.mkdir(parents=True, exist_ok=True)
    outer = [(0, 0), (6, 0), (9, 4), (10, 8), (9, 12), (5, 16), (2.6, 18), (2.6, 22)]
    inner = [(1.4, 22), (1.4, 17.6), (4, 15), (7.8, 11.5), (8.8, 8), (7.8, 4.6), (5.4, 1.5), (0, 1.5)]
    around = 48
    vertices: list[tuple[float, float, float]] = []
    rings = []
    for radius, height in outer + inner:
        if radius == 0:
            rings.append([len(vertices)] * around)
            vertices.append((0, 0, height))
        else:
            rings.append(list(range(len(vertices), len(vertices) + around)))
            angles = [2 * math.pi * k / around for k in range(around)]
            vertices += [(radius * math.cos(angle), radius * math.sin(angle), height) for angle in angles]
    faces = []
    for low, high in itertools.pairwise(rings):
        for k in range(around):
            corners = dict.fromkeys([low[k], low[(k + 1) % around], high[(k + 1) % around], high[k]])
            faces += [list(corners)] if len(corners) >= 3 else []
    lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in vertices]
    shared, split = folder / "shared.obj", folder / "split.obj"
    shared.write_text("\n".join(lines + ["f " + " ".join(str(i + 1) for i in face) for face in faces]) + "\n")
    count = 0
    for number, face in enumerate(faces):
        lines += [f"vt {corner / 4:.4f} {number / len(faces):.4f}" for corner in range(len(face))]
    for face in faces:
        lines.append("f " + " ".join(f"{i + 1}/{count + j + 1}" for j, i in enumerate(face)))
        count += len(face)
    split.write_text("\n".join(lines) + "\n")
    return shared, split
