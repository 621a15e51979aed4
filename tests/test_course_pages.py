"""The course's pages: links lead to files, generated parts are there, both languages have the same figures."""

import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("folder", [DOCS / "course", DOCS / "course" / "fr"], ids=["en", "fr"])
def test_the_page_on_activations_has_its_generated_parts(folder):
    text = (folder / "activations.md").read_text("utf-8")
    assert re.findall(r"<!-- written: (\w+) -->", text) == ["steps", "separation"]


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
