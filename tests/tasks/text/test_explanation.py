"""An explained text in every form: a line, colors of a terminal, JSON, a page."""

from __future__ import annotations

import html

from axone.tasks.text.explanation import ExplainedToken, TextExplanation, one_line


def make(document="good <b>film</b> bad", tokens=((0, 4, 1.0, 0.7), (5, 16, 0.0, 0.1), (17, 20, -0.5, 0.2))):
    return TextExplanation(document, tuple(ExplainedToken(*token) for token in tokens), "pos", 0.9, "pos", 0.001, True)


def test_the_line_names_words_for_and_against():
    assert make().text().startswith("pos 90") and "good +1" in make().text() and "bad −0.5" in make().text()


def test_the_page_escapes_the_text_and_is_whole():
    page = make().files()[".html"].decode()
    assert "<b>film</b>" not in page and html.escape("<b>film</b>") in page and page.startswith("<!doctype html>")
    assert "rgba(33,102,172,0.75)" in page and "rgba(178,24,43,0.38)" in page


def test_the_terminal_shows_the_whole_text_without_codes_of_the_text_itself():
    colored = make("go\x1b[31mod", ((0, 9, 1.0, 1.0),)).colored_text()
    assert "\x1b[31m" not in colored and "good" in colored and colored.count("\x1b[0m") == 2


def test_words_without_contribution_have_no_color():
    assert make().colored_text().count("\x1b[0m") == 2 + 3  # two contributions, three weights of attention


def test_json_has_all_words():
    words = make().to_json()["words"]
    assert [word["text"] for word in words] == ["good", "<b>film</b>", "bad"]


def test_a_space_is_visible():
    assert one_line(" ") == "␣" and one_line("a\nb") == "a b"
