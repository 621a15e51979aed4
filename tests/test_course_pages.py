"""The course's pages: links lead to files, generated parts are there, both languages have the same figures."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
import torch

from axone.graph import LSTM, Input, Model

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted((DOCS / "course").rglob("*.md"))


def page_name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
    assert links
    missing = [link for link in links if "://" not in link and not (page.parent / link).is_file()]
    assert not missing, "type: python scripts/course_figures.py"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_the_parts_that_scripts_write_are_not_empty(page):
    parts = re.findall(r"<!-- written: (\w+) -->\n(.*?)<!-- end -->", page.read_text("utf-8"), re.DOTALL)
    assert [name for name, text in parts if not text.strip()] == []


@pytest.mark.parametrize(("page", "parts"), [("activations", ["steps", "separation"]), ("memory", ["gaps", "units"])])
@pytest.mark.parametrize("folder", [DOCS / "course", DOCS / "course" / "fr"], ids=["en", "fr"])
def test_a_page_has_its_generated_parts(folder, page, parts):
    text = (folder / f"{page}.md").read_text("utf-8")
    assert re.findall(r"<!-- written: (\w+) -->", text) == parts


def test_both_languages_have_the_same_pages_with_the_same_figures():
    english = {page.name: page for page in (DOCS / "course").glob("*.md")}
    french = {page.name: page for page in (DOCS / "course" / "fr").glob("*.md")}
    assert english and english.keys() == french.keys()
    for name, page in english.items():
        figures = [
            [Path(file).name for file in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text.read_text("utf-8"))]
            for text in (page, french[name])
        ]
        assert figures[0] == figures[1] and figures[0]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_figures_with_text_are_in_the_language_of_the_page(page):
    language = "fr" if page.parent.name == "fr" else "en"
    assert set(re.findall(r"/course/(en|fr)/[\w-]+\.svg", page.read_text("utf-8"))) <= {language}


@pytest.fixture(scope="module")
def memory_figures():
    """The script that writes the page on memory, as a module."""
    folder = DOCS.parent / "scripts"
    sys.path.insert(0, str(folder))
    try:
        specification = importlib.util.spec_from_file_location("memory_figures", folder / "memory_figures.py")
        module = importlib.util.module_from_spec(specification)
        sys.modules["memory_figures"] = module  # its dataclass is looked up there
        specification.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("memory_figures", None)


def test_the_gates_on_the_page_are_those_of_the_layer(memory_figures):
    x = Input(9, 3)
    output, (_hidden, cell) = LSTM(5, name="cell")(x)
    model = Model(x, (output, cell))
    vectors = torch.randn(1, 9, 3)
    expected, memory = model(vectors)
    gates = memory_figures.compute_gates(model.cell, vectors[0])
    torch.testing.assert_close(gates["read"] * gates["memory"].tanh(), expected[0])
    torch.testing.assert_close(gates["memory"][-1], memory[0, 0])


def test_properties_of_a_source_text(memory_figures):
    properties = memory_figures.describe_text("a = 'b#' # c'\nd")
    assert properties["string"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert properties["comment"].tolist() == [0] * 9 + [1] * 4 + [0] * 2
    assert properties["line"].tolist() == [*range(1, 14), 0, 1]


def test_the_task_asks_for_the_first_symbol(memory_figures):
    symbols, target = memory_figures.draw_examples(20, 4, torch.Generator().manual_seed(0))
    assert symbols.shape == (20, 6) and symbols[:, 0].equal(target)
    assert symbols[:, 1:-1].min() >= 8 and symbols[:, 1:-1].max() < 16 and symbols[:, -1].eq(16).all()
