"""A run with everything that a report shows, and the page as a browser sees it."""

from __future__ import annotations

import html
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from axone.figures.figure import Figure, Table
from axone.graph import Input, Linear, Model
from axone.runs.recorder import Recorder
from axone.runs.report.document import write_report
from axone.settings import Settings, to_toml

HOSTILE = "\"><img src=x onerror=document.title='hacked'>'`{{7*7}}\x1b[31mred\x1b[0m\u202eevil</script><script>"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60" width="200" height="60">{}</svg>'
DRAWING = SVG.format('<title>the net</title><g id="box"><rect width="90" height="40"/><text x="5">conv_1</text></g>')
VOID = {"meta", "img", "input", "br", "hr", "link"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text; unbalanced tags fail."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"an attribute occurs twice in <{tag}>"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def make_image(epoch: int = 0) -> Image.Image:
    image = Image.new("RGB", (120, 90), "white")
    ImageDraw.Draw(image).rectangle((10, 10, 30 + 5 * epoch, 60), fill=(40, 30 + 9 * epoch % 200, 200))
    return image


def write_example_run(root: Path, epochs: int = 3, finish: bool = True, word: str = "") -> Path:
    """Write a run as training does; `word` is added to every text and name that a user or a system chooses."""
    folder = root / "cnn" / "2026-11-23-brave-kernel"
    folder.mkdir(parents=True)
    settings = Settings(data="fashion-mnist" + word, epochs=3, seed=7)
    nodes = [
        {"name": "input_1" + word, "kind": "Input", "shape": [1, 28, 28], "parameters": 0, "flops": 0},
        {"name": "conv_1", "kind": "Conv2d", "shape": [32, 26, 26], "parameters": 320, "inputs": ["input_1" + word]},
        {"name": "out", "kind": "Linear" + word, "shape": [10], "parameters": 1290, "arguments": {"bias": word}},
    ]
    environment = {"system": "cnn" + word, "device": "cpu", "precision": "bfloat16", "threads": 2, "note" + word: word}
    with Recorder(folder) as recorder:
        recorder.start(to_toml(settings), {"classes": ["coat" + word, "bag"]}, environment, {"nodes": nodes})
        recorder.event("data", notes=["60,000 images of 28 x 28" + word])
        recorder.write("figures/graph.svg", DRAWING.replace("conv_1", "conv_1" + html.escape(word.replace("\x1b", ""))))
        for epoch in range(1, epochs + 1):
            for batch in (1, 2, 3, 4):
                step = 4 * (epoch - 1) + batch
                recorder.event("step", step=step, epoch=epoch, batch=batch, batches=4, loss=2 / step,
                               learning_rate=1e-3, samples_per_second=7000.0 + step)  # fmt: skip
            sides = {side: {"loss": 1 / epoch, "accuracy": 0.8 + 0.02 * epoch} for side in ("train", "validation")}
            recorder.event("epoch", epoch=epoch, step=4 * epoch, seconds=8.0 * epoch, best=epoch == 2, **sides)
            recorder.add_figure(Figure("kernels" + word, "Kernels" + word, make_image(epoch)), epoch)
        recorder.event("warning", text="The loss of batch 3 is not a number." + word)
        recorder.add_figure(Figure("drawing", "A drawing", SVG.format("<circle r='9'/>"), "Drawn" + word), None)
        recorder.add_figure(Table("classes", "Per class" + word, ["class", "precision" + word, "images"],
                             [["coat" + word, 0.875, 1000], ["bag", 0.125, 12000], ["none", None, 1]]),
                            None)  # fmt: skip
        if finish:
            recorder.finish({"data": "fashion-mnist", "seed": 7, "epochs": 3, "steps": 12, "seconds": 65.4,
                             "validation": {"accuracy": 0.84, "loss": 0.5}, "test": {"accuracy": 0.9128, "loss": 0.26},
                             "parameters": 225034, "device": "cpu", "precision": "bfloat16"})  # fmt: skip
        else:
            recorder.event("stop", reason="Ctrl-C" + word)
    return folder


def read_page(folder: Path, **options: Any) -> tuple[str, Page]:
    """Write the report of a run; return its text, and its elements."""
    text = write_report(folder, **options).read_text("utf-8")
    return text, Page(text)


def browse(page: Path, home: Path) -> str:
    """Return the page's elements after its scripts ran."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=1500", "--dump-dom"]
    profile = f"--user-data-dir={home / 'profile'}"
    assert CHROMIUM is not None
    done = subprocess.run([*command, profile, page.as_uri()], capture_output=True, text=True, timeout=90)
    return done.stdout


def draw_blocks(folder: Path) -> Path:
    """Draw a network of two blocks into a run."""
    x = h = Input(8)
    for name in ("first.one", "first.two", "second.one", "second.two"):
        h = Linear(8, name=name)(h)
    (folder / "figures" / "graph.svg").write_text(Model(x, h).draw(), "utf-8")
    return folder
