"""`axone explain` and `run.explain`: figures in the run, missing data, and usage errors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from axone import cli
from axone.errors import UsageError
from axone.runs.storage.verification import verify
from axone.use import load
from tests.helpers.runs.trainings import quick, shapes


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    return quick(data, tmp_path_factory.mktemp("runs"), epochs=4)


@pytest.fixture
def run(trained, tmp_path):
    return Path(shutil.copytree(trained.path, tmp_path / "run"))


def explain(capsys, *words, code=0):
    exit_code = cli.main(["explain", *map(str, words)])
    printed = capsys.readouterr()
    assert exit_code == code, printed.err
    assert "Traceback" not in printed.err + printed.out
    return printed


def test_figures_are_written_into_the_run_and_its_manifest(run, data, capsys):
    image = data / "cross" / "03.png"
    printed = explain(capsys, run, image)
    paths = [run / "explanations" / f"03-{name}.png" for name in ("pixels", "maps", "nearest")]
    assert str(image) in printed.out and all(str(path) in printed.out for path in paths)
    assert Image.open(paths[0]).width > 800 and verify(run) == []
    explain(capsys, run, image)  # again: replaced
    assert len(list((run / "explanations").iterdir())) == 3 and verify(run) == []


def test_the_object_has_the_whole_explanation(run, data, capsys, tmp_path):
    images = [data / "cross" / "03.png", data / "bar" / "03.png"]
    printed = explain(capsys, run, *images, "--class", "cross", "--layer", "conv2d_1", "--nearest", "3",
                   "--out", tmp_path / "out", "--json")  # fmt: skip
    answer = json.loads(printed.out.splitlines()[-1])
    assert answer["run"] == str(run)
    for one, image, stem in zip(answer["explanations"], images, ("03", "03-2"), strict=True):
        assert one["input"] == str(image) and one["class"] == "cross" and one["layer"] == "conv2d_1"
        assert 0 <= one["probability"] <= 1 and one["predicted"] in ("bar", "cross", "square")
        assert one["figures"]["pixels"] == str(tmp_path / "out" / f"{stem}-pixels.png")
        assert all(Path(path).is_file() for path in one["figures"].values())
        assert len(one["nearest"]) == 3 and one["nearest"][0]["similarity"] <= 1 + 1e-5
    assert not (run / "explanations").exists()


def test_the_nearest_of_a_training_image_is_itself(trained, data):
    run = load(trained.path)
    pixels = {path: np.asarray(Image.open(path)) for path in data.rglob("*.png")}
    neighbors = [run.explain(path, nearest=1).nearest[0] for path in sorted(pixels)[::9]]
    exact = [one for one, path in zip(neighbors, sorted(pixels)[::9]) if (one.pixels[..., 0] == pixels[path]).all()]
    # About seven in ten are training images; the others were held out.
    assert len(exact) >= 0.5 * len(neighbors) and all(one.similarity > 0.999 for one in exact)


def test_without_the_data_the_nearest_images_are_left_out_with_a_note(trained, data, tmp_path, capsys):
    place = Path(shutil.copytree(trained.path, tmp_path / "run"))
    image = Path(shutil.copy(data / "cross" / "03.png", tmp_path))
    hidden = data.rename(data.with_name("hidden"))
    try:
        printed = explain(capsys, place, image, "--json")
    finally:
        hidden.rename(data)
    (one,) = json.loads(printed.out.splitlines()[-1])["explanations"]
    assert one["nearest"] == [] and set(one["figures"]) == {"pixels", "maps"}
    assert "No nearest training images" in printed.err and any("no folder" in note for note in one["notes"])


def test_other_data_than_it_was_trained_on_are_not_shown(trained, data, tmp_path, capsys):
    place = Path(shutil.copytree(trained.path, tmp_path / "run"))
    changed = data / "bar" / "00.png"
    content = changed.read_bytes()
    Image.new("L", (12, 12), 77).save(changed)
    try:
        printed = explain(capsys, place, data / "cross" / "03.png")
    finally:
        changed.write_bytes(content)
    assert "the data are not those on which this run was trained" in printed.err


def test_unreadable_images_are_reported_and_the_others_explained(run, data, tmp_path, capsys):
    (tmp_path / "text.png").write_text("no image")
    printed = explain(capsys, run, tmp_path / "text.png", data / "bar" / "01.png", "none.png", "--json", code=3)
    rows = json.loads(printed.out.splitlines()[-1])["explanations"]
    assert ["error" in row for row in rows] == [True, False, True]
    assert "text.png" in printed.err and "none.png" in printed.err and "2 inputs could not be used." in printed.err


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--layer", "conv2_1"], ["no layer 'conv2_1'", "Did you mean 'conv2d_1'"]),
        (["--class", "cros"], ["no class 'cros'", "Did you mean 'cross'", "bar, cross, square"]),
        (["--nearest", "many"], ["--nearest cannot be 'many'", "0 to 64"]),
        (["--nearest", "1000"], ["--nearest cannot be '1000'"]),
        (["--lyer", "conv2d_1"], ["no flag --lyer", "Did you mean '--layer'"]),
    ],
)
def test_usage_errors_are_explained(run, data, capsys, words, parts):
    printed = explain(capsys, run, data / "bar" / "01.png", *words, code=2)
    assert all(part in printed.err for part in parts), printed.err
    assert not (run / "explanations").exists()


def test_wrong_usage_is_an_error(run, data, capsys, tmp_path):
    assert "usage: axone explain RUN INPUT..." in explain(capsys, run, code=2).err
    assert "no run" in explain(capsys, tmp_path / "none", data / "bar" / "01.png", code=4).err


def test_a_run_of_another_task_cannot_be_explained(trained):
    other = load(trained.path)
    other.facts = {"task": "text"}
    with pytest.raises(UsageError, match="does not explain its answers"):
        other.explain(np.zeros((12, 12), np.uint8))
