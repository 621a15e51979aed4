"""The denoiser: its networks, its loss, that it removes noise and resumes exactly, and the commands of a run."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

import axone
from axone.cli import main
from axone.data.images.load import load_images
from axone.data.images.restoration.noise import Noise
from axone.data.images.restoration.patches import NoisyBatch, to_unit_range
from axone.data.random import make_generator
from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import Stopped
from axone.figures.figure import Figure, Table
from axone.settings import resolve
from axone.systems import denoiser
from axone.tasks.restoration.answering import RestorationAnswering
from axone.tasks.restoration.metrics import psnr
from axone.tasks.restoration.noise_scaled import estimate_noise_level
from axone.tasks.restoration.predict import DecodedImage, restore_image
from axone.tasks.restoration.tiling import apply_tiled
from tests.helpers.data.images import noise
from tests.helpers.runs.stop_at import StopAt

TINY = {
    "limit": 1200, "epochs": 3, "batch_size": 50, "channels": (8, 16), "blocks": 1, "threads": 1,
    "noise_level": (0.2, 0.4),
}  # fmt: skip
ALL_KINDS = ("gaussian", "salt-pepper", "speckle", "blur", "mask")


def build(**chosen):
    settings = resolve(denoiser.Settings, {**TINY, **chosen})
    torch.manual_seed(settings.seed)
    return settings, denoiser.build(settings, BuildContext())


@pytest.fixture(scope="module")
def trained():
    """A tiny trained residual network: settings, experiment, and the recorder of its training."""
    settings, experiment = build()
    recorder = MemoryRecorder()
    fit(experiment, settings, recorder)
    return settings, experiment, recorder


def figures_of(recorder, kind):
    return [(figure, epoch) for figure, epoch in recorder.figures if isinstance(figure, kind)]


# The networks and the loss


def test_the_courses_network_has_the_parameters_of_keras():
    graph = axone.network("denoiser", preset="course", input=(1, 28, 28)).network
    assert [node.parameters for node in graph.nodes if node.parameters] == [320, 9_248, 9_248, 9_248, 289]
    assert min(node.shape[1] for node in graph.nodes) == 7 and graph.output_shapes == ((1, 28, 28),)


def test_the_untrained_residual_network_returns_images_unchanged():
    network = axone.network("denoiser", input=(3, 30, 41))
    images = torch.rand(2, 3, 30, 41)
    assert torch.equal(network(images), images)


@pytest.mark.parametrize("preset", ["default", "course"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (28, 28), (33, 50)])
def test_the_network_accepts_images_of_any_size(preset, size):
    network = axone.network("denoiser", preset=preset, input=(1, 28, 28))
    assert network(torch.rand(2, 1, *size)).shape == (2, 1, *size)


def test_the_loss_of_the_residual_network_is_divided_by_the_noise_level():
    _settings, experiment = build()
    clean = torch.full((2, 1, 28, 28), 0.5)
    noisy = clean + torch.tensor([0.1, 0.3])[:, None, None, None] * torch.randn(2, 1, 28, 28)
    _restored, loss = experiment.learner.restore(NoisyBatch(noisy, clean))  # untrained: it returns the noisy images
    expected = ((noisy - clean).square().mean((1, 2, 3)) / estimate_noise_level(noisy)).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_loss_of_the_courses_network_is_the_mean_squared_error():
    settings = resolve(denoiser.Settings, {"preset": "course"})
    learner = denoiser.DenoiserLearner(denoiser.model(settings, {"input": [1, 28, 28]}), settings)
    noisy, clean = torch.rand(2, 1, 28, 28), torch.rand(2, 1, 28, 28)
    restored, loss = learner.restore(NoisyBatch(noisy, clean))
    assert loss.item() == pytest.approx((restored - clean).square().mean().item(), rel=1e-5)


# Training


def test_it_restores_better_than_a_median_filter(trained):
    ((table, _epoch),) = figures_of(trained[2], Table)
    assert [row[:2] for row in table.rows] == [["gaussian", level] for level in (0.2, 0.3, 0.4)]
    for _kind, _level, noisy, median, restored, *similarities in table.rows:
        assert restored > max(noisy, median) and similarities[2] > similarities[0]


def test_images_are_compared_at_each_evaluation_and_at_the_end(trained):
    settings, _experiment, recorder = trained
    assert [epoch for _figure, epoch in figures_of(recorder, Figure)] == [*range(1, settings.epochs + 1), None]


def test_bfloat16_changes_the_psnr_by_less_than_0_02_db(trained):
    network = trained[1].learner.network.eval()
    clean = to_unit_range(load_images().test.pixels[:100])
    noisy = Noise(("gaussian",), 0.25, 0.25)(clean, make_generator("test")).pixels
    with torch.inference_mode():
        float32 = network(noisy)
        with torch.autocast("cpu", torch.bfloat16):
            bfloat16 = network(noisy)
    assert abs((psnr(float32, clean) - psnr(bfloat16, clean)).mean()) < 0.02


def test_all_kinds_of_noise_are_measured_apart():
    settings, experiment = build(noise=ALL_KINDS, noise_level=(0.1, 0.3), limit=200, epochs=1)
    recorder = MemoryRecorder()
    fit(experiment, settings, recorder)
    ((table, _epoch),) = figures_of(recorder, Table)
    assert [row[0] for row in table.rows[::3]] == list(ALL_KINDS) and len(table.rows) == 15


@pytest.mark.parametrize("steps", [3, 11])
def test_a_stopped_and_resumed_training_has_the_same_bits(trained, steps):
    settings, _experiment, whole = trained
    parts = MemoryRecorder()
    with pytest.raises(Stopped):
        fit(build()[1], settings, parts, stop=StopAt(steps))
    fit(build()[1], settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, actual = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], actual[name]) for name in expected)


# Restoring


def test_tiles_leave_no_seam(trained):
    network = trained[1].learner.network.eval()
    image = (0.5 + 0.1 * torch.randn(1, 301, 270, generator=make_generator("image"))).clamp(0, 1)
    with torch.inference_mode():
        whole, level = network(image[None])[0], estimate_noise_level(image[None])
        tiled = apply_tiled(lambda tile: network(tile[None], level)[0], image, tile=96, overlap=64)
    assert torch.allclose(tiled, whole, atol=1e-5)


def test_all_tiles_of_an_image_use_the_level_of_the_whole_image(trained):
    """One half is flat, the other one noisy: tiles with their own levels would differ where they overlap."""
    network = trained[1].learner.network.eval()
    image = torch.full((1, 300, 500), 0.5)
    image[:, :, 250:] += 0.1 * torch.randn(1, 300, 250, generator=make_generator("image"))
    with torch.inference_mode():
        whole = network(image[None])[0].clamp(0, 1)
    restored = restore_image(RestorationAnswering(network, 1), DecodedImage(image.movedim(0, 2).numpy()))
    assert torch.allclose(torch.from_numpy(restored.values).movedim(2, 0), whole, atol=1e-5)


def test_the_mean_of_eight_views_does_not_depend_on_the_orientation(trained):
    network = trained[1].learner.network.eval()
    gray = torch.full((1, 1, 24, 32), 0.5)
    noisy = Noise(("gaussian",), 0.2, 0.2)(gray, make_generator("views")).pixels[0, 0].numpy()

    def restore(pixels, views):
        image = DecodedImage(np.ascontiguousarray(pixels[..., None]))
        return restore_image(RestorationAnswering(network, 1, views), image).values[..., 0]

    for views, is_invariant in ((1, False), (8, True)):
        assert np.allclose(restore(noisy[::-1], views)[::-1], restore(noisy, views), atol=1e-5) is is_invariant
        assert np.allclose(restore(noisy.T, views).T, restore(noisy, views), atol=1e-5) is is_invariant


def write_photographs(folder, count=9, sizes=((70, 90), (45, 40), (10, 12))):
    """Write images of several sizes: gradients of color, which are easily distinguished from noise."""
    folder.mkdir(parents=True)
    for k in range(count):
        height, width = sizes[k % len(sizes)]
        down, right = np.linspace(0, 200, height)[:, None, None], np.linspace(0, 55, width)[None, :, None]
        Image.fromarray((down + right * [1, 0.5, 0.2]).astype(np.uint8)).save(folder / f"{k}.png")
    return folder


def write_noisy_partners(clean, folder):
    folder.mkdir()
    for path in clean.iterdir():
        pixels = np.asarray(Image.open(path)).astype(float)
        pixels += np.random.default_rng(int(path.stem)).normal(0, 40, pixels.shape)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / path.name)
    return folder


@pytest.mark.parametrize("paired", [False, True])
def test_own_images_from_training_to_restored_files(tmp_path, capsys, paired):
    clean = write_photographs(tmp_path / "clean")
    noisy = write_noisy_partners(clean, tmp_path / "noisy")
    chosen = {"noisy": str(noisy)} if paired else {"noise_level": (0.1, 0.2)}
    run = axone.train(
        "denoiser", data=str(clean), runs_folder=tmp_path / "runs", image_size=32, patches=600, epochs=4,
        batch_size=20, channels=(8, 16), blocks=1, threads=1, **chosen,
    )  # fmt: skip
    assert run.results["validation"]["psnr"] > 22
    assert main(["predict", str(run.path), str(noisy / "0.png"), "--out", str(tmp_path / "restored.png")]) == 0
    assert main(["predict", str(run.path), str(noisy), "--out", str(tmp_path / "out"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out.strip().splitlines()[-1])["predictions"]
    assert len(rows) == 9 and len(list((tmp_path / "out").iterdir())) == 9
    errors = [
        np.square(np.asarray(Image.open(path)).astype(float) - np.asarray(Image.open(clean / "0.png"))).mean()
        for path in (tmp_path / "restored.png", noisy / "0.png")
    ]
    assert errors[0] < errors[1] / 4
    assert set(run.evaluate()) == {"validation", "test"}


def test_an_unreadable_image_gets_its_error_and_the_others_are_restored(tmp_path, trained):
    settings, experiment, _recorder = trained
    (tmp_path / "text.png").write_text("not an image")
    inputs = [tmp_path / "text.png", noise(5, 4)]
    error, restored = denoiser.predict(experiment.learner.network, settings, experiment.facts, inputs)
    assert error.exit_code == 3 and restored.pixels.shape == (5, 4, 3)
