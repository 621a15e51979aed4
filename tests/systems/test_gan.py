"""The two players: their shapes, their losses beside hand-made ones, whose turn it is, and exact resumption."""

import math
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from axone import catalogue
from axone.data.images.stream import Batch
from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import RunError, Stopped, UsageError
from axone.graph import Model
from axone.settings import resolve
from axone.systems import gan
from axone.systems.gan import Players, Settings, discriminator, halvings, model, slope
from axone.train import resume, train
from axone.use import load
from tests.helpers.stop_at import StopAt

FACTS = {"input": [1, 28, 28], "classes": ["a", "b", "c"]}
PRESETS = ("modern", "dcgan", "wgan-gp")
SMALL = {"width": 4, "latent": 8, "batch_size": 16, "epochs": 3, "tick": 64, "threads": 1, "device": "cpu"}


def chosen(**given):
    return resolve(Settings, {**SMALL, **given})


def players(facts=FACTS, batches=100, dtype=torch.float32, **given):
    torch.manual_seed(0)
    made = Players(chosen(**given), facts)
    made.prepare(TrainingContext(torch.device("cpu"), dtype, batches))
    return made


def batch(count=16, facts=FACTS, seed=0):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.rand(count, *facts["input"], generator=generator) * 2 - 1
    return Batch(inputs, torch.arange(count) % len(facts["classes"]), torch.arange(count))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Pictures of two kinds: bright at the left, bright at the right."""
    root = tmp_path_factory.mktemp("data") / "sides"
    chance = np.random.default_rng(0)
    for name, half in (("left", slice(0, 6)), ("right", slice(6, 12))):
        (root / name).mkdir(parents=True)
        for number in range(70):
            picture = chance.integers(0, 50, (12, 12), dtype=np.uint8)
            picture[:, half] += chance.integers(120, 200, dtype=np.uint8)
            Image.fromarray(picture).save(root / name / f"{number}.png")
    return root


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("channels", "side"), [(1, 28), (3, 32), (3, 20), (1, 8), (3, 64)])
def test_pictures_of_any_side_that_halves_go_in_and_come_out(preset, channels, side):
    facts = {"input": [channels, side, side], "classes": ["a", "b"]}
    settings = chosen(preset=preset)
    maker, judge = model(settings, facts), discriminator(settings, facts)
    pictures = maker(torch.randn(3, 8), torch.tensor([[0], [1], [1]]))
    assert pictures.shape == (3, channels, side, side) and pictures.abs().max() <= 1
    assert judge(pictures, torch.tensor([[0], [1], [1]])).shape == (3, 1)
    assert [node.shape for node in Model.from_json(maker.to_json()).nodes] == [node.shape for node in maker.nodes]


def test_maps_are_halved_while_they_are_large():
    assert [halvings(side) for side in (8, 12, 20, 28, 32, 64)] == [
        [4],
        [6],
        [10, 5],
        [14, 7],
        [16, 8, 4],
        [32, 16, 8, 4],
    ]


@pytest.mark.parametrize("classes", [["a", "b", "c"], ["only"]])
@pytest.mark.parametrize("conditional", [True, False])
def test_the_class_is_told_where_there_are_several_and_it_is_wanted(classes, conditional):
    facts, settings = {**FACTS, "classes": classes}, chosen(conditional=conditional)
    count = 2 if conditional and len(classes) > 1 else 1
    assert [len(make(settings, facts).input_names) for make in (model, discriminator)] == [count, count]


def test_the_class_changes_picture_and_judgement():
    made = players()
    chance, pictures = torch.randn(1, 8).expand(2, -1), torch.randn(1, 1, 28, 28).expand(2, -1, -1, -1)
    classes = torch.tensor([[0], [2]])
    for network, first in ((made.network, chance), (made.discriminator, pictures)):
        one, other = network.eval()(first, classes)
        assert not torch.allclose(one, other)


def test_the_losses_are_those_of_the_papers():
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, 0.0])

    def sure(gap):  # -log sigmoid
        return math.log(1 + math.exp(-gap))

    expected = {
        "relativistic": ((sure(1.5) + sure(-1.0)) / 2, (sure(-1.5) + sure(1.0)) / 2),
        "wasserstein": (0.25 - 0.5, -0.25),
        "non-saturating": ((sure(2) + sure(-1) + sure(-0.5) + sure(0)) / 2, (sure(0.5) + sure(0)) / 2),
    }
    for name, losses in expected.items():
        made = players(loss=name)
        found = float(made.judges_loss(real, fake)), float(made.inventors_loss(real, fake))
        assert found == pytest.approx(losses, abs=1e-6)


def test_the_slope_of_a_plane_is_its_weights():
    weights = torch.randn(1, 5, 5)
    pictures = torch.randn(4, 1, 5, 5, requires_grad=True)
    judged = (pictures * weights).sum((1, 2, 3))
    assert float(slope(judged, pictures)) == pytest.approx(0.5 * float(weights.square().sum()), rel=1e-5)
    bent = (pictures * weights).sum((1, 2, 3)).square() / 2  # its slope at a picture: judged * weights
    expected = 0.5 * (judged.square() * weights.square().sum()).mean()
    assert float(slope(bent, pictures)) == pytest.approx(float(expected), rel=1e-5)


def test_the_slope_is_held_down_at_real_and_at_invented_pictures_in_turn(monkeypatch):
    made, given, seen = players(preset="modern"), batch(), []
    fake = given.inputs.flip(0)
    monkeypatch.setattr(gan, "slope", lambda judged, pictures: seen.append(pictures) or judged.mean() * 0)
    told = [made.discriminate(given.inputs, fake, given.targets)[0] for _step in range(4 * gan.STEEP_EVERY)]
    assert [pictures is fake for pictures in seen] == [True, False, True, False]
    looked = [step for step, metrics in enumerate(told) if "slope" in metrics]
    assert looked == [turn * gan.STEEP_EVERY for turn in range(4)]


def test_a_look_at_the_slope_pays_for_the_steps_without_one():
    made, given = players(preset="modern", penalty=1000.0), batch()
    fake, made.judgement = given.inputs.flip(0), Losses()
    metrics, on_real = made.discriminate(given.inputs, fake, given.targets)
    paid = float(made.judgement.seen) - float(metrics["discriminator loss"])
    assert paid == pytest.approx(2 * gan.STEEP_EVERY * 1000.0 * float(metrics["slope"]), rel=1e-3) and paid > 0
    assert on_real.shape == (16,) and not on_real.requires_grad


def test_pictures_judged_in_one_pass_are_judged_as_by_themselves():
    made, given = players(preset="wgan-gp", penalty=0.0), batch()
    fake, made.judgement = given.inputs.flip(0), Losses()
    metrics, on_real = made.discriminate(given.inputs, fake, given.targets)
    alone = made.judge(given.inputs, given.targets), made.judge(fake, given.targets)
    assert torch.allclose(on_real, alone[0], atol=1e-6) and "slope" not in metrics
    assert float(metrics["gap"]) == pytest.approx(float((alone[0] - alone[1]).mean()), abs=1e-6)


def test_gulrajanis_penalty_asks_for_a_slope_of_one(monkeypatch):
    made = players(preset="wgan-gp")
    plane = torch.full((1, 28, 28), 3 / 28)  # of length 3
    monkeypatch.setattr(made, "judge", lambda pictures, labels: (pictures * plane).sum((1, 2, 3)))
    given = batch()
    assert float(made.slope_between(given.inputs, given.inputs.flip(0), given.targets)) == pytest.approx(4, rel=1e-4)


@pytest.mark.parametrize("preset", PRESETS)
def test_each_step_moves_its_own_player_alone(preset):
    made, given = players(preset=preset), batch()
    chance = torch.randn(16, 8)

    def state(network):
        return {name: value.clone() for name, value in network.named_parameters()}

    def moved(network, before):
        return any(not torch.equal(value, before[name]) for name, value in network.named_parameters())

    before = state(made.network), state(made.discriminator)
    fake = made.network(chance, given.targets[:, None])
    _metrics, on_real = made.discriminate(given.inputs, fake.detach(), given.targets)
    assert moved(made.discriminator, before[1]) and not moved(made.network, before[0])
    before = state(made.network), state(made.discriminator)
    made.invent(on_real, fake, given.targets)
    assert moved(made.network, before[0]) and not moved(made.discriminator, before[1])
    assert all(parameter.grad is None for network in made.networks.values() for parameter in network.parameters())


def test_the_generator_waits_for_five_judgements():
    made = players(preset="wgan-gp")
    told = [sorted(made.train_step(batch(seed=step))) for step in range(12)]
    assert (made.judgement.updates, made.creation.updates) == (12, 2)
    assert [step for step, names in enumerate(told) if "loss" in names] == [4, 9]


class Losses:
    """In the place of a descent: keeps the loss."""

    calls = 0

    def step(self, loss):
        self.seen = loss


@pytest.mark.parametrize("preset", ["modern", "wgan-gp"])
def test_gradients_of_the_penalty_in_bfloat16_point_where_those_of_float32_do(preset):
    """Through two backward passes, beside the same in 32 bits."""
    directions = []
    for dtype in (torch.float32, torch.bfloat16):
        made, given = players(preset=preset, dtype=dtype), batch(64)
        for name, parameter in made.discriminator.named_parameters():  # blocks begin at zero, which hides them
            if name.endswith("last.weight"):
                torch.nn.init.normal_(parameter, 0.0, 0.05, generator=torch.Generator().manual_seed(1))
        fake = torch.randn(64, 1, 28, 28, generator=torch.Generator().manual_seed(2)).tanh()
        made.judgement = Losses()
        torch.manual_seed(4)
        made.discriminate(given.inputs, fake, given.targets)
        gradients = torch.autograd.grad(made.judgement.seen, list(made.discriminator.parameters()))
        directions.append(torch.cat([gradient.flatten().float() for gradient in gradients]))
    exact, rounded = directions
    assert torch.nn.functional.cosine_similarity(exact, rounded, dim=0) > 0.99
    assert float(rounded.norm() / exact.norm()) == pytest.approx(1, abs=0.05)


def prepared(data, **given):
    system = catalogue.load(catalogue.find("gan"))
    settings = chosen(data=str(data), **given)
    torch.manual_seed(settings.seed)
    return system.build(settings, BuildContext()), settings


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("readings", [1, 4, 7])
def test_stopped_and_resumed_both_players_and_both_descents_end_alike(data, preset, readings):
    changes = {"preset": preset, "ema": 0.9, "schedule": "cosine", "judgements": 2}
    whole, parts = MemoryRecorder(), MemoryRecorder()
    experiment, settings = prepared(data, **changes)
    fit(experiment, settings, whole)
    with pytest.raises(Stopped):
        fit(prepared(data, **changes)[0], settings, parts, stop=StopAt(readings))
    fit(prepared(data, **changes)[0], settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, found = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert {name.split(".")[0] for name in expected} == {"network", "discriminator"}
        assert all(torch.equal(expected[name], found[name]) for name in expected)
    ended, resumed = (recorder.checkpoints["last"][1]["learner"] for recorder in (whole, parts))
    for name in ("creation", "judgement"):
        assert ended[name]["updates"] == resumed[name]["updates"] > 0
        moments = [state[name]["optimizers"][0]["state"] for state in (ended, resumed)]
        assert all(torch.equal(moments[0][key]["exp_avg"], moments[1][key]["exp_avg"]) for key in moments[0])
    assert ended["creation"]["averages"] and not ended["judgement"]["averages"]


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return train(
        "gan", data=str(data), runs_folder=tmp_path_factory.mktemp("runs"), **{**SMALL, "width": 8, "epochs": 2}
    )


def test_a_run_says_what_it_measured_and_shows_both_players(run):
    for part in ("validation", "test"):
        found = run.results[part]
        assert set(found) == {"FID (axone cnn)", "precision", "recall", "class coverage", "class agreement"}
        assert found["FID (axone cnn)"] > 0 and all(0 <= found[name] <= 1 for name in list(found)[1:])
    pictures = {path.name: path.read_bytes() for path in (run.path / "figures").iterdir()}
    assert {"graph.svg", "graph-discriminator.svg"} <= pictures.keys()
    assert {"wall-0001.png", "wall-0002.png", "wall-final.png"} <= pictures.keys()
    assert {"interpolations-final.png", "beside-final.png", "neighbors-final.png"} <= pictures.keys()
    assert pictures["wall-0001.png"] != pictures["wall-0002.png"]
    history = (run.path / "metrics.csv").read_text().splitlines()[0]
    assert "discriminator loss" in history and "slope" in history


def test_the_folder_of_a_run_is_enough(run, tmp_path):
    expected = run.generate(5, label="right", seed=7)
    moved = load(shutil.copytree(run.path, tmp_path / "elsewhere"))
    (moved.path / "system.py").unlink()
    found = moved.generate(5, label="right", seed=7)
    assert all((one.pixels == other.pixels).all() for one, other in zip(expected, found))
    assert any(
        (one.pixels != other.pixels).any() for one, other in zip(expected, run.generate(5, label="right", seed=8))
    )
    assert {picture.label for picture in run.generate(4)} == {"left", "right"}


def test_what_a_run_cannot_make(run):
    with pytest.raises(UsageError, match="no class 'up'"):
        run.generate(1, label="up")
    with pytest.raises(UsageError, match="does not predict"):
        run.predict("picture.png")


def test_it_measures_the_same_again(run):
    found = run.evaluate()
    assert found["test"] == pytest.approx(run.results["test"], rel=1e-6)


def test_a_batch_larger_than_the_set_is_the_whole_set(data, tmp_path):
    small = train(
        "gan", data=str(data), runs_folder=tmp_path, **{**SMALL, "batch_size": 5000, "epochs": 1, "limit": 30}
    )
    assert small.results["steps"] == 1


def test_pictures_without_classes_and_in_color(tmp_path):
    chance = np.random.default_rng(0)
    (tmp_path / "heap").mkdir()
    for number in range(40):
        Image.fromarray(chance.integers(0, 256, (12, 16, 3), dtype=np.uint8)).save(tmp_path / "heap" / f"{number}.png")
    run = train("gan", data=str(tmp_path / "heap"), runs_folder=tmp_path / "runs", **{**SMALL, "epochs": 1})
    assert set(run.results["test"]) == {"FID (axone cnn, turns)", "precision", "recall"}
    (picture,) = run.generate(1)
    assert picture.pixels.shape == (12, 12, 3) and picture.label == ""
    with pytest.raises(UsageError):
        run.generate(1, label="heap")


def test_a_run_goes_on_where_it_was(run, data, tmp_path):
    longer = resume(shutil.copytree(run.path, tmp_path / "copy"), epochs=3)
    assert longer.results["epochs"] == 3
    Image.fromarray(np.zeros((12, 12), np.uint8)).save(data / "left" / "other.png")
    try:
        with pytest.raises(RunError, match="not those that this run"):
            resume(shutil.copytree(run.path, tmp_path / "again"), epochs=4)
    finally:
        (data / "left" / "other.png").unlink()
