"""The autoencoder: its networks, its losses, its runs, and the settings that it refuses."""

from __future__ import annotations

import json

import numpy as np
import polars
import pytest
import torch
from PIL import Image

import axone
from axone.cli import main
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError, UsageError
from axone.graph import Model
from axone.settings import resolve
from axone.systems import autoencoder
from axone.systems.autoencoder import AutoencoderLearner, Settings

QUICK = {
    "limit": 600,
    "epochs": 8,
    "learning_rate": 0.01,
    "batch_size": 50,
    "channels": (8, 8),
    "dense": (32,),
    "latent": 4,
    "threads": 1,
}


def settings(**chosen):
    return resolve(Settings, chosen)


def build(chosen):
    return autoencoder.build(chosen, BuildContext())


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def plain(runs):
    return axone.train("autoencoder", exclude_class="Sneaker", runs_folder=runs, **QUICK)


@pytest.fixture(scope="module")
def variational(runs):
    return axone.train("autoencoder", preset="variational", runs_folder=runs, **QUICK)


@pytest.fixture(scope="module")
def wines(runs):
    return axone.train("autoencoder", data="wine", epochs=60, threads=1, runs_folder=runs)


def images_of(stream):
    return stream.pixels[stream.indices].numpy()


def black_and_white(height, width):
    """Return an image of random black and white pixels."""
    return np.random.default_rng(0).integers(0, 2, (height, width), dtype=np.uint8) * np.uint8(255)


def write_images(folder, count, side=20):
    random = np.random.default_rng(0)
    for k in range(count):
        pixels = random.integers(0, 256, (side, side + k % 3, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{k}.png")


# The networks


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 33, 50), (1, 1, 1), (1, 8, 9), (3, 64, 64), (1, 130, 20)])
@pytest.mark.parametrize("network", ["convolutional", "dense"])
@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_a_reconstruction_has_the_shape_of_its_input(shape, network, beta):
    built_model = autoencoder.model(settings(network=network, latent=1, beta=beta), {"input": list(shape)})
    inputs = torch.rand(2, *shape)
    outputs = built_model(inputs)
    assert outputs.shape == inputs.shape and built_model.encode(inputs).shape == (2, 1)
    assert outputs.min() >= 0 and outputs.max() <= 1


def test_large_images_get_more_convolutions_until_the_maps_are_small():
    result = autoencoder.halvings(settings(channels=(4, 6)), (3, 200, 100))
    assert result == [((200, 100), 4), ((100, 50), 6), ((50, 25), 6), ((25, 13), 6)]


def test_the_courses_network_has_one_layer_in_each_half():
    course_model = autoencoder.model(settings(preset="course"), {"input": [1, 28, 28]})
    layers = [node for node in course_model.graph.nodes if node.parameters]
    assert [node.parameters for node in layers] == [785 * 32, 33 * 784]
    assert [node.layer.activation for node in layers] == ["relu", "sigmoid"]


def test_the_graph_contains_encoder_and_decoder():
    network = axone.network("autoencoder", device="meta")
    graph = next(part for part in network.modules() if isinstance(part, Model))
    assert graph.output_shapes[0] == (1, 28, 28)
    assert graph.parameter_count == sum(parameter.numel() for parameter in network.parameters())


# The losses


def test_the_loss_of_a_plain_autoencoder_is_the_mean_squared_error():
    learner = AutoencoderLearner(autoencoder.model(settings(), {"input": [1, 28, 28]}), settings())
    inputs = torch.rand(5, 1, 28, 28)
    with torch.no_grad():
        losses = learner.losses(inputs, sample=True)
        error = (learner.network(inputs) - inputs).square().mean()
    assert losses.keys() == {"loss"} and float(losses["loss"]) == pytest.approx(float(error), rel=1e-5)


def test_the_loss_of_a_variational_autoencoder_is_the_negative_lower_bound():
    chosen = settings(preset="variational", network="dense", latent=3, beta=0.5)
    learner = AutoencoderLearner(autoencoder.model(chosen, {"input": [10]}), chosen)
    inputs = torch.randn(6, 10)
    losses = learner.losses(inputs, sample=False)
    mean, log_variance = learner.network.distribution(inputs)
    normal = torch.distributions.Normal
    divergence = torch.distributions.kl_divergence(normal(mean, (log_variance / 2).exp()), normal(0.0, 1.0)).sum(1)
    divergence = divergence.mean()
    assert losses["kl_divergence"].item() == pytest.approx(divergence.item(), rel=1e-5)
    # The log-likelihood of the inputs under a normal distribution with the optimal variance, without its constant.
    error = (learner.network(inputs) - inputs).square().mean()
    likelihood = normal(learner.network(inputs), error.sqrt()).log_prob(inputs).mean()
    constant = 0.5 * (1 + np.log(2 * np.pi))
    expected = -likelihood - constant + 0.5 * divergence / 10
    assert losses["loss"].item() == pytest.approx(expected.item(), rel=1e-4)


def test_latents_are_sampled_in_training_alone():
    chosen = settings(preset="variational", network="dense", latent=3)
    learner = AutoencoderLearner(autoencoder.model(chosen, {"input": [10]}), chosen)
    inputs = torch.randn(6, 10)
    sampled = [float(learner.losses(inputs, sample=True)["reconstruction_error"].detach()) for _ in range(2)]
    at_mean = [float(learner.losses(inputs, sample=False)["reconstruction_error"].detach()) for _ in range(2)]
    assert sampled[0] != sampled[1] and at_mean[0] == at_mean[1]


# Runs on images


def test_the_threshold_is_the_quantile_of_the_held_out_scores(plain):
    threshold = float(plain.model.threshold)
    assert threshold > 0 and plain.facts["exclude_class"] == "Sneaker"
    scores = [answer.anomaly_score for answer in plain.predict(list(images_of(build(plain.settings).validation)))]
    assert np.mean(np.array(scores) > threshold) == pytest.approx(0.01, abs=0.02)
    events = (plain.path / "events.jsonl").read_text("utf-8")
    assert "The threshold of the anomaly score" in events and "left out of training" in events


def test_an_array_its_file_and_an_enlarged_file_get_the_same_answer(plain, tmp_path):
    image = images_of(build(plain.settings).test)[0]
    file = Image.fromarray(image[..., 0])
    file.save(tmp_path / "one.png")
    file.resize((280, 280), Image.Resampling.NEAREST).convert("RGB").save(tmp_path / "large.png")
    one, again = plain.predict(image), plain.predict(tmp_path / "one.png")
    assert again.anomaly_score == one.anomaly_score
    assert np.array_equal(again.reconstruction.pixels, one.reconstruction.pixels)
    assert plain.predict(tmp_path / "large.png").anomaly_score == pytest.approx(one.anomaly_score, rel=0.35)
    assert one.above_threshold == (one.anomaly_score > one.threshold) and len(one.latent) == 4
    assert one.reconstruction.pixels.shape == (28, 28, 1)


def test_random_pixels_get_a_higher_score_than_all_held_out_images(plain):
    answer = plain.predict(black_and_white(28, 28))
    assert answer.above_threshold and answer.rank == 1 and "above the threshold" in answer.text()


def test_predict_prints_the_score_and_writes_the_reconstruction_with_out(plain, tmp_path, capsys):
    Image.fromarray(black_and_white(28, 40)).save(tmp_path / "one.png")
    (tmp_path / "text.png").write_text("not an image")
    assert main(["predict", str(plain.path), str(tmp_path / "one.png")]) == 0
    assert "anomaly score" in capsys.readouterr().out and not (plain.path / "predictions").exists()
    out = tmp_path / "reconstruction.png"
    assert main(["predict", str(plain.path), str(tmp_path / "one.png"), "--out", str(out), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert answer["above_threshold"] is True and answer["files"] == [str(out)] and len(answer["latent"]) == 4
    assert Image.open(out).size == (28, 28)
    assert main(["predict", str(plain.path), str(tmp_path / "text.png")]) == 3


def report(run):
    return (run.path / "report.html").read_text("utf-8")


def test_the_report_has_the_figures_of_its_kind_of_data(plain, variational, wines):
    for run, expected in (
        (plain, {"reconstructions", "latent-map", "latent-grid", "interpolation", "anomalies", "anomaly-scores"}),
        (variational, {"samples", "latent-map"}),
        (wines, {"latent-map", "anomaly-scores"}),
    ):
        names = {path.name.rsplit("-", 1)[0] for path in (run.path / "figures").iterdir()}
        assert expected <= names, run.path
    page = report(plain)
    assert "principal component analysis" in page and "area under the ROC curve" in page


def test_other_images_without_the_excluded_class_can_be_evaluated(plain, tmp_path):
    write_images(tmp_path, 12)
    assert plain.evaluate(str(tmp_path))["test"]["loss"] > 0


def test_evaluate_repeats_the_results_of_the_training(variational, wines):
    for run in (variational, wines):
        assert run.evaluate()["test"] == pytest.approx(run.results["test"], rel=1e-4)
    assert variational.results["test"].keys() == {"loss", "reconstruction_error", "kl_divergence"}


def test_few_images_of_several_sizes_give_a_rough_threshold(tmp_path, runs):
    write_images(tmp_path, 6)
    run = axone.train("autoencoder", data=str(tmp_path), runs_folder=runs, **{**QUICK, "epochs": 1})
    assert run.facts["labels"] == [] and run.predict(tmp_path / "0.png").threshold > 0
    assert "rough estimate" in (run.path / "events.jsonl").read_text("utf-8")


# Generating


def test_only_a_variational_run_generates(plain, variational):
    assert [image.pixels.shape for image in variational.generate(5, seed=1)] == [(28, 28, 1)] * 5
    assert "axone generate" in report(variational) and "axone generate" not in report(plain)
    with pytest.raises(UsageError, match="cannot generate"):
        plain.generate(2)


# Runs on tables


def test_the_columns_that_make_a_row_anomalous_are_named(wines):
    normal = {fact["name"]: fact["center"] for fact in wines.facts["columns"]}
    usual, anomalous = wines.predict([normal, {**normal, "proline": 1e6, "hue": -50}])
    assert not usual.above_threshold and anomalous.above_threshold
    assert anomalous.anomaly_score > usual.anomaly_score
    assert "proline" in anomalous.note and "hue" in anomalous.note
    assert usual.reconstruction.values["alcohol"] == pytest.approx(13, abs=2)
    assert wines.facts["labels"] and "grower" not in normal
    with pytest.raises(DataError, match="no column"):
        wines.predict({"alcohol": 13})


def test_categories_and_missing_values_of_a_frame_are_learned(runs):
    random = np.random.default_rng(0)
    town = random.choice(["north", "south"], 200)
    age = np.where(town == "north", 20.0, 60.0) + random.standard_normal(200)
    ages = [None if k % 9 == 0 else value for k, value in enumerate(age)]
    frame = polars.DataFrame({"town": town, "age": ages}, strict=False)
    run = axone.train("autoencoder", data=frame, latent=1, epochs=80, threads=1, runs_folder=runs)
    right, wrong = run.predict([{"town": "north", "age": 20}, {"town": "north", "age": 60}])
    assert wrong.anomaly_score > 3 * right.anomaly_score and right.reconstruction.values["town"] == "north"
    assert run.facts["labels"] == []
    missing, unknown = run.predict([{"town": "south", "age": None}, {"town": "moon", "age": 20}])
    assert "town = moon" in unknown.note and "moon" not in missing.note


def test_a_table_chooses_its_preset_and_its_epochs():
    chosen = autoencoder.complete(settings(data="wine"), BuildContext())
    assert chosen.preset == "table" and chosen.network == "dense" and chosen.epochs > 100
    assert autoencoder.complete(settings(data="wine", epochs=3, latent=5), BuildContext()).epochs == 3
    assert autoencoder.complete(settings(), BuildContext()) == settings()


# Settings that are refused


def test_more_latents_than_values_are_refused():
    with pytest.raises(SettingsError, match="latent cannot be '1000'") as caught:
        axone.network("autoencoder", latent=1000)
    assert "784" in caught.value.expected


def test_convolutions_on_a_table_are_refused():
    with pytest.raises(SettingsError, match="for images"):
        build(settings(data="wine", network="convolutional"))
