"""Sounds as results of a check."""

from __future__ import annotations

import numpy as np

from axone.data.audio.decode.wav import encode_wav
from axone.figures.sound import Sound
from tests.helpers.data.recordings import tone


def test_a_sound_has_a_player_in_a_notebook():
    page = Sound("mistake-1", "<7>, not 9", encode_wav(tone().astype(np.float32), 8000), "a.wav")._repr_html_()
    assert 'src="data:audio/wav;base64,UklGR' in page
    assert "&lt;7&gt;" in page and "<7>" not in page
