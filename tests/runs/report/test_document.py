"""The report: whole for every run, however damaged, and safe whatever the run holds."""

import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from axone.errors import RunError
from axone.figures.figure import Figure, Table
from axone.graph import Input, Linear, Model
from axone.runs.recorder import Recorder
from axone.runs.report.document import write_report
from axone.runs.report.figures import MOST_FRAMES, inline_drawing
from axone.runs.verification import verify
from axone.settings import Settings, to_toml

HOSTILE = "\"><img src=x onerror=document.title='hacked'>'`{{7*7}}\x1b[31mred\x1b[0m\u202eevil</script><script>"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60" width="200" height="60">{}</svg>'
DRAWING = SVG.format('<title>the net</title><g id="box"><rect width="90" height="40"/><text x="5">conv_1</text></g>')
VOID = {"meta", "img", "input", "br", "hr", "link"}


class Page(HTMLParser):
    """What a browser would find: elements with their attributes, and text; unbalanced tags fail."""

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
        assert len(names) == len(set(names)), f"an attribute stands twice in <{tag}>"
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


def picture(epoch: int = 0) -> Image.Image:
    image = Image.new("RGB", (120, 90), "white")
    ImageDraw.Draw(image).rectangle((10, 10, 30 + 5 * epoch, 60), fill=(40, 30 + 9 * epoch % 200, 200))
    return image


def example(root: Path, epochs: int = 3, finish: bool = True, word: str = "") -> Path:
    """Write a run as training does; `word` is added to every text and name that is not ours to choose."""
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
            recorder.add_figure(Figure("kernels" + word, "Kernels" + word, picture(epoch)), epoch)
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


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("originals")
    return {"finished": example(root / "a"), "stopped": example(root / "b", epochs=2, finish=False)}


@pytest.fixture
def finished(originals: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(originals["finished"], tmp_path / "cnn" / "2026-11-23-brave-kernel")


@pytest.fixture
def stopped(originals: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(originals["stopped"], tmp_path / "cnn" / "2026-11-23-brave-kernel")


def read(folder: Path, **options: Any) -> tuple[str, Page]:
    text = write_report(folder, **options).read_text("utf-8")
    return text, Page(text)


def test_finished_run_is_shown_whole(finished):
    folder = finished
    text, page = read(folder)
    for part in ("91.28\u202f%", "0.26", "225,034", "1\u202fmin 05\u202fs", "7,007", "bfloat16", "60,000 images",
                 "conv_1", "(32, 26, 26)", "1,610", "0.875", "12,000", "Kernels", "best epoch", "is not a number",
                 "axone predict", "axone evaluate", "Finished."):  # fmt: skip
        assert part in page.text, part
    assert ">finished</span>" in text and "Missing or damaged" not in page.text and "axone resume" not in page.text
    assert len(text.encode()) < 150_000
    assert verify(folder) == []  # the report took its place in the manifest
    write_report(folder)
    assert verify(folder) == [] and not list(folder.glob("tmp-*"))


def test_page_is_self_contained_and_accessible(finished):
    text, page = read(finished)
    policy = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"]
    for _tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            assert attributes.get(name, "#").startswith(("#", "data:image/"))
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", text)
    assert page.all("html")[0]["lang"] == "en" and len(page.all("h1")) == 1 and len(page.all("main")) == 1
    assert all(image["alt"] for image in page.all("img"))
    assert all(head["scope"] in ("col", "row") for head in page.all("th"))
    levels = [int(tag[1]) for tag, _attributes in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    identities = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(identities) == len(set(identities))
    assert all("#" + identity in text for identity in ("curves", "network"))
    drawings = [svg for svg in page.all("svg") if "data-scale" in svg]
    assert drawings and all(svg["role"] == "img" and svg["aria-label"] for svg in drawings)


def test_unfinished_runs_say_so_and_how_to_go_on(stopped):
    folder = stopped
    text, page = read(folder)
    assert ">stopped, can be resumed</span>" in text and "2 of 3 epochs" in page.text
    assert f"axone resume {folder}" in page.text and "Stopped: Ctrl-C" in page.text
    assert "84.00\u202f%" in page.text  # the best epoch so far
    with Recorder(folder):  # somebody trains it now
        assert ">in training</span>" in read(folder)[0]


def test_commands_name_the_run_as_one_types_it(stopped, monkeypatch):
    monkeypatch.chdir(stopped.parents[1])
    named = stopped.rename(stopped.with_name("it's mine; rm -rf"))
    told = read(named)[1].text
    assert "axone resume 'cnn/it'\"'\"'s mine; rm -rf'" in told or 'axone resume "cnn\\it\'s mine; rm -rf"' in told


def test_run_without_an_epoch(tmp_path):
    text, page = read(example(tmp_path, epochs=0, finish=False))
    assert "0 of 3 epochs" in page.text and 'id="curves"' not in text and "axone predict" not in page.text


@pytest.mark.parametrize(
    "name", ["settings.toml", "facts.json", "environment.json", "graph.json", "events.jsonl", "manifest.json",
             "done.json", "figures/kernels-0002.png", "figures/graph.svg"]
)  # fmt: skip
@pytest.mark.parametrize("content", [None, b"\x00\xff{not this", b"[1, 2]", b'{"nodes": 3, "kind": 5}\n'])
def test_any_damaged_file_is_named(finished, name, content):
    folder = finished
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    text, page = read(folder)
    assert ">damaged</span>" in text and "Missing or damaged" in page.text and name in page.text


def test_empty_folder_and_no_folder(tmp_path):
    assert "damaged" in read(tmp_path)[1].text
    with pytest.raises(RunError, match="nowhere"):
        write_report(tmp_path / "nowhere")


def test_damaged_manifest_is_not_replaced_by_a_new_one(finished):
    folder = finished
    (folder / "manifest.json").write_bytes(b"gone")
    write_report(folder)
    assert (folder / "manifest.json").read_bytes() == b"gone"


def test_odd_events_are_passed_over(stopped):
    folder = stopped
    odd: list[Any] = [None, True, "x", -1, 1e308, -1e308, 1e-320, 10**400, [], [[]], {}, {"a": [None]}, "\ud800"]
    keys = ("time", "step", "epoch", "batch", "loss", "train", "validation", "notes", "name", "title",
            "file", "columns", "rows", "text", "reason", "best", "caption", "learning_rate", "seconds")  # fmt: skip
    kinds = (
        "start",
        "data",
        "step",
        "epoch",
        "figure",
        "table",
        "warning",
        "resume",
        "rollback",
        "early_stop",
        "stop",
    )
    lines = []
    for kind in kinds:
        for value in odd:
            lines += [
                {"kind": kind, **dict.fromkeys(keys, value)},
                {"kind": kind, "step": 2, "epoch": 1, "loss": value},
            ]
            lines.append(
                {"kind": kind, "epoch": 1, "step": 4, "train": {"loss": value, "": value}, "rows": [value, [value]]}
            )
    with (folder / "events.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        file.write('not json\n{"kind": "epoch", "epo')
    text, page = read(folder)
    assert "lines of events.jsonl are damaged" in page.text and ">nan<" not in text and ">inf<" not in text


def test_hostile_texts_stay_texts(tmp_path):
    text, page = read(example(tmp_path, word=HOSTILE))
    assert "onerror" in page.text  # it is shown, as text
    assert not any(name.startswith("on") for _tag, attributes in page.elements for name in attributes)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)


def browse(page: Path, home: Path) -> str:
    """Return the page's elements after its scripts ran."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=1500", "--dump-dom"]
    profile = f"--user-data-dir={home / 'profile'}"
    done = subprocess.run([*command, profile, page.as_uri()], capture_output=True, text=True, timeout=90)
    return done.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_in_a_browser_the_script_works_and_hostile_names_run_nothing(tmp_path):
    path = write_report(example(tmp_path, word=HOSTILE))
    shown = browse(path, tmp_path)
    assert "<title>hacked" not in shown and "<title>cnn" in shown
    # The page's own script ran to its end: tabs, enlarging, sorting, copying.
    assert all(
        mark in shown for mark in ('class="js"', 'role="tab"', 'class="enlarge"', '<thead><tr><th scope="col"><button')
    )
    # The same page with one name left as it was is caught: this test can fail.
    careless = path.read_text("utf-8").replace("<main", "<p>" + HOSTILE[2:40] + "='hacked'></p><main", 1)
    careless = careless.replace("<p>" + HOSTILE[2:40] + "='hacked'>", "<p><img src=x onerror=document.title='hacked'>")
    (tmp_path / "careless.html").write_text(careless, "utf-8")
    assert "<title>hacked" in browse(tmp_path / "careless.html", tmp_path)


def test_settings_that_were_changed_stand_out(finished):
    folder = finished
    text, _page = read(folder, declaration=Settings)
    marked = re.findall(r'<tr class=marked><th scope="row">(\w+)', text)
    assert {"data", "epochs", "seed"} <= set(marked) and "batch_size" not in marked
    text, page = read(folder)  # defaults unknown: all settings, none marked
    assert "batch_size" in page.text and not re.search(r'<tr class=marked><th scope="row">seed', text)


def test_time_slider_keeps_first_and_last_of_many_moments(tmp_path):
    _text, page = read(example(tmp_path, epochs=40))
    moments = [image["data-moment"] for image in page.all("img") if "data-moment" in image]
    kernels = [moment for moment in moments if moment != "final"]
    assert len(kernels) == MOST_FRAMES and kernels[0] == "epoch 1" and kernels[-1] == "epoch 40"
    slider = next(attributes for attributes in page.all("input") if attributes["type"] == "range")
    assert slider["max"] == slider["value"] == str(MOST_FRAMES - 1)


@pytest.mark.parametrize(
    ("file", "said"),
    [("../../secret.png", "outside the run"), ("figures/none.png", "it is missing"), ("figures", "it is missing"),
     ("figures/cut.png", "it is damaged"), ("figures/text.png", "it is damaged"), ("facts.json", "not a picture"),
     ("figures/bad.svg", "it is damaged"), ("a\0b.png", "cannot be read")],
)  # fmt: skip
def test_pictures_that_cannot_be_shown(stopped, file, said):
    folder = stopped
    picture().save(folder.parents[1] / "secret.png")
    (folder / "figures/cut.png").write_bytes((folder / "figures/kernels-0001.png").read_bytes()[:120])
    (folder / "figures/text.png").write_text("<html>")
    (folder / "figures/bad.svg").write_text('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>')
    with (folder / "events.jsonl").open("a") as log:
        log.write(json.dumps({"kind": "figure", "name": "odd", "title": "Odd one", "file": file}) + "\n")
    _text, page = read(folder)
    assert "Odd one" in page.text and said in page.text


def test_graph_drawing_stands_in_the_page(finished):
    text, _page = read(finished)
    assert '<g id="graph-box"><rect width="90" height="40" /><text x="5">conv_1</text></g>' in text


def with_blocks(folder: Path) -> Path:
    """Draw a network of two blocks into a run."""
    x = h = Input(8)
    for name in ("first.one", "first.two", "second.one", "second.two"):
        h = Linear(8, name=name)(h)
    (folder / "figures" / "graph.svg").write_text(Model(x, h).draw(), "utf-8")
    return folder


def test_blocks_of_the_network_reach_the_page(finished):
    text, _page = read(with_blocks(finished))
    assert text.count('<svg data-block="') == 3 and 'data-opens="second"' in text
    assert 'data-blocks="Blocks" data-nodes="Every layer"' in text
    # Without the script the blocks stay hidden and every node is seen.
    assert text.count('display="none"') == 3 and text.index("first.one") < text.index('<svg data-block="')


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_in_a_browser_the_network_is_shown_by_its_blocks(finished):
    path = write_report(with_blocks(finished))
    shown = browse(path, finished.parent)
    assert '<div class="trail"><button type="button">Every layer</button>' in shown
    assert '<button type="button" aria-current="true">Blocks</button></div>' in shown
    drawing = shown[shown.index('class="drawing"') :].partition("</div>")[0]
    assert 'data-opens="first" tabindex="0" role="button"' in drawing and "first.one" not in drawing
    # A click on a block's box opens it.
    clicking = "<script>document.querySelector('[data-opens=second]').dispatchEvent(new Event('click'))</script></body>"
    path.write_text(path.read_text("utf-8").replace("</body>", clicking), "utf-8")
    shown = browse(path, finished.parent)
    drawing = shown[shown.index('class="drawing"') :].partition("</div>")[0]
    assert ">second.one<" in drawing and ">first.one<" not in drawing
    assert '<button type="button" aria-current="true">second</button></div>' in shown


@pytest.mark.parametrize(
    "content",
    ["<script>1</script>", "<foreignObject/>", "<rect onload='1'/>", "<rect ONCLICK='1'/>", "<image href='data:,'/>",
     "<a href='#x'/>", "<use href='#x'/>", "<path marker-end='url(http://a/b)'/>", "<animate attributeName='href'/>",
     "<text style='fill:u\\72l(//a)'/>", "<g style='background:url(//a.b)'/>", "<iframe/>", "<set/>",
     "<g xmlns:x='http://www.w3.org/1999/xlink' x:href='javascript:alert(1)'/>", "<g xmlns='http://www.w3.org/1999/xhtml'/>",
     "<linearGradient href='//a.b'/>"],
)  # fmt: skip
def test_drawing_with_anything_active_is_refused(tmp_path, content):
    file = tmp_path / "graph.svg"
    file.write_text(SVG.format(content))
    assert inline_drawing(file) == ("", "it holds something other than a plain drawing")


def test_drawing_with_rules_of_its_own_is_shown_apart_and_links_stay_inside(tmp_path):
    file = tmp_path / "graph.svg"
    file.write_text(SVG.format("<style>body{display:none}</style>"))
    assert inline_drawing(file)[0].startswith('<img src="data:image/svg+xml;base64,')
    file.write_text(SVG.format("<marker id='m'/><path marker-end='url(#m)'/>"))
    assert 'marker-end="url(#graph-m)"' in inline_drawing(file)[0]
    for content in ("<svg", "<html/>", "<g>" * 3000 + "</g>" * 3000, '<!DOCTYPE svg []><svg xmlns="x"/>'):
        file.write_text(content if content.startswith("<!") or "g>" not in content else SVG.format(content))
        assert inline_drawing(file) == ("", "it is damaged")


def test_reading_runs_needs_neither_torch_nor_matplotlib(finished):
    folder = finished
    code = "import sys; from pathlib import Path; from axone.runs.report.document import write_report; "
    code += "write_report(Path(sys.argv[1])); assert not {'torch', 'matplotlib', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=60)
