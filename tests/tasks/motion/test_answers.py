import csv
import io

import numpy as np
from PIL import Image

from axone.tasks.motion.answers import PredictedFrames, PredictedPath, PredictedTracks


def path(thing="a", steps=2):
    line = np.arange(2.0 * 3).reshape(3, 2)
    future = np.arange(2.0 * steps).reshape(steps, 2)
    return PredictedPath(thing, np.arange(1.0, steps + 1), line, future, future)


def test_frames_are_a_film_and_a_sheet():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 12, 3), np.uint8)
    answer = PredictedFrames(pixels[:2], pixels[2:], "note")
    assert answer.text() == "3 frames of 12 x 8 pixels  (note)"
    assert answer.to_json() == {"frames": 3, "width": 12, "height": 8, "channels": 3, "note": "note"}
    files = answer.files()
    assert files.keys() == {".gif", ".png"}
    with Image.open(io.BytesIO(files[".gif"])) as film:
        assert film.n_frames == 5
    assert np.array_equal(answer.preview(), pixels[2]) and "data:image/gif" in answer._repr_html_()


def test_tracks_are_a_table_in_the_columns_of_the_input():
    answer = PredictedTracks([path(), path("b")], ("car", "t", "east", "north"))
    rows = list(csv.reader(io.StringIO(answer.files()[".csv"].decode())))
    assert rows[0] == ["car", "t", "east", "north"] and rows[1] == ["a", "1", "0", "1"] and len(rows) == 5
    assert answer.to_json()["things"]["b"] == [[1.0, 0.0, 1.0], [2.0, 2.0, 3.0]]
    assert answer.text() == "2 things, after 2 steps: a (2, 3), b (2, 3)"
    assert answer.files()[".svg"].startswith(b"<svg") and "data:image/svg" in answer._repr_html_()


def test_dates_are_written_as_dates_and_missing_columns_left_out():
    one = path("")._replace(times=np.array([1709287200.0, 1709287202.5]))
    answer = PredictedTracks([one], ("", "when", "x", "y"), has_dates=True)
    rows = list(csv.reader(io.StringIO(answer.files()[".csv"].decode())))
    assert rows[0] == ["when", "x", "y"] and rows[1][0] == "2024-03-01 10:00:00"
    assert rows[2][0].startswith("2024-03-01 10:00:02.5") and "the one thing" in answer.text()


def test_no_name_becomes_a_formula_of_a_spreadsheet():
    answer = PredictedTracks([path("=1+1")], ("id", "t", "x", "y"))
    assert "'=1+1,1" in answer.files()[".csv"].decode()
