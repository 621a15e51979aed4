"""The drawing of a spectrogram with its transcription."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from axone.tasks.speech.drawings import draw_transcription


def test_the_symbols_stand_at_their_spikes():
    probabilities = np.full((10, 3), 0.01)
    probabilities[4, 1] = probabilities[8, 2] = 0.98
    drawing = draw_transcription(
        np.random.default_rng(0).random((40, 8)), probabilities, ["a", " "], [(4, "a"), (8, " ")], 0.04, "a b<"
    )
    texts = {element.text: element for element in ElementTree.fromstring(drawing).iter() if element.text}
    assert {"true: a b<", "a", "␣"} <= texts.keys()
    # The middle of step 4 of 10, in a drawing of 760 pixels that begins at 52.
    assert float(texts["a"].get("x")) == 52 + 760 * 0.45
    assert float(texts["␣"].get("x")) == 52 + 760 * 0.85


def test_silence_is_drawn():
    assert draw_transcription(np.zeros((3, 8)), np.ones((1, 2)), ["a"], [], 0.04, "").startswith("<svg")
