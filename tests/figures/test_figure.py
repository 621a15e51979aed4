from __future__ import annotations

import io

from PIL import Image

from axone.figures.figure import encode_png


def test_an_image_is_encoded_without_loss():
    image = Image.effect_noise((9, 7), 80).convert("RGB")
    read = Image.open(io.BytesIO(encode_png(image)))
    assert read.format == "PNG" and read.tobytes() == image.tobytes()
