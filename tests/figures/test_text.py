from __future__ import annotations

from axone.figures.text import clean_text, escape


def test_terminal_codes_control_characters_and_reordering_marks_are_removed():
    assert clean_text("\x1b[31mred\x1b[0m \x1b]0;title\x07end") == "red end"
    assert clean_text("a\0b\u202ec\ud800") == "a\ufffdb\ufffdc\ufffd" and clean_text("a\n\tb") == "a\n\tb"


def test_long_texts_are_shortened():
    assert clean_text("x" * 100, 10) == "x" * 9 + "…" and clean_text(12345, 10) == "12345"


def test_html_is_escaped_for_text_and_attributes():
    assert escape("<b a=\"1\" b='2'>&") == "&lt;b a=&quot;1&quot; b=&#x27;2&#x27;&gt;&amp;"
