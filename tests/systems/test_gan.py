"""The systems of images: networks of any size, losses of the papers, whose turn it is, and bit-exact resuming."""

import json
import math
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.images.stream import Batch
from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import RunError, Stopped, UsageError
from axone.graph import Model
from axone.runs import checkpoints
from axone.settings import resolve
from axone.systems import gan
from axone.train import resume, train
from axone.use import load
from tests.helpers.runs.stop_at import StopAt

FACTS = {"input": [1, 28, 28], "classes": ["a", "b", "c"]}
PRESETS = ("modern", "dcgan", "wgan-gp")
SMALL = {
    "width": 4,
    "latent": 8,
    "batch_size": 16,
    "epochs": 3,
    "images_per_epoch": 64,
    "evaluator": "small",
    "threads": 1,
    "device": "cpu",
}


def make_settings(**changes):
    return resolve(gan.Settings, {**SMALL, **changes})


def make_learner(dtype=torch.float32, **changes):
    torch.manual_seed(0)
    settings = make_settings(**changes)
    learner = gan.GanLearner(settings, gan.model(settings, FACTS), gan.discriminator(settings, FACTS))
    learner.prepare(TrainingContext(torch.device("cpu"), dtype, 100))
    return learner


def make_batch(count=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.rand(count, *FACTS["input"], generator=generator) * 2 - 1
    return Batch(inputs, torch.arange(count) % len(FACTS["classes"]), torch.arange(count))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Images of two classes: bright on the left, bright on the right."""
    root = tmp_path_factory.mktemp("data") / "sides"
    random = np.random.default_rng(0)
    for name, half in (("left", slice(0, 6)), ("right", slice(6, 12))):
        (root / name).mkdir(parents=True)
        for number in range(70):
            image = random.integers(0, 50, (12, 12), dtype=np.uint8)
            image[:, half] += random.integers(120, 200, dtype=np.uint8)
            Image.fromarray(image).save(root / name / f"{number}.png")
    return root


@pytest.mark.parametrize("changes", [*({"preset": preset} for preset in PRESETS), {"network": "residual"}], ids=str)
@pytest.mark.parametrize(("channels", "side"), [(1, 28), (3, 32), (3, 20), (1, 8), (3, 64)])
def test_both_networks_fit_images_of_any_side_that_can_be_halved(changes, channels, side):
    facts = {"input": [channels, side, side], "classes": ["a", "b"]}
    settings, labels = make_settings(**changes), torch.tensor([[0], [1], [1]])
    generator, discriminator = gan.model(settings, facts), gan.discriminator(settings, facts)
    images = generator(torch.randn(3, 8), labels)
    assert images.shape == (3, channels, side, side) and images.abs().max() <= 1
    assert discriminator(images, labels).shape == (3, 1)
    again = Model.from_json(generator.to_json())
    assert [node.shape for node in again.nodes] == [node.shape for node in generator.nodes]


@pytest.mark.parametrize("classes", [["a", "b", "c"], ["only"]])
@pytest.mark.parametrize("conditional", [True, False])
def test_the_class_is_an_input_if_there_are_several_and_it_is_wanted(classes, conditional):
    facts, settings = {**FACTS, "classes": classes}, make_settings(conditional=conditional)
    inputs = 2 if conditional and len(classes) > 1 else 1
    assert [len(build(settings, facts).input_names) for build in (gan.model, gan.discriminator)] == [inputs, inputs]


def test_the_class_changes_the_image_and_the_score():
    learner = make_learner()
    noise, images = torch.randn(1, 8).expand(2, -1), torch.randn(1, 1, 28, 28).expand(2, -1, -1, -1)
    for network, first in ((learner.network, noise), (learner.discriminator, images)):
        one, other = network.eval()(first, torch.tensor([[0], [2]]))
        assert not torch.allclose(one, other)


def test_the_losses_are_those_of_the_papers():
    real, generated = torch.tensor([2.0, -1.0]), torch.tensor([0.5, 0.0])

    def log_loss(difference):  # -log(sigmoid)
        return math.log(1 + math.exp(-difference))

    expected = {
        "relativistic": ((log_loss(1.5) + log_loss(-1.0)) / 2, (log_loss(-1.5) + log_loss(1.0)) / 2),
        "wasserstein": (0.25 - 0.5, -0.25),
        "non-saturating": (
            (log_loss(2) + log_loss(-1) + log_loss(-0.5) + log_loss(0)) / 2, (log_loss(0.5) + log_loss(0)) / 2,
        ),
    }  # fmt: skip
    for name, losses in expected.items():
        assert [float(loss(real, generated)) for loss in gan.LOSSES[name]] == pytest.approx(losses, abs=1e-6)


def test_r2_and_r1_are_computed_in_turn_every_eighth_step(monkeypatch):
    penalized = []

    def record(scores, images):
        penalized.append(images)
        return scores.mean() * 0

    monkeypatch.setattr(gan, "gradient_penalty", record)
    learner, batch = make_learner(preset="modern"), make_batch()
    metrics = [learner.train_step(batch) for _step in range(4 * gan.PENALTY_EVERY)]
    steps = [step for step, values in enumerate(metrics) if "gradient_penalty" in values]
    assert steps == [turn * gan.PENALTY_EVERY for turn in range(4)]
    assert [images is batch.inputs for images in penalized] == [False, True, False, True]


class LossRecorder:
    """Takes the place of an optimizer, and keeps the loss."""

    calls = 0

    def step(self, loss):
        self.loss = loss


def test_a_rare_penalty_has_a_weight_for_the_steps_without_one():
    learner = make_learner(preset="modern", gradient_penalty=1000.0)
    learner.discriminator_optimizer = LossRecorder()
    metrics = learner.train_step(make_batch())
    penalty = float(learner.discriminator_optimizer.loss.detach()) - float(metrics["discriminator_loss"])
    expected = 2 * gan.PENALTY_EVERY * 1000.0 * float(metrics["gradient_penalty"])
    assert penalty == pytest.approx(expected, rel=1e-3) and penalty > 0


def test_wgan_gp_has_its_penalty_in_each_step():
    learner = make_learner(preset="wgan-gp")
    learner.discriminator_optimizer = LossRecorder()
    metrics = learner.train_step(make_batch())
    penalty = float(learner.discriminator_optimizer.loss.detach()) - float(metrics["discriminator_loss"])
    assert penalty == pytest.approx(10 * float(metrics["gradient_penalty"]), rel=1e-4)


def test_without_a_weight_no_penalty_is_computed():
    for preset in ("modern", "wgan-gp"):
        assert "gradient_penalty" not in make_learner(preset=preset, gradient_penalty=0.0).train_step(make_batch())


def test_images_scored_in_one_pass_have_the_scores_of_two_passes():
    learner, batch = make_learner(preset="wgan-gp"), make_batch()
    fake = batch.inputs.flip(0)
    scores = learner.score_both(batch.inputs, fake, batch.targets)
    expected = learner.score(batch.inputs, batch.targets), learner.score(fake, batch.targets)
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(scores, expected))


def copy_parameters(network):
    return {name: value.clone() for name, value in network.named_parameters()}


def has_changed(network, before):
    return any(not torch.equal(value, before[name]) for name, value in network.named_parameters())


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("stopped", "trained"), [("network", "discriminator"), ("discriminator", "network")])
def test_each_optimizer_changes_its_own_network_only(preset, stopped, trained):
    learner = make_learner(preset=preset, discriminator_steps=1)
    name = {"network": "generator_optimizer", "discriminator": "discriminator_optimizer"}[stopped]
    setattr(learner, name, LossRecorder())
    before = {key: copy_parameters(network) for key, network in learner.networks.items()}
    learner.train_step(make_batch())
    assert not has_changed(learner.networks[stopped], before[stopped])
    assert has_changed(learner.networks[trained], before[trained])
    assert all(parameter.grad is None for parameter in learner.networks[trained].parameters())


def test_the_generator_is_trained_after_every_fifth_discriminator_step():
    learner = make_learner(preset="wgan-gp")
    metrics = [learner.train_step(make_batch(seed=step)) for step in range(12)]
    assert (learner.discriminator_optimizer.updates, learner.generator_optimizer.updates) == (12, 2)
    assert [step for step, values in enumerate(metrics) if "loss" in values] == [4, 9]


@pytest.mark.parametrize("preset", ["modern", "wgan-gp"])
def test_gradients_of_the_penalty_in_bfloat16_point_where_those_in_float32_do(preset):
    """Through two backward passes, compared with the same in 32 bits."""
    directions = []
    for dtype in (torch.float32, torch.bfloat16):
        learner = make_learner(preset=preset, dtype=dtype, discriminator_steps=2)
        learner.discriminator_optimizer = LossRecorder()
        torch.manual_seed(4)
        learner.train_step(make_batch(64))
        parameters = list(learner.discriminator.parameters())
        gradients = torch.autograd.grad(learner.discriminator_optimizer.loss, parameters)
        directions.append(torch.cat([gradient.flatten().float() for gradient in gradients]))
    exact, rounded = directions
    assert torch.nn.functional.cosine_similarity(exact, rounded, dim=0) > 0.99
    assert float(rounded.norm() / exact.norm()) == pytest.approx(1, abs=0.05)


def build(data, **changes):
    settings = make_settings(data=str(data), **changes)
    torch.manual_seed(settings.seed)
    return gan.build(settings, BuildContext()), settings


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("readings", [1, 4, 7])
def test_a_stopped_and_resumed_training_ends_with_the_same_bits(data, preset, readings):
    changes = {"preset": preset, "ema": 0.9, "schedule": "cosine", "discriminator_steps": 2}
    whole, parts = MemoryRecorder(), MemoryRecorder()
    experiment, settings = build(data, **changes)
    fit(experiment, settings, whole)
    with pytest.raises(Stopped):
        fit(build(data, **changes)[0], settings, parts, stop=StopAt(readings))
    fit(build(data, **changes)[0], settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, resumed = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert {name.split(".")[0] for name in expected} == {"network", "discriminator"}
        assert all(torch.equal(expected[name], resumed[name]) for name in expected)
    ended, resumed = (recorder.checkpoints["last"][1]["learner"] for recorder in (whole, parts))
    for name in ("generator_optimizer", "discriminator_optimizer"):
        assert ended[name]["updates"] == resumed[name]["updates"] > 0
        moments = [state[name]["torch_optimizers"][0]["state"] for state in (ended, resumed)]
        assert all(torch.equal(moments[0][key]["exp_avg"], moments[1][key]["exp_avg"]) for key in moments[0])
    assert ended["generator_optimizer"]["averages"] and not ended["discriminator_optimizer"]["averages"]


@pytest.mark.parametrize("steps", [1, 5])
def test_both_learning_rates_follow_the_training_however_often_the_generator_is_trained(data, steps):
    experiment, settings = build(data, preset="wgan-gp", schedule="cosine", discriminator_steps=steps)
    fit(experiment, settings, MemoryRecorder())
    learner = experiment.learner
    batches = len(experiment.train) * settings.epochs
    assert (learner.discriminator_optimizer.updates, learner.generator_optimizer.updates) == (batches, batches // steps)
    for optimizer in (learner.generator_optimizer, learner.discriminator_optimizer):
        assert 0 < optimizer.rate < 0.02 * settings.learning_rate


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return train(
        "gan",
        data=str(data),
        runs_folder=tmp_path_factory.mktemp("runs"),
        **{**SMALL, "width": 8, "epochs": 2, "evaluator": ""},
    )


def test_a_run_has_the_metrics_and_names_the_evaluator(run):
    for part in ("validation", "test"):
        metrics = {name.removesuffix("_efficientnet_lite0"): value for name, value in run.results[part].items()}
        assert not metrics.keys() & run.results[part].keys()  # none is mixed with that of another evaluator
        assert metrics.pop("frechet_distance") > 0
        assert set(metrics) == {"precision", "recall", "class_coverage", "class_agreement"}
        assert all(0 <= value <= 1 for value in metrics.values())
    assert run.facts["evaluator"] == "EfficientNet-Lite0"
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text("utf-8").splitlines()]
    assert any("features of EfficientNet-Lite0" in note for event in events for note in event.get("notes", ()))


def test_the_evaluator_does_not_change_the_training(run, data, tmp_path):
    options = {**SMALL, "width": 8, "epochs": 2, "data": str(data), "runs_folder": tmp_path}
    other = train("gan", **options)
    assert other.facts["evaluator"] == "axone cnn" and "frechet_distance" in other.results["test"]
    last, expected = (checkpoints.load(each.path, "last").weights for each in (other, run))
    assert all(torch.equal(last[name], expected[name]) for name in expected)
    header = (run.path / "metrics.csv").read_text().splitlines()[0]
    assert all(name in header for name in ("discriminator_loss", "gradient_penalty", "score_gap"))


def test_a_run_has_the_figures_of_each_epoch_and_the_graphs_of_both_networks(run):
    figures = {path.name: path.read_bytes() for path in (run.path / "figures").iterdir()}
    assert {"graph.svg", "graph-discriminator.svg"} <= figures.keys()
    assert {"samples-0001.png", "samples-0002.png", "samples-final.png"} <= figures.keys()
    assert {"interpolations-final.png", "comparison-final.png", "neighbors-final.png"} <= figures.keys()
    assert figures["samples-0001.png"] != figures["samples-0002.png"]


def test_a_copy_of_the_folder_generates_the_same_images(run, tmp_path):
    expected = run.generate(5, label="right", seed=7)
    copy = load(shutil.copytree(run.path, tmp_path / "elsewhere"))
    (copy.path / "system.py").unlink()
    images = copy.generate(5, label="right", seed=7)
    assert all((one.pixels == other.pixels).all() for one, other in zip(expected, images))
    others = run.generate(5, label="right", seed=8)
    assert any((one.pixels != other.pixels).any() for one, other in zip(expected, others))
    assert {image.label for image in run.generate(4)} == {"left", "right"}


def test_the_answering_module_of_a_run_can_be_exported(run):
    module, batch = gan.answering(run.model, run.settings, run.facts), torch.export.Dim("batch")
    noise, labels = torch.randn(5, 8), torch.tensor([0, 1, 0, 1, 1])
    program = torch.export.export(module, (noise[:2], labels[:2]), dynamic_shapes=({0: batch}, {0: batch})).module()
    assert torch.equal(program(noise, labels), module(noise, labels))


def test_an_unknown_class_and_predict_are_refused(run):
    with pytest.raises(UsageError, match="no class 'up'"):
        run.generate(1, label="up")
    with pytest.raises(UsageError):
        run.predict("image.png")


def test_evaluate_repeats_the_metrics_of_the_run(run):
    assert run.evaluate()["test"] == pytest.approx(run.results["test"], rel=1e-6)


def test_a_batch_larger_than_the_training_set_is_the_whole_set(data, tmp_path):
    changes = {**SMALL, "batch_size": 5000, "epochs": 1, "limit": 30}
    assert train("gan", data=str(data), runs_folder=tmp_path, **changes).results["steps"] == 1


def test_images_in_color_and_without_classes(tmp_path):
    random = np.random.default_rng(0)
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(40):
        Image.fromarray(random.integers(0, 256, (12, 16, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    run = train("gan", data=str(folder), runs_folder=tmp_path / "runs", **{**SMALL, "epochs": 1, "evaluator": ""})
    metrics = ("frechet_distance", "precision", "recall")
    assert set(run.results["test"]) == {f"{name}_efficientnet_lite0" for name in metrics}
    (image,) = run.generate(1)
    assert image.pixels.shape == (12, 12, 3) and image.label == ""
    with pytest.raises(UsageError):
        run.generate(1, label="images")


def test_a_run_can_be_continued_with_the_same_data_only(run, data, tmp_path):
    longer = resume(shutil.copytree(run.path, tmp_path / "copy"), epochs=3)
    assert longer.results["epochs"] == 3
    added = data / "left" / "other.png"
    Image.fromarray(np.zeros((12, 12), np.uint8)).save(added)
    try:
        with pytest.raises(RunError, match="not those that this run"):
            resume(shutil.copytree(run.path, tmp_path / "again"), epochs=4)
    finally:
        added.unlink()
