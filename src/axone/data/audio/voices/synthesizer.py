"""Find a synthesizer on this machine."""

from __future__ import annotations

from axone.data.audio.voices.library import load_library
from axone.data.audio.voices.program import find_program
from axone.data.audio.voices.voice import Synthesizer


def find_synthesizer() -> Synthesizer | None:
    """Return a synthesizer: the library of `espeakng-loader` or of the system, or the program espeak-ng; else None."""
    return load_library() or find_program()
