import io

from PIL import Image, ImageSequence

from axone.figures.animation import Animation, encode_gif


def test_frames_are_read_again_in_order_with_their_duration():
    colors = [(255, 0, 0), (0, 200, 0), (0, 0, 250)]
    content = encode_gif(Animation([Image.new("RGB", (8, 6), color) for color in colors], 80))
    with Image.open(io.BytesIO(content)) as image:
        frames = [frame.convert("RGB").getpixel((3, 3)) for frame in ImageSequence.Iterator(image)]
        assert image.size == (8, 6) and image.info["duration"] == 80 and image.info["loop"] == 0
    assert frames == colors  # few colors stay as they are


def test_gray_frames_and_a_single_one():
    content = encode_gif(Animation([Image.new("L", (4, 4), 128)]))
    with Image.open(io.BytesIO(content)) as image:
        assert image.convert("RGB").getpixel((0, 0)) == (128, 128, 128)


def test_a_white_background_stays_white_next_to_many_colors():
    photograph = Image.linear_gradient("L").resize((60, 60))
    frame = Image.new("RGB", (200, 80), "white")
    frame.paste(Image.merge("RGB", [photograph, photograph.rotate(90), photograph.rotate(180)]), (10, 10))
    assert frame.getcolors(256) is None
    with Image.open(io.BytesIO(encode_gif(Animation([frame])))) as image:
        again = image.convert("RGB")
    assert again.getpixel((150, 40)) == (255, 255, 255)
    differences = [abs(a - b) for a, b in zip(frame.tobytes(), again.tobytes(), strict=True)]
    assert max(differences) < 40
