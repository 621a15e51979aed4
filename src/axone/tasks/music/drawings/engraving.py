"""A score drawn as SVG, engraved by the library verovio (extra `music`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from axone.data.notes.formats.write_musicxml import encode_musicxml
from axone.data.notes.score import Piece
from axone.data.notes.voices import to_voices
from axone.tasks.music.drawings.piano_roll import color_surprise

WIDTH = 2100  # verovio's units, tenths of a millimeter at a scale of 100
MOST_STEPS = 4000
SURPRISING = 1.0  # nats from which on a note has a color


def draw_score(
    piece: Piece, grid: int, title: str = "", surprises: Mapping[tuple[int, int], float] | None = None, bars: int = 0
) -> str:
    """Return a score as SVG, or an empty text where verovio is not installed.

    Args:
        piece: The piece.
        grid: Steps in a quarter.
        title: The title above it.
        surprises: (step, pitch) -> nats, which colors surprising notes red.
        bars: Draw the first bars only; 0: all.
    """
    steps = min(len(piece), bars * piece.bar or MOST_STEPS, MOST_STEPS)
    piece = replace(piece, frames=piece.frames[:steps], positions=piece.positions[:steps])
    colors = {
        place: "#{:02x}{:02x}{:02x}".format(*color_surprise(nats))
        for place, nats in (surprises or {}).items()
        if nats >= SURPRISING
    }
    return engrave(encode_musicxml(to_voices(piece), piece, grid, 90.0, title, colors))


def engrave(document: str) -> str:
    """Return a MusicXML document as SVG of one page; an empty text where verovio is not installed."""
    try:
        import verovio
    except ImportError:
        return ""
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions({
        "pageWidth": WIDTH, "pageHeight": 60_000, "adjustPageHeight": True, "scale": 45, "footer": "none",
        "xmlIdSeed": 1,
        "svgViewBox": False, "pageMarginLeft": 40, "pageMarginRight": 40, "pageMarginTop": 40, "pageMarginBottom": 40,
    })  # fmt: skip
    if not toolkit.loadData(document):
        return ""
    return str(toolkit.renderToSVG(1))
