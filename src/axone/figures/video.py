"""Animations as MP4 files, by PyAV (the extra `video`)."""

from __future__ import annotations

import io

import numpy as np

from axone.errors import ResourceError
from axone.figures.animation import Animation
from axone.messages import _


def encode_mp4(animation: Animation) -> bytes:
    """Return an animation as the content of an MP4 file (H.264), with even sides.

    Raises ResourceError when PyAV is not installed.
    """
    try:
        import av
    except ImportError:
        raise ResourceError(
            _("MP4 files need PyAV, which is not installed."), hint=_("type: pip install 'axone[video]'")
        ) from None
    first = animation.frames[0]
    width, height = first.width // 2 * 2, first.height // 2 * 2  # the colors have half the resolution
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=1000)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        for number, frame in enumerate(animation.frames):
            image = av.VideoFrame.from_ndarray(np.asarray(frame.convert("RGB").crop((0, 0, width, height))), "rgb24")
            image.pts = number * animation.milliseconds
            container.mux(video.encode(image))
        container.mux(video.encode())
    return stream.getvalue()
