import numpy as np

from axone.tasks.motion.drawings.films import color_error, draw_film, draw_strip, to_bytes


def frames(count, value=0.5, channels=1):
    return np.full((count, 16, 16, channels), value, np.float32)


def test_a_film_has_observed_and_predicted_frames_and_a_pause():
    film = draw_film(frames(3), frames(4), frames(4))
    assert len(film.frames) == 3 + 4 + 4 and len({frame.size for frame in film.frames}) == 1
    alone = draw_film(frames(3), None, frames(4, channels=1))
    assert alone.frames[0].width < film.frames[0].width / 2


def test_errors_are_red_where_too_bright_and_blue_where_too_dark():
    red, _green, blue = color_error(frames(1, 0.0)[0], frames(1, 0.9)[0])[0, 0].tolist()
    assert red > 90 and blue < red
    red, _green, blue = color_error(frames(1, 0.9, 3)[0], frames(1, 0.0, 3)[0])[0, 0].tolist()
    assert blue > red and (color_error(frames(1)[0], frames(1)[0]) > 240).all()
    assert to_bytes(frames(1, 2.0)[0]).max() == 255


def test_a_strip_has_three_rows_for_each_clip():
    one = draw_strip([frames(4)], [frames(4)], [1, 4])
    two = draw_strip([frames(4), frames(4)], [frames(4), frames(4)], [1, 4])
    assert two.height > 1.8 * one.height - 30 and two.width == one.width
