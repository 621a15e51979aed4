"""The denoiser: its networks, that it cleans, that it resumes exactly, and what people do with it."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

import axone
from axone.cli import main
from axone.data.images.load import load_images
from axone.data.images.noise import Noise
from axone.data.images.patches import to_unit_range
from axone.data.random import make_generator
from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import Stopped
from axone.figures.figure import Figure, Table
from axone.settings import resolve
from axone.systems import denoiser
from axone.tasks.restoration.noise_scaled import estimate_noise_level
from axone.tasks.restoration.predict import RestoredPicture, restore
from axone.tasks.restoration.tiling import tiled
from tests.helpers.images import noise
from tests.helpers.stop_at import StopAt

TINY = {
    "limit": 1200, "epochs": 3, "batch_size": 50, "channels": (8, 16), "blocks": 1, "threads": 1,
    "noise_level": (0.2, 0.4),
}  # fmt: skip
ALL = ("gaussian", "salt-pepper", "speckle", "blur", "mask")


def build(**given):
    settings = resolve(denoiser.Settings, {**TINY, **given})
    torch.manual_seed(settings.seed)
    return settings, denoiser.build(settings, BuildContext())


@pytest.fixture(scope="module")
def trained():
    """A tiny residual network, trained, with what its training showed."""
    settings, experiment = build()
    recorder = MemoryRecorder()
    fit(experiment, settings, recorder)
    return settings, experiment, recorder


def test_the_courses_network_has_the_parameters_of_keras():
    network = axone.network("denoiser", preset="course", input=(1, 28, 28))
    graph = network.network
    assert [node.parameters for node in graph.nodes if node.parameters] == [320, 9_248, 9_248, 9_248, 289]
    assert min(node.shape[1] for node in graph.nodes) == 7 and graph.output_shapes == ((1, 28, 28),)


def test_the_residual_network_begins_by_leaving_pictures_as_they_are():
    network = axone.network("denoiser", input=(3, 30, 41))
    pictures = torch.rand(2, 3, 30, 41)
    assert torch.equal(network(pictures), pictures)


@pytest.mark.parametrize("preset", ["default", "course"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (28, 28), (33, 50)])
def test_pictures_of_any_size_pass(preset, size):
    network = axone.network("denoiser", preset=preset, input=(1, 28, 28))
    assert network(torch.rand(2, 1, *size)).shape == (2, 1, *size)


def test_it_cleans_better_than_a_median_filter(trained):
    _settings, _experiment, recorder = trained
    (table,) = (exhibit for exhibit, _epoch in recorder.figures if isinstance(exhibit, Table))
    assert [row[:2] for row in table.rows] == [["gaussian", level] for level in (0.2, 0.3, 0.4)]
    for _kind, _level, noisy, median, cleaned, *similarity in table.rows:
        assert cleaned > max(noisy, median) and similarity[2] > similarity[0]


def test_pictures_are_shown_at_each_check_in_threes(trained):
    settings, _experiment, recorder = trained
    shown = [epoch for exhibit, epoch in recorder.figures if isinstance(exhibit, Figure)]
    assert shown == [*range(1, settings.epochs + 1), None]


def test_bfloat16_costs_next_to_nothing(trained):
    _settings, experiment, _recorder = trained
    clean = to_unit_range(load_images().test.pixels[:100])
    noisy = Noise(("gaussian",), 0.25, 0.25)(clean, make_generator("test")).pixels
    network = experiment.learner.network.eval()
    with torch.inference_mode():
        exact = network(noisy)
        with torch.autocast("cpu", torch.bfloat16):
            rough = network(noisy)
    assert abs((denoiser.psnr(exact, clean) - denoiser.psnr(rough, clean)).mean()) < 0.02


def test_tiles_show_no_seam(trained):
    _settings, experiment, _recorder = trained
    network = experiment.learner.network.eval()
    generator = make_generator("picture")
    picture = (0.5 + 0.1 * torch.randn(1, 301, 270, generator=generator)).clamp(0, 1)
    with torch.inference_mode():
        whole, level = network(picture[None])[0], estimate_noise_level(picture[None])
        found = tiled(lambda tile: network(tile[None], level)[0], picture, tile=96, overlap=64)
    assert torch.allclose(found, whole, atol=1e-5)


def test_all_tiles_of_a_picture_are_told_the_level_of_the_whole(trained):
    """Half of it is flat, half is noisy: tiles with levels of their own would differ where they overlap."""
    _settings, experiment, _recorder = trained
    network = experiment.learner.network.eval()
    picture = torch.full((1, 300, 500), 0.5)
    picture[:, :, 250:] += 0.1 * torch.randn(1, 300, 250, generator=make_generator("picture"))
    with torch.inference_mode():
        whole = network(picture[None])[0].clamp(0, 1)
    found = restore(network, 1, RestoredPicture(picture.movedim(0, 2).numpy()))
    assert torch.allclose(torch.from_numpy(found.values).movedim(2, 0), whole, atol=1e-5)


def test_eight_views_of_a_picture_do_not_care_how_it_lies(trained):
    _settings, experiment, _recorder = trained
    network = experiment.learner.network.eval()
    noisy = (
        Noise(("gaussian",), 0.2, 0.2)(torch.full((1, 1, 24, 32), 0.5), make_generator("views")).pixels[0, 0].numpy()
    )

    def cleaned(pixels, views):
        return restore(network, 1, RestoredPicture(np.ascontiguousarray(pixels[..., None])), views).values[..., 0]

    for views, alike in ((1, False), (8, True)):
        assert np.allclose(cleaned(noisy[::-1], views)[::-1], cleaned(noisy, views), atol=1e-5) is alike
        assert np.allclose(cleaned(noisy.T, views).T, cleaned(noisy, views), atol=1e-5) is alike


def test_all_kinds_of_noise_are_learned_and_told_apart_in_the_table():
    settings, experiment = build(noise=ALL, noise_level=(0.1, 0.3), limit=200, epochs=1)
    recorder = MemoryRecorder()
    fit(experiment, settings, recorder)
    (table,) = (exhibit for exhibit, _epoch in recorder.figures if isinstance(exhibit, Table))
    assert [row[0] for row in table.rows[::3]] == list(ALL) and len(table.rows) == 15


@pytest.mark.parametrize("steps", [3, 11])
def test_stopped_and_resumed_is_the_same_to_the_bit(trained, steps):
    settings, _experiment, whole = trained
    parts = MemoryRecorder()
    with pytest.raises(Stopped):
        fit(build()[1], settings, parts, stop=StopAt(steps))
    fit(build()[1], settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, found = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], found[name]) for name in expected)


def photographs(folder, count=9, sizes=((70, 90), (45, 40), (10, 12))):
    """Pictures of several sizes: slopes of color, which are easily told from noise."""
    folder.mkdir(parents=True)
    for number in range(count):
        height, width = sizes[number % len(sizes)]
        down, right = np.linspace(0, 200, height)[:, None, None], np.linspace(0, 55, width)[None, :, None]
        Image.fromarray((down + right * [1, 0.5, 0.2]).astype(np.uint8)).save(folder / f"{number}.png")
    return folder


def spoilt(clean, folder):
    folder.mkdir()
    for path in clean.iterdir():
        pixels = np.asarray(Image.open(path)).astype(float)
        pixels += np.random.default_rng(int(path.stem)).normal(0, 40, pixels.shape)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / path.name)
    return folder


@pytest.mark.parametrize("paired", [False, True])
def test_own_pictures_from_training_to_cleaned_files(tmp_path, capsys, paired):
    clean = photographs(tmp_path / "clean")
    noisy = spoilt(clean, tmp_path / "noisy")
    given = {"noisy": str(noisy)} if paired else {"noise_level": (0.1, 0.2)}
    run = axone.train(
        "denoiser", data=str(clean), runs_folder=tmp_path / "runs", image_size=32, pieces=600, epochs=4, batch_size=20,
        channels=(8, 16), blocks=1, threads=1, **given,
    )  # fmt: skip
    assert run.results["validation"]["psnr"] > 22
    assert main(["predict", str(run.path), str(noisy / "0.png"), "--out", str(tmp_path / "cleaned.png")]) == 0
    assert main(["predict", str(run.path), str(noisy), "--out", str(tmp_path / "out"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out.strip().splitlines()[-1])["predictions"]
    assert len(rows) == 9 and len(list((tmp_path / "out").iterdir())) == 9
    errors = [
        np.square(np.asarray(Image.open(path)).astype(float) - np.asarray(Image.open(clean / "0.png"))).mean()
        for path in (tmp_path / "cleaned.png", noisy / "0.png")
    ]
    assert errors[0] < errors[1] / 4
    assert set(run.evaluate()) == {"validation", "test"}


def test_what_cannot_be_cleaned_is_said_and_the_rest_is_cleaned(tmp_path, trained):
    settings, experiment, _recorder = trained
    (tmp_path / "words.png").write_text("no picture")
    found = denoiser.predict(
        experiment.learner.network, settings, experiment.facts, [tmp_path / "words.png", noise(5, 4)]
    )
    assert found[0].exit_code == 3 and found[1].pixels.shape == (5, 4, 3)
