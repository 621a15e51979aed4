"""The course's pages: links lead to files, generated parts are there, both languages have the same figures."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
import torch

from axone import messages
from axone.graph import LSTM, Input, Model
from axone.play.worlds.maze import Maze
from axone.play.worlds.maze_map import MAPS

DOCS = Path(__file__).parents[2] / "docs"
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


PARTS = [
    ("activations", ["steps", "separation"]),
    ("memory", ["gaps", "units"]),
    ("rewards", ["returns", "discounts", "exploration", "elo"]),
]


@pytest.mark.parametrize(("page", "parts"), PARTS)
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


@contextmanager
def open_script(name: str) -> Iterator[ModuleType]:
    """Load a script of the pages as a module."""
    folder = DOCS.parent / "scripts"
    sys.path.insert(0, str(folder))
    try:
        specification = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
        module = importlib.util.module_from_spec(specification)
        sys.modules[name] = module  # its classes are looked up there
        specification.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def memory_figures():
    """The script that writes the page on memory, as a module."""
    with open_script("memory_figures") as module:
        yield module


@pytest.fixture(scope="module")
def rewards_figures():
    """The script that writes the page on rewards, as a module."""
    with open_script("rewards_figures") as module:
        yield module


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


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_on_rewards_has_the_numbers_of_its_script(rewards_figures, language):
    words = rewards_figures.WORDS[language]
    text = rewards_figures.page_of("rewards", language).read_text("utf-8")
    messages.use(language)
    try:
        for write in (rewards_figures.write_returns, rewards_figures.write_discounts, rewards_figures.write_elo):
            assert write(words) in text
        figures = rewards_figures.draw_values(words), rewards_figures.draw_policies(words)
    finally:
        messages.use("en")
    for name, drawing in zip(("maze-values", "maze-policies"), figures):
        file = DOCS / "images" / "course" / language / f"{name}.svg"
        assert file.read_text("utf-8") == drawing + "\n"


def test_value_iteration_gives_the_utilities_of_the_book(rewards_figures):
    # Russell and Norvig, "Artificial Intelligence", figure "The utilities of the states in the 4 x 3 world", gamma 1.
    maze = Maze(MAPS["small"], slip=0.2, step_reward=-0.04)
    values = rewards_figures.iterate_values(maze, 1.0, 200).values.view(3, 4)
    expected = [[0.812, 0.868, 0.918], [0.762, None, 0.660], [0.705, 0.655, 0.611, 0.388]]
    for row, numbers in zip(values.tolist(), expected):
        assert [round(value, 3) for value, number in zip(row, numbers) if number] == [n for n in numbers if n]
