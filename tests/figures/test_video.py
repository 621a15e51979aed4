"""Animations as MP4 files."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from axone.errors import ResourceError
from axone.figures.animation import Animation
from axone.figures.video import encode_mp4


def test_frames_are_decoded_again_with_their_times():
    import av

    frames = [Image.new("RGB", (65, 48), color) for color in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    with av.open(io.BytesIO(encode_mp4(Animation(frames, 250)))) as container:
        decoded = list(container.decode(video=0))
        assert [round(float(frame.time) * 1000) for frame in decoded] == [0, 250, 500]
        pixels = [frame.to_ndarray(format="rgb24") for frame in decoded]
    assert pixels[0].shape == (48, 64, 3)
    assert [int(np.argmax(image.mean((0, 1)))) for image in pixels] == [0, 1, 2]


def test_without_pyav_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ResourceError, match="PyAV") as error:
        encode_mp4(Animation([Image.new("RGB", (8, 8))]))
    assert "axone[video]" in str(error.value)
