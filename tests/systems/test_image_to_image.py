"""Image-to-image translation: with and without pairs, in both directions, bit-exact resuming, and unusual data."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from axone.cli import main
from axone.data.images.edges import detect_edges
from axone.data.images.load import load_images
from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import AxoneError, DataError, SettingsError, Stopped, UsageError
from axone.settings import resolve
from axone.systems import image_to_image
from axone.tasks.translation import predict as translation
from axone.train import resume, train
from axone.use import load
from tests.helpers.runs.stop_at import StopAt

TINY = {"width": 4, "blocks": 1, "batch_size": 8, "epochs": 2, "threads": 1, "precision": "float32"}
METHODS = ("unpaired", "paired")


@pytest.fixture(scope="module")
def garments(tmp_path_factory):
    """A folder of images of Fashion-MNIST."""
    root = tmp_path_factory.mktemp("garments") / "garments"
    root.mkdir()
    for number, pixels in enumerate(load_images().test.pixels[:60, 6:22, 6:22].numpy()):
        Image.fromarray(pixels[..., 0]).save(root / f"{number:02}.png")
    return root


@pytest.fixture
def build(garments):
    return lambda **changes: build_experiment(**{"data": str(garments), **changes})


def build_experiment(**changes):
    settings = resolve(image_to_image.Settings, {**TINY, **changes})
    torch.manual_seed(settings.seed)
    return settings, image_to_image.build(settings, BuildContext())


def folder(root, count, side=16, color=True, bright=False, sides=None):
    """Write images of dark or bright discs; `sides` are their widths and heights, in turn."""
    root.mkdir(parents=True)
    random = np.random.default_rng(0)
    for number in range(count):
        width, height = sides[number % len(sides)] if sides else (side, side)
        y, x = np.mgrid[:height, :width]
        disc = (y - random.integers(height)) ** 2 + (x - random.integers(width)) ** 2 < (side / 3) ** 2
        pixels = np.where(disc, 220 if bright else 90, 30)[..., None] * (random.random(3) if color else np.ones(3))
        image = Image.fromarray(pixels.astype(np.uint8))
        (image if color else image.convert("L")).save(root / f"{number:03}.png")
    return root


@pytest.fixture(scope="module")
def runs(tmp_path_factory, garments):
    settings = {**TINY, "data": str(garments), "runs_folder": tmp_path_factory.mktemp("runs")}
    return {method: train("image_to_image", **settings, method=method) for method in METHODS}


def test_generators_keep_the_size_of_an_image_and_discriminators_score_patches():
    settings = resolve(image_to_image.Settings, {})
    for channels, side in ((1, 28), (3, 32), (1, 16)):
        facts = {"input": [channels, side, side]}
        assert image_to_image.generator(settings, facts).output_shapes == ((channels, side, side),)
        assert image_to_image.discriminator(settings, facts).output_shapes == ((1, side // 4, side // 4),)
    paired = resolve(image_to_image.Settings, {"preset": "paired"})
    assert image_to_image.discriminator(paired, {"input": [3, 32, 32]}).input_shapes == ((6, 32, 32),)


def test_without_pairs_no_image_is_used_in_training_together_with_its_own_edges(build):
    _settings, experiment = build()
    source, target = ({image.numpy().tobytes() for image in stream.pixels[stream.indices]} for stream in
                  (experiment.train.source, experiment.train.target))  # fmt: skip
    stream = experiment.train.target
    edges = {image.numpy().tobytes() for image in detect_edges(stream.pixels[stream.indices])}
    assert source and target and not source & edges
    batch = next(iter(experiment.validation.batches(1)))
    assert are_close(edges_of(batch.targets), batch.inputs)  # held-out images are pairs, so that errors can be measured
    assert experiment.facts["has_targets"] and batch.inputs.min() == -1


def edges_of(images):
    """Return the edges of images with values from -1 to 1."""
    pixels = ((images + 1) * 127.5).round().to(torch.uint8).movedim(1, -1)
    return detect_edges(pixels).movedim(-1, 1).float() / 127.5 - 1


def are_close(one, other):
    return (one - other).abs().max() < 1e-5


def test_with_pairs_the_edges_and_the_image_are_in_one_batch(build):
    _settings, experiment = build(method="paired")
    batches = list(experiment.train.batches(1))
    assert len(batches) > 2 and all(are_close(edges_of(batch.targets), batch.inputs) for batch in batches)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("readings", [1, 4])
def test_a_stopped_and_resumed_training_ends_with_the_same_bits(build, method, readings):
    whole, parts = MemoryRecorder(), MemoryRecorder()
    settings, experiment = build(method=method)
    fit(experiment, settings, whole)
    settings, experiment = build(method=method)
    with pytest.raises(Stopped):
        fit(experiment, settings, parts, stop=StopAt(readings))
    settings, experiment = build(method=method)
    fit(experiment, settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, again = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert {".".join(name.split(".")[:2]) for name in expected} == {
            "network.source_to_target", "network.target_to_source", "discriminators.target", "discriminators.source",
        }  # fmt: skip
        assert all(torch.equal(expected[name], again[name]) for name in expected)
    for name in ("generator_optimizer", "discriminator_optimizer"):
        ended, resumed = (recorder.checkpoints["last"][1]["learner"][name] for recorder in (whole, parts))
        assert ended["calls"] == resumed["calls"] > 0
        for one, two in zip(ended["torch_optimizers"], resumed["torch_optimizers"], strict=True):
            for key, values in one["state"].items():
                assert all(torch.equal(value, two["state"][key][part]) for part, value in values.items())


@pytest.mark.parametrize("method", METHODS)
def test_the_generators_learn(build, method):
    settings, experiment = build(method=method, epochs=12, batch_size=4, learning_rate=3e-3)
    outcome = fit(experiment, settings, MemoryRecorder())
    values = [entry["train"]["cycle_loss" if method == "unpaired" else "l1"] for entry in outcome.progress.history]
    assert values[-1] < 0.85 * values[0]
    expected = {"loss", "cycle_loss", "patch_distance", "l1", "psnr"}
    assert outcome.validation.keys() == expected and outcome.test.keys() == expected


def test_the_generator_update_leaves_the_discriminators_unchanged(build):
    _settings, experiment = build(identity_weight=5.0)
    learner = experiment.learner
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 10))
    learner.discriminator_optimizer.step = lambda loss: None
    before = {name: value.clone() for name, value in learner.weights().items()}
    with learner.training():
        learner.train_step(next(iter(experiment.train.batches(1))))
    changed = {name.split(".")[0] for name, value in learner.weights().items() if not torch.equal(value, before[name])}
    assert changed == {"network"}


@pytest.mark.parametrize("method", METHODS)
def test_the_report_has_a_figure_of_each_direction(runs, method):
    events = [json.loads(line) for line in (runs[method].path / "events.jsonl").read_text().splitlines()]
    figures = {(event["name"], event["epoch"]) for event in events if event["kind"] == "figure"}
    name = "source_to_target"
    assert {(name, 1), (name, 2), (name, None), ("target_to_source", None)} <= figures
    page = (runs[method].path / "report.html").read_text()
    assert "From source to target, and back" in page and "From target to source, and back" in page


@pytest.mark.parametrize("method", METHODS)
def test_predict_translates_in_both_directions_from_the_run_folder_alone(runs, method, tmp_path):
    run = load(runs[method].path)
    image = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
    Image.fromarray(image).save(tmp_path / "a.png")
    forward, reverse = run.predict(tmp_path / "a.png"), run.predict({"reverse": tmp_path / "a.png"})
    assert forward.pixels.shape == reverse.pixels.shape == (16, 16, 1)
    assert not np.array_equal(forward.pixels, reverse.pixels)
    assert np.array_equal(run.predict(image).pixels, forward.pixels)
    assert np.array_equal(run.predict({"reverse": image}).pixels, reverse.pixels)
    with torch.inference_mode():
        inputs = torch.from_numpy(image)[None, None].float() / 127.5 - 1
        expected = ((run.model.target_to_source(inputs) + 1) * 127.5).round().clamp(0, 255)
    assert np.abs(expected[0].movedim(0, -1).numpy() - reverse.pixels).max() <= 1
    with pytest.raises(UsageError, match="not a known input"):
        run.predict({"forward": image})


def test_axone_predict_writes_translations(runs, tmp_path, capsys):
    images = folder(tmp_path / "in", 3, side=40)
    (images / "broken.png").write_bytes(b"not an image")
    run = str(runs["unpaired"].path)
    assert main(["predict", run, str(images / "000.png"), "--out", str(tmp_path / "out.png")]) == 0
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (16, 16) and image.mode == "L"
    assert main(["predict", run, f"reverse={images / '000.png'}", "--out", str(tmp_path / "reverse.png")]) == 0
    assert (tmp_path / "reverse.png").read_bytes() != (tmp_path / "out.png").read_bytes()
    assert main(["predict", run, f"reverse={images}", "--out", str(tmp_path / "many"), "--json"]) == 3
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert len(rows) == 4 and sum("error" in row for row in rows) == 1 and len(list((tmp_path / "many").iterdir())) == 3


@pytest.mark.parametrize("method", METHODS)
def test_two_folders_of_the_user(tmp_path, method):
    sizes = [(24, 24), (30, 20), (40, 21)] if method == "unpaired" else None
    one = folder(tmp_path / "a", 24, side=22, color=False)
    other = folder(tmp_path / "b", 12 if method == "unpaired" else 25, side=22, bright=True, sides=sizes)
    run = train(
        "image_to_image", runs_folder=tmp_path / "runs",
        **{**TINY, "data": str(one), "to": str(other), "method": method, "epochs": 1},
    )  # fmt: skip
    assert run.facts["input"] == [3, 20, 20]  # of gray and color images of 22 pixels, which is not a multiple of 4
    assert run.facts["has_targets"] == (method == "paired")
    if method == "paired":
        assert "has no partner of the same name and is not used: 024" in (run.path / "events.jsonl").read_text()
    assert run.predict(one / "000.png").pixels.shape == (20, 20, 3)
    assert resume(run.path, epochs=2).results["epochs"] == 2
    again = run.evaluate()
    assert again["test"].keys() == run.results["test"].keys()


def test_pairs_have_one_name_and_any_suffix(build, tmp_path):
    one, other = folder(tmp_path / "a", 20), folder(tmp_path / "b", 20, bright=True)
    for path in sorted(other.iterdir()):
        path.rename(path.with_suffix(".bmp.tmp"))
        Image.open(path.with_suffix(".bmp.tmp")).save(path.with_suffix(".bmp"))
        path.with_suffix(".bmp.tmp").unlink()
    _settings, experiment = build(data=str(one), to=str(other), method="paired")
    # Both folders are sorted by name.
    assert experiment.train.source.indices.tolist() == experiment.train.target.indices.tolist()
    batch = next(iter(experiment.train.batches(1)))
    for inputs, targets in zip(batch.inputs, batch.targets, strict=True):
        # The same disc, dark in one image and bright in the other.
        assert np.corrcoef(inputs.mean(0).flatten(), targets.mean(0).flatten())[0, 1] > 0.9


def test_pairs_without_a_common_name_are_refused(build, tmp_path):
    one, other = folder(tmp_path / "a", 6), folder(tmp_path / "b", 6)
    for path in sorted(other.iterdir()):
        path.rename(path.with_name(f"x{path.name}"))
    with pytest.raises(DataError, match="No image of the source folder has a partner"):
        build(data=str(one), to=str(other), method="paired")
    with pytest.raises(DataError, match="must be folders"):
        build(data="fashion-mnist", to=str(one), method="paired")


def test_one_source_image_is_enough_for_a_run(tmp_path):
    one, other = folder(tmp_path / "a", 1), folder(tmp_path / "b", 20, bright=True)
    run = train(
        "image_to_image", runs_folder=tmp_path / "runs",
        **{**TINY, "data": str(one), "to": str(other), "epochs": 1},
    )  # fmt: skip
    assert run.results["validation"] == {} and run.predict(one / "000.png").pixels.shape == (16, 16, 3)


def test_one_image_is_enough_for_a_run(tmp_path):
    run = train(
        "image_to_image", runs_folder=tmp_path / "runs",
        **{**TINY, "data": str(folder(tmp_path / "a", 1)), "epochs": 1},
    )  # fmt: skip
    assert run.results["steps"] == 1


def test_an_empty_folder_is_refused(build, tmp_path):
    one = folder(tmp_path / "a", 5)
    (tmp_path / "b").mkdir()
    for changes in ({"data": str(one), "to": str(tmp_path / "b")}, {"data": str(tmp_path / "b"), "to": str(one)}):
        with pytest.raises(AxoneError) as refused:
            build(**changes)
        assert refused.value.exit_code == 3 and str(tmp_path / "b") in refused.value.what
    with pytest.raises(DataError, match="nowhere"):
        build(data=str(one), to=str(tmp_path / "nowhere"))


def test_a_size_that_cannot_be_halved_twice_is_refused(build):
    with pytest.raises(SettingsError, match="image_size cannot be '30'"):
        build(image_size=30)
    with pytest.raises(SettingsError, match="image_size cannot be '8'"):
        build(image_size=8)


@pytest.mark.parametrize("reverse", [False, True])
def test_the_answering_module_can_be_exported_and_predicts_what_predict_does(runs, reverse):
    run = runs["unpaired"]
    module = translation.answering(run.model, run.settings, run.facts, reverse=reverse)
    images = torch.randint(0, 256, (5, 16, 16, 1), dtype=torch.uint8)
    program = torch.export.export(module, (images[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},)).module()
    outputs = program(images)
    assert outputs.dtype == torch.uint8 and torch.equal(outputs, module(images))
    answers = [run.predict({"reverse": image} if reverse else image) for image in images.numpy()]
    assert all(np.array_equal(answer.pixels, output.numpy()) for answer, output in zip(answers, outputs, strict=True))
