"""Write MusicXML, which notation programs open: voices on two staves, with bars, ties and a key signature.

Source: W3C Music Notation Community Group, "MusicXML 4.0".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from axone.data.notes.keys import find_key, spell
from axone.data.notes.score import Piece
from axone.data.notes.voices import Event, Voice, choose_meter

_TYPES = {1: "whole", 2: "half", 4: "quarter", 8: "eighth", 16: "16th", 32: "32nd", 64: "64th"}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="4.0"><work><work-title>{title}</work-title></work>
<part-list><score-part id="P1"><part-name></part-name></score-part></part-list><part id="P1">
"""


def encode_musicxml(
    voices: Sequence[Voice],
    piece: Piece,
    grid: int,
    tempo: float,
    title: str = "",
    colors: Mapping[tuple[int, int], str] | None = None,
) -> str:
    """Return voices as a MusicXML document.

    Args:
        voices: From high to low; the upper half is on the upper staff.
        piece: The piece, whose positions say where bars begin.
        grid: Steps in a quarter.
        tempo: Quarters in a minute.
        title: The title.
        colors: The color of the note of a pitch that starts at a step, such as "#b2182b"; black where there is none.
    """
    key = find_key(pitch for frame in piece.frames for pitch in frame)
    bars = find_bars(piece)
    parts = [_HEAD.format(title=escape(title))]
    for number, (start, end) in enumerate(bars):
        is_upbeat = number == 0 and end - start < piece.bar and len(bars) > 1
        parts.append(f'<measure number="{number + (bars[0][1] - bars[0][0] == piece.bar)}"')
        parts.append(' implicit="yes">' if is_upbeat else ">")
        if number == 0:
            beats, unit = choose_meter(piece.bar, grid)
            parts.append(
                f"<attributes><divisions>{grid}</divisions><key><fifths>{key}</fifths></key><time><beats>{beats}</beats>"
                f'<beat-type>{unit}</beat-type></time><staves>2</staves><clef number="1"><sign>G</sign><line>2</line>'
                f'</clef><clef number="2"><sign>F</sign><line>4</line></clef></attributes>'
                f'<direction><sound tempo="{tempo:g}"/></direction>'
            )
        for place, voice in enumerate(voices):
            if place:
                parts.append(f"<backup><duration>{end - start}</duration></backup>")
            staff = 1 if place < (len(voices) + 1) // 2 else 2
            stem = ("up" if place % 2 == 0 else "down") if len(voices) > 2 else ""
            for event in voice:
                if event.start < end and event.start + event.length > start:
                    parts += _write_event(event, start, end, grid, key, place + 1, staff, stem, colors or {})
        parts.append("</measure>\n")
    return "".join(parts) + "</part></score-partwise>\n"


def find_bars(piece: Piece) -> list[tuple[int, int]]:
    """Return the first step of each bar and the step after its last."""
    starts = [step for step, position in enumerate(piece.positions) if position == 0 or step == 0]
    return list(zip(starts, [*starts[1:], len(piece)], strict=True))


def split_length(steps: int, grid: int) -> list[tuple[int, str, bool]]:
    """Return a length as notes that can be written, longest first: steps, type and whether it has a dot.

    A length that no such notes have, as in a grid of thirds, is one note without a type.
    """
    parts: list[tuple[int, str, bool]] = []
    left = steps
    for unit, name in _TYPES.items():
        if 4 * grid % unit:
            continue
        plain = 4 * grid // unit
        while left >= plain:
            dotted = left >= plain * 3 // 2 and plain % 2 == 0 and left < 2 * plain
            length = plain * 3 // 2 if dotted else plain
            parts.append((length, name, dotted))
            left -= length
    return parts if left == 0 else [(steps, "", False)]


def _write_event(
    event: Event, start: int, end: int, grid: int, key: int, voice: int, staff: int, stem: str,
    colors: Mapping[tuple[int, int], str],
) -> list[str]:  # fmt: skip
    """Return the notes of an event within a bar, tied where they go on."""
    first, last = max(event.start, start), min(event.start + event.length, end)
    position, parts = first, []
    for steps, kind, dotted in split_length(last - first, grid):
        continues = position > event.start
        goes_on = position + steps < event.start + event.length
        form = f"<type>{kind}</type>" if kind else ""
        form += "<dot/>" if dotted else ""
        for number, pitch in enumerate(event.pitches or (None,)):
            color = colors.get((event.start, pitch)) if pitch is not None else None
            parts.append(f'<note color="{color}">' if color else "<note>")
            parts.append("<chord/>" if number else "")
            if pitch is None:
                parts.append("<rest/>")
            else:
                letter, alter, octave = spell(pitch, key)
                changed = f"<alter>{alter}</alter>" if alter else ""
                parts.append(f"<pitch><step>{letter}</step>{changed}<octave>{octave}</octave></pitch>")
            parts.append(f"<duration>{steps}</duration>")
            ties = [name for name, tied in (("stop", continues), ("start", goes_on)) if tied and pitch is not None]
            parts += [f'<tie type="{name}"/>' for name in ties]
            parts.append(f"<voice>{voice}</voice>{form}")
            parts.append(f"<stem>{stem}</stem>" if stem and pitch is not None else "")
            parts.append(f"<staff>{staff}</staff>")
            if ties:
                parts.append("<notations>" + "".join(f'<tied type="{name}"/>' for name in ties) + "</notations>")
            parts.append("</note>")
        position += steps
    return parts
