from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from axone.numbers import format_percent
from axone.tasks.answers import Answer, GeneratedImage, GeneratedRow, Prediction, to_uint8, with_note
from tests.figures.test_html import Reader

IMAGE = GeneratedImage(np.arange(24, dtype=np.uint8).reshape(4, 6, 1), "shoe")
ROW = GeneratedRow({"age": 30.25, "town": "north", "fare": None})
PREDICTION = Prediction("b", 0.7, {"b": 0.7, "a": 0.2, "c": 0.1})


@pytest.mark.parametrize("answer", [IMAGE, ROW, PREDICTION], ids=["image", "row", "prediction"])
def test_every_answer_has_one_line_of_text_and_plain_json(answer: Answer) -> None:
    assert answer.text() and "\n" not in answer.text()
    assert json.loads(json.dumps(answer.to_json()))


def test_a_prediction_lists_the_requested_number_of_classes_or_the_likeliest() -> None:
    assert PREDICTION.text() == f"b {format_percent(0.7, 1)}"
    assert PREDICTION.with_top(2).text() == f"b {format_percent(0.7, 1)}, a {format_percent(0.2, 1)}"
    assert PREDICTION.with_top(2).to_json() == {"label": "b", "probability": 0.7, "top": [("b", 0.7), ("a", 0.2)]}
    assert PREDICTION.with_top(2) == PREDICTION


def test_a_note_is_part_of_the_text_and_a_key_of_the_json() -> None:
    noted = Prediction("b", 0.7, {"b": 0.7}, "sum +0.85")
    assert noted.text() == f"b {format_percent(0.7, 1)}  (sum +0.85)" and noted.to_json()["note"] == "sum +0.85"
    assert "note" not in PREDICTION.to_json() and with_note("text", "") == "text"


def test_a_prediction_has_no_files_and_no_preview() -> None:
    assert PREDICTION.output == "text" and PREDICTION.files() == {} and PREDICTION.preview() is None


def test_an_image_is_written_as_png() -> None:
    assert IMAGE.output == "files" and list(IMAGE.files()) == [".png"]
    np.testing.assert_array_equal(Image.open(io.BytesIO(IMAGE.files()[".png"])), IMAGE.pixels[..., 0])
    np.testing.assert_array_equal(IMAGE.preview(), IMAGE.pixels)
    assert IMAGE.text() == "shoe, 6 x 4 pixels"
    assert IMAGE.to_json() == {"label": "shoe", "width": 6, "height": 4, "channels": 1}


def test_a_row_is_written_as_json_and_leaves_missing_values_out_of_its_text() -> None:
    assert ROW.text() == "age 30.25, town north" and ROW.to_json() == {"values": ROW.values}
    assert ROW.files() == {".json": b'{\n "age": 30.25,\n "town": "north",\n "fare": null\n}\n'}


def test_pixels_become_bytes_with_channels_last_and_are_clamped() -> None:
    pixels = torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0, 0.999]).reshape(1, 1, 2, 3)
    assert to_uint8(pixels).shape == (1, 2, 3, 1)
    assert to_uint8(pixels).flatten().tolist() == [0, 0, 128, 255, 255, 255]


def test_a_notebook_shows_answers() -> None:
    pixels = np.zeros((4, 4, 1), np.uint8)
    prediction = Prediction("<b>", 0.75, {"<b>": 0.75, "c": 0.25}, "a note")
    for answer, parts in (
        (prediction, ("&lt;b&gt;", "width:75.0%", "a note")),
        (replace(prediction, pixels=pixels), ("data:image/png", "width:25.0%")),
        (GeneratedImage(pixels, "<b>"), ("data:image/png", "&lt;b&gt;, 4 x 4 pixels")),
        (GeneratedRow({"age": 3.5}), ("age 3.5",)),
    ):
        html = answer._repr_html_()
        Reader(html)
        assert all(part in html for part in parts), html
