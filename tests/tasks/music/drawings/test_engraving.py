"""Scores drawn as SVG."""

from __future__ import annotations

import sys

from axone.tasks.music.drawings.engraving import draw_score, engrave
from tests.helpers.data.music import small_piece


def test_a_score_has_colored_notes_and_its_title(monkeypatch):
    piece = small_piece(8)
    svg = draw_score(piece, 1, "<Title>", {(0, piece.frames[0][0]): 6.0}, bars=1)
    assert svg.startswith("<?xml") or svg.startswith("<svg")
    assert "d61e2d" in svg
    assert "&lt;Title&gt;" in svg
    assert engrave("no music") == ""
    monkeypatch.setitem(sys.modules, "verovio", None)
    assert draw_score(piece, 1) == ""
