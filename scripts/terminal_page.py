#!/usr/bin/env python3
"""Write docs/terminal.md and docs/fr/terminal.md: commands and what they print, exactly as a user sees it.

    python scripts/terminal_page.py

Every block is the output of a real command, in a terminal of 100 columns without colors. Durations, which differ at
each run, are written as "…"; the working folder is written as /home/you. The commands that train run on the subset of
Fashion-MNIST that comes with Axone, with one thread.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
PAGES = {"en": ROOT / "docs" / "terminal.md", "fr": ROOT / "docs" / "fr" / "terminal.md"}
LOCALES = {"en": "en_US.UTF-8", "fr": "fr_FR.UTF-8"}
HOME = "/home/you"
IMAGES = ROOT / "src" / "axone" / "data" / "datasets" / "subset" / "fashion-mnist" / "t10k-images-idx3-ubyte.gz"

# Title in English and in French, the commands, and whether they need a training.
SECTIONS = [
    (("The systems", "Les systèmes"), ["axone list"], False),
    (("The settings of a system", "Les réglages d'un système"), ["axone train gan --help"], False),
    (
        ("A training", "Un entraînement"),
        ["axone train cnn --limit 2000 --epochs 3 --threads 1 --name first", "axone runs"],
        True,
    ),
    (
        ("Errors", "Des erreurs"),
        ["axone trian cnn", "axone train cnn --epohcs 3", "axone train cnn --epochs three"],
        False,
    ),
    (
        ("A prediction", "Une prédiction"),
        ["axone predict first trousers.png --top 3", "axone predict first trousers.png missing.png"],
        True,
    ),
]
INTRODUCTIONS = {
    "en": "# Axone in the terminal\n\nThis page is written by `scripts/terminal_page.py` from the output of real "
    "commands. Lines for people go to standard error; results go to standard output, as JSON with `--json`.\n",
    "fr": "# Axone dans le terminal\n\nCette page est écrite par `scripts/terminal_page.py` à partir de ce "
    "qu'affichent "
    "de vraies commandes. Les lignes destinées aux personnes vont sur la sortie d'erreur ; les résultats vont sur la "
    "sortie standard, en JSON avec `--json`.\n",
}


def run(command: str, language: str, folder: Path) -> str:
    """Return a block with a command and everything that it prints, as a terminal of 100 columns displays it."""
    environment = {
        **os.environ,
        "AXONE_CACHE": str(folder / ".cache"),
        "AXONE_OFFLINE": "1",
        "COLUMNS": "100",
        "LC_ALL": LOCALES[language],
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return f"```console\n$ {command}\n{replace_variable_parts(done.stdout, folder)}```\n"


def replace_variable_parts(text: str, folder: Path) -> str:
    """Write the working folder as `HOME`, and durations as an ellipsis."""
    text = text.replace(str(folder.resolve()), HOME).replace(str(folder), HOME)
    return re.sub(r"(?<![\w.,])\d+[.,]\d(?=[ \u00a0\u202f]s\b)", "…", text)


def prepare(folder: Path) -> None:
    """Put an image of trousers, the first of the test images, into the working folder."""
    pixels = gzip.decompress(IMAGES.read_bytes())[16 : 16 + 28 * 28]
    Image.frombytes("L", (28, 28), pixels).save(folder / "trousers.png")


def write_section(number: int, language: str, folder: Path) -> str:
    """Return a section of the page: its title and a block for each of its commands."""
    titles, commands, _trains = SECTIONS[number]
    title = titles[list(PAGES).index(language)]
    return f"## {title}\n\n" + "\n".join(run(command, language, folder) for command in commands)


def write_page(language: str) -> str:
    """Return the whole page in a language."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        prepare(folder)
        sections = [write_section(number, language, folder) for number in range(len(SECTIONS))]
    return "\n".join([INTRODUCTIONS[language], *sections])


def main() -> None:
    """Write the pages."""
    for language, path in PAGES.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_page(language), "utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
