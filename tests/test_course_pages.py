"""The course's pages: every picture and link is there, what scripts write is written, both languages have the same."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted((DOCS / "course").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
    assert links
    missing = [link for link in links if "://" not in link and not (page.parent / link).is_file()]
    assert not missing, "type: python scripts/course_pictures.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_what_scripts_write_is_written(page):
    parts = re.findall(r"<!-- made: (\w+) -->\n(.*?)<!-- end -->", page.read_text("utf-8"), re.DOTALL)
    assert [name for name, text in parts if not text.strip()] == []


def test_both_languages_have_the_same_pages_with_the_same_pictures():
    english = {page.name: page for page in (DOCS / "course").glob("*.md")}
    french = {page.name: page for page in (DOCS / "course" / "fr").glob("*.md")}
    assert english and english.keys() == french.keys()
    for name, page in english.items():
        pictures = [
            [Path(place).name for place in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text.read_text("utf-8"))]
            for text in (page, french[name])
        ]
        assert pictures[0] == pictures[1] and pictures[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_pictures_with_words_are_in_the_pages_language(page):
    language = "fr" if page.parent.name == "fr" else "en"
    assert set(re.findall(r"/course/(en|fr)/[\w-]+\.svg", page.read_text("utf-8"))) <= {language}
