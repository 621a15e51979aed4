from __future__ import annotations

import base64
import io
import json

import pytest
from PIL import Image

from axone.data.audio.decode.wav import encode_wav
from axone.figures.animation import Animation, encode_gif
from axone.runs.report.embedded_figures import MOST_FRAMES, embed_figures
from tests.helpers.data.recordings import tone
from tests.helpers.runs.report_pages import make_image, read_page


@pytest.mark.parametrize(
    ("file", "said"),
    [("../../secret.png", "outside the run"), ("figures/none.png", "missing"), ("figures", "regular file"),
     ("figures/cut.png", "it is damaged"), ("figures/text.png", "it is damaged"), ("facts.json", "not an image"),
     ("figures/bad.svg", "it is damaged"), ("a\0b.png", "outside the run")],
)  # fmt: skip
def test_a_figure_that_cannot_be_shown_is_named_with_the_reason(stopped, file, said):
    folder = stopped
    make_image().save(folder.parents[1] / "secret.png")
    (folder / "figures/cut.png").write_bytes((folder / "figures/kernels-0001.png").read_bytes()[:120])
    (folder / "figures/text.png").write_text("<html>")
    (folder / "figures/bad.svg").write_text('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>')
    with (folder / "events.jsonl").open("a") as log:
        log.write(json.dumps({"kind": "figure", "name": "odd", "title": "Odd one", "file": file}) + "\n")
    _text, page = read_page(folder)
    assert "Odd one" in page.text and said in page.text


def test_a_figure_is_the_same_image_after_compression(tmp_path):
    image = make_image(3)
    image.save(tmp_path / "a.png")
    (figure,) = embed_figures(tmp_path, [{"file": "a.png", "title": "A", "caption": "C"}])
    (frame,) = figure.frames
    assert (figure.title, figure.caption, frame.epoch, frame.width, frame.height) == ("A", "C", None, 120, 90)
    data = base64.b64decode(frame.address.partition(",")[2])
    assert Image.open(io.BytesIO(data)).convert("RGB").tobytes() == image.tobytes()
    assert len(data) <= (tmp_path / "a.png").stat().st_size


def test_frames_are_in_order_of_their_epochs_and_thinned(tmp_path):
    make_image().save(tmp_path / "a.png")
    events = [{"file": "a.png", "name": "a", "epoch": epoch} for epoch in [*range(40, 0, -1), None]]
    (figure,) = embed_figures(tmp_path, events)
    epochs = [frame.epoch for frame in figure.frames]
    assert len(epochs) == MOST_FRAMES and epochs[0] == 1 and epochs[-1] is None and epochs[:-1] == sorted(epochs[:-1])


def test_an_image_with_too_many_pixels_is_not_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr("axone.runs.report.embedded_figures.MOST_PIXELS", 100)
    make_image().save(tmp_path / "a.png")
    (figure,) = embed_figures(tmp_path, [{"file": "a.png"}])
    assert figure.frames == [] and figure.problems == ["a.png: too large"]


def test_an_animation_is_embedded_as_it_is_unless_it_is_damaged_or_too_large(tmp_path, monkeypatch):
    content = encode_gif(Animation([Image.new("RGB", (30, 20), (shade, 0, 0)) for shade in (0, 90, 250)]))
    (tmp_path / "a.gif").write_bytes(content)
    (tmp_path / "cut.gif").write_bytes(content[: len(content) // 2])
    events = [{"file": "a.gif", "name": "a"}, {"file": "cut.gif", "name": "b"}]
    good, cut = embed_figures(tmp_path, events)
    (frame,) = good.frames
    assert (frame.width, frame.height) == (30, 20)
    assert base64.b64decode(frame.address.partition("data:image/gif;base64,")[2]) == content
    assert cut.frames == [] and cut.problems == ["cut.gif: it is damaged"]
    monkeypatch.setattr("axone.runs.report.embedded_figures.MOST_ANIMATED_PIXELS", 2 * 30 * 20)
    assert embed_figures(tmp_path, events[:1])[0].problems == ["a.gif: too large"]


def test_a_sound_is_embedded_when_it_is_one(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "good.wav").write_bytes(encode_wav(tone(), 8000))
    (tmp_path / "figures" / "page.wav").write_text("<html><script>alert(1)</script>")
    events = [{"name": name, "file": f"figures/{name}.wav", "epoch": None} for name in ("good", "page")]
    good, page = embed_figures(tmp_path, events)
    assert good.frames[0].is_sound and good.frames[0].address.startswith("data:audio/wav;base64,UklGR")
    assert page.frames == [] and page.problems
