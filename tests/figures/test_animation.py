import io

from PIL import Image, ImageSequence

from axone.figures.animation import Animation, encode_gif


def test_frames_are_read_again_in_order_with_their_duration():
    colors = [(255, 0, 0), (0, 200, 0), (0, 0, 250)]
    content = encode_gif(Animation([Image.new("RGB", (8, 6), color) for color in colors], 80))
    with Image.open(io.BytesIO(content)) as image:
        frames = [frame.convert("RGB").getpixel((3, 3)) for frame in ImageSequence.Iterator(image)]
        assert image.size == (8, 6) and image.info["duration"] == 80 and image.info["loop"] == 0
    assert all(max(abs(a - b) for a, b in zip(one, two)) < 8 for one, two in zip(frames, colors, strict=True))


def test_gray_frames_and_a_single_one():
    content = encode_gif(Animation([Image.new("L", (4, 4), 128)]))
    with Image.open(io.BytesIO(content)) as image:
        assert abs(image.convert("RGB").getpixel((0, 0))[0] - 128) < 4
