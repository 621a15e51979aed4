"""The four networks of `image_to_image`: with pairs and without, there and back, resuming to the bit, odd data."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from axone import catalogue
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
from axone.train import resume, train
from axone.use import load
from tests.helpers.stop_at import StopAt

TINY = {"width": 4, "blocks": 1, "batch_size": 8, "epochs": 2, "threads": 1, "precision": "float32"}
METHODS = ("unpaired", "paired")


@pytest.fixture(scope="module")
def garments(tmp_path_factory):
    """Some pictures of Fashion-MNIST as files."""
    root = tmp_path_factory.mktemp("garments") / "garments"
    root.mkdir()
    for number, pixels in enumerate(load_images().test.pixels[:60, 6:22, 6:22].numpy()):
        Image.fromarray(pixels[..., 0]).save(root / f"{number:02}.png")
    return root


@pytest.fixture
def built(garments):
    return lambda **given: build(**{"data": str(garments), **given})


def build(**given):
    settings = resolve(image_to_image.Settings, {**TINY, **given})
    torch.manual_seed(settings.seed)
    return settings, image_to_image.build(settings, BuildContext())


def folder(root, count, side=16, color=True, bright=False, sides=None):
    """Pictures of discs, dark or bright; `sides` are widths and heights that they have in turn."""
    root.mkdir(parents=True)
    chance = np.random.default_rng(0)
    for number in range(count):
        width, height = sides[number % len(sides)] if sides else (side, side)
        y, x = np.mgrid[:height, :width]
        disc = (y - chance.integers(height)) ** 2 + (x - chance.integers(width)) ** 2 < (side / 3) ** 2
        pixels = np.where(disc, 220 if bright else 90, 30)[..., None] * (chance.random(3) if color else np.ones(3))
        picture = Image.fromarray(pixels.astype(np.uint8))
        (picture if color else picture.convert("L")).save(root / f"{number:03}.png")
    return root


@pytest.fixture(scope="module")
def runs(tmp_path_factory, garments):
    given = {**TINY, "data": str(garments), "runs_folder": tmp_path_factory.mktemp("runs")}
    return {method: train("image_to_image", **given, method=method) for method in METHODS}


def test_the_networks_keep_the_pictures_size_and_the_critics_score_patches():
    settings = resolve(image_to_image.Settings, {})
    for channels, side in ((1, 28), (3, 32), (1, 16)):
        facts = {"input": [channels, side, side]}
        assert image_to_image.generator(settings, facts).output_shapes == ((channels, side, side),)
        assert image_to_image.discriminator(settings, facts).output_shapes == ((1, side // 4, side // 4),)
    paired = resolve(image_to_image.Settings, {"preset": "paired"})
    assert image_to_image.discriminator(paired, {"input": [3, 32, 32]}).input_shapes == ((6, 32, 32),)


def test_without_pairs_no_picture_is_learned_from_with_its_own_outline(built):
    _settings, experiment = built()
    one, other = ({picture.numpy().tobytes() for picture in stream.pixels[stream.indices]} for stream in
                  (experiment.train.source, experiment.train.target))  # fmt: skip
    drawn = experiment.train.target
    theirs = {picture.numpy().tobytes() for picture in detect_edges(drawn.pixels[drawn.indices])}
    assert one and other and not one & theirs
    batch = next(iter(experiment.validation.batches(1)))
    assert near(drawn_of(batch.targets), batch.inputs)  # held-out ones are pairs, so that the truth can be measured
    assert experiment.facts["truth"] and batch.inputs.min() == -1


def drawn_of(pictures):
    """Return the outlines of pictures that count from -1 to 1."""
    pixels = ((pictures + 1) * 127.5).round().to(torch.uint8).movedim(1, -1)
    return detect_edges(pixels).movedim(-1, 1).float() / 127.5 - 1


def near(one, other):
    return (one - other).abs().max() < 1e-5


def test_with_pairs_each_outline_meets_its_own_picture(built):
    _settings, experiment = built(method="paired")
    batches = list(experiment.train.batches(1))
    assert len(batches) > 2 and all(near(drawn_of(batch.targets), batch.inputs) for batch in batches)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("readings", [1, 4])
def test_stopped_and_resumed_all_players_end_with_the_same_bits(built, method, readings):
    whole, parts = MemoryRecorder(), MemoryRecorder()
    settings, experiment = built(method=method)
    fit(experiment, settings, whole)
    settings, experiment = built(method=method)
    with pytest.raises(Stopped):
        fit(experiment, settings, parts, stop=StopAt(readings))
    settings, experiment = built(method=method)
    fit(experiment, settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, found = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        heads = {".".join(name.split(".")[:2]) for name in expected}
        assert heads == {"network.there", "network.back", "critics.there", "critics.back"}
        assert all(torch.equal(expected[name], found[name]) for name in expected)
    for name in ("translate", "judge"):
        ended, resumed = (recorder.checkpoints["last"][1]["learner"][name] for recorder in (whole, parts))
        assert ended["calls"] == resumed["calls"] > 0
        for one, two in zip(ended["optimizers"], resumed["optimizers"], strict=True):
            for key, values in one["state"].items():
                assert all(torch.equal(value, two["state"][key][part]) for part, value in values.items())


@pytest.mark.parametrize("method", METHODS)
def test_the_generators_learn_from_what_they_are_told(built, method):
    settings, experiment = built(method=method, epochs=12, batch_size=4, learning_rate=3e-3)
    outcome = fit(experiment, settings, MemoryRecorder())
    told = [entry["train"]["cycle" if method == "unpaired" else "truth"] for entry in outcome.progress.history]
    assert told[-1] < 0.85 * told[0]
    expected = {"loss", "cycle", "distance", "truth", "psnr"}
    assert outcome.validation.keys() == expected and outcome.test.keys() == expected


def test_one_players_descent_leaves_the_other_alone(built):
    _settings, experiment = built(identity=5.0)
    learner = experiment.learner
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 10))
    learner.judge.apply = lambda loss: None  # the discriminators stand still
    before = {name: value.clone() for name, value in learner.weights().items()}
    with learner.training():
        learner.train_step(next(iter(experiment.train.batches(1))))
    changed = {name.split(".")[0] for name, value in learner.weights().items() if not torch.equal(value, before[name])}
    assert changed == {"network"}


@pytest.mark.parametrize("method", METHODS)
def test_the_report_shows_both_ways(runs, method):
    events = [json.loads(line) for line in (runs[method].path / "events.jsonl").read_text().splitlines()]
    shown = {(event["name"], event["epoch"]) for event in events if event["kind"] == "figure"}
    assert {("there", 1), ("there", 2), ("there", None), ("back", None)} <= shown
    page = (runs[method].path / "report.html").read_text()
    assert "There and back" in page and "Back and there" in page


@pytest.mark.parametrize("method", METHODS)
def test_predict_goes_there_and_back_from_the_run_folder_alone(runs, method, tmp_path):
    run = load(runs[method].path)
    picture = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "a.png")
    there, back = run.predict(tmp_path / "a.png"), run.predict({"back": tmp_path / "a.png"})
    assert there.pixels.shape == back.pixels.shape == (16, 16, 1)
    assert not np.array_equal(there.pixels, back.pixels)
    assert np.array_equal(run.predict(picture).pixels, there.pixels)
    assert np.array_equal(run.predict({"back": picture}).pixels, back.pixels)
    with torch.inference_mode():
        inputs = torch.from_numpy(picture)[None, None].float() / 127.5 - 1
        expected = ((run.model.back(inputs) + 1) * 127.5).round().clamp(0, 255)
    assert np.abs(expected[0].movedim(0, -1).numpy() - back.pixels).max() <= 1
    with pytest.raises(UsageError, match="not understood"):
        run.predict({"forth": picture})


def test_the_verb_writes_what_it_translated(runs, tmp_path, capsys):
    pictures = folder(tmp_path / "in", 3, side=40)
    (pictures / "broken.png").write_bytes(b"no picture")
    run = str(runs["unpaired"].path)
    assert main(["predict", run, str(pictures / "000.png"), "--out", str(tmp_path / "out.png")]) == 0
    with Image.open(tmp_path / "out.png") as made:
        assert made.size == (16, 16) and made.mode == "L"
    assert main(["predict", run, f"back={pictures / '000.png'}", "--out", str(tmp_path / "back.png")]) == 0
    assert (tmp_path / "back.png").read_bytes() != (tmp_path / "out.png").read_bytes()
    assert main(["predict", run, f"back={pictures}", "--out", str(tmp_path / "many"), "--json"]) == 3
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert len(told) == 4 and sum("error" in row for row in told) == 1 and len(list((tmp_path / "many").iterdir())) == 3


@pytest.mark.parametrize("method", METHODS)
def test_two_folders_of_ones_own(tmp_path, method):
    sizes = [(24, 24), (30, 20), (40, 21)] if method == "unpaired" else None
    one = folder(tmp_path / "a", 24, side=22, color=False)
    other = folder(tmp_path / "b", 12 if method == "unpaired" else 25, side=22, bright=True, sides=sizes)
    run = train(
        "image_to_image", runs_folder=tmp_path / "runs",
        **{**TINY, "data": str(one), "to": str(other), "method": method, "epochs": 1},
    )  # fmt: skip
    assert run.facts["input"] == [3, 20, 20]  # gray meets color, and 22 is no multiple of 4
    assert run.facts["truth"] == (method == "paired")
    if method == "paired":
        assert "has no partner of the same name and is not used: 024" in (run.path / "events.jsonl").read_text()
    assert run.predict(one / "000.png").pixels.shape == (20, 20, 3)
    assert resume(run.path, epochs=2).results["epochs"] == 2
    again = run.evaluate()
    assert again["test"].keys() == run.results["test"].keys()


def test_pairs_are_of_one_name_wherever_they_lie(built, tmp_path):
    one, other = folder(tmp_path / "a", 20), folder(tmp_path / "b", 20, bright=True)
    for path in sorted(other.iterdir()):
        path.rename(path.with_suffix(".bmp.tmp"))
        Image.open(path.with_suffix(".bmp.tmp")).save(path.with_suffix(".bmp"))
        path.with_suffix(".bmp.tmp").unlink()
    _settings, experiment = built(data=str(one), to=str(other), method="paired")
    one_stream, other_stream = experiment.train.source, experiment.train.target
    for left, right in zip(one_stream.indices.tolist(), other_stream.indices.tolist(), strict=True):
        assert left == right  # both lists are sorted by name
    batch = next(iter(experiment.train.batches(1)))
    for inputs, wanted in zip(batch.inputs, batch.targets, strict=True):
        # The same disc in both, bright in one: where the one is lit the other is.
        assert np.corrcoef(inputs.mean(0).flatten(), wanted.mean(0).flatten())[0, 1] > 0.9


def test_pairs_without_a_common_name_are_refused(built, tmp_path):
    one, other = folder(tmp_path / "a", 6), folder(tmp_path / "b", 6)
    for path in sorted(other.iterdir()):
        path.rename(path.with_name(f"x{path.name}"))
    with pytest.raises(DataError, match="No picture of the one folder has a partner"):
        built(data=str(one), to=str(other), method="paired")
    with pytest.raises(DataError, match="both sides must be folders"):
        built(data="fashion-mnist", to=str(one), method="paired")


def test_one_picture_on_a_side_still_makes_a_run(tmp_path):
    one, other = folder(tmp_path / "a", 1), folder(tmp_path / "b", 20, bright=True)
    run = train(
        "image_to_image", runs_folder=tmp_path / "runs",
        **{**TINY, "data": str(one), "to": str(other), "epochs": 1},
    )  # fmt: skip
    assert run.results["validation"] == {} and run.predict(one / "000.png").pixels.shape == (16, 16, 3)


def test_one_picture_alone_still_makes_a_run(tmp_path):
    run = train(
        "image_to_image", runs_folder=tmp_path / "runs",
        **{**TINY, "data": str(folder(tmp_path / "a", 1)), "epochs": 1},
    )  # fmt: skip
    assert run.results["steps"] == 1


def test_an_empty_side_is_refused(built, tmp_path):
    one = folder(tmp_path / "a", 5)
    (tmp_path / "b").mkdir()
    for given in ({"data": str(one), "to": str(tmp_path / "b")}, {"data": str(tmp_path / "b"), "to": str(one)}):
        with pytest.raises(AxoneError) as refused:
            built(**given)
        assert refused.value.exit_code == 3 and str(tmp_path / "b") in refused.value.what
    with pytest.raises(DataError, match="nowhere"):
        built(data=str(one), to=str(tmp_path / "nowhere"))


def test_a_size_that_cannot_be_halved_twice_is_refused(built):
    with pytest.raises(SettingsError, match="image_size cannot be '30'"):
        built(image_size=30)
    with pytest.raises(SettingsError, match="image_size cannot be '8'"):
        built(image_size=8)


def test_its_line_and_settings_are_read_without_torch():
    system = catalogue.find("image_to_image")
    assert catalogue.read_light_settings_class(system.path) is not None and len(system.summary) < 100
