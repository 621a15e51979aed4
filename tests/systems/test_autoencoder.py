"""The autoencoder: its networks, its losses, what it makes of examples, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import polars
import pytest
import torch
from PIL import Image

import axone
from axone import catalogue
from axone.cli import main
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError, UsageError
from axone.graph import Model
from axone.settings import resolve
from axone.systems import autoencoder
from axone.systems.autoencoder import Reconstruction, Settings

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


def settings(**given):
    return resolve(Settings, given)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def plain(runs):
    return axone.train("autoencoder", without="Sneaker", runs_folder=runs, **QUICK)


@pytest.fixture(scope="module")
def variational(runs):
    return axone.train("autoencoder", preset="variational", runs_folder=runs, **QUICK)


@pytest.fixture(scope="module")
def wines(runs):
    return axone.train("autoencoder", data="wine", epochs=60, threads=1, runs_folder=runs)


# The networks


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 33, 50), (1, 1, 1), (1, 8, 9), (3, 64, 64), (1, 130, 20)])
@pytest.mark.parametrize("network", ["convolutional", "dense"])
@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_what_comes_back_has_the_form_of_what_went_in(shape, network, beta):
    made = autoencoder.model(settings(network=network, latent=1, beta=beta), {"input": list(shape)})
    inputs = torch.rand(2, *shape)
    back = made(inputs)
    assert back.shape == inputs.shape and made.encode(inputs).shape == (2, 1)
    assert back.min() >= 0 and back.max() <= 1


def test_large_pictures_are_halved_until_they_are_small():
    found = autoencoder.halvings(settings(channels=(4, 6)), (3, 200, 100))
    assert found == [((200, 100), 4), ((100, 50), 6), ((50, 25), 6), ((25, 13), 6)]


def test_the_courses_network_is_one_layer_in_and_one_out():
    made = autoencoder.model(settings(preset="course"), {"input": [1, 28, 28]})
    layers = [node for node in made.graph.nodes if node.parameters]
    assert [node.parameters for node in layers] == [785 * 32, 33 * 784]
    assert [node.layer.activation for node in layers] == ["relu", "sigmoid"]


def test_the_graph_is_the_whole_way():
    network = axone.network("autoencoder", device="meta")
    whole = next(part for part in network.modules() if isinstance(part, Model))
    assert whole.output_shapes[0] == (1, 28, 28) and whole.parameter_count == sum(
        parameter.numel() for parameter in network.parameters()
    )


# The losses


def test_the_loss_of_points_is_the_squared_error():
    learner = Reconstruction(autoencoder.model(settings(), {"input": [1, 28, 28]}), settings())
    inputs = torch.rand(5, 1, 28, 28)
    with torch.no_grad():
        losses = learner.losses(inputs, draw=True)
        error = (learner.network(inputs) - inputs).square().mean()
    assert losses.keys() == {"loss"} and float(losses["loss"]) == pytest.approx(float(error), rel=1e-5)


def test_the_loss_of_distributions_is_the_bound():
    chosen = settings(preset="variational", network="dense", latent=3, beta=0.5)
    learner = Reconstruction(autoencoder.model(chosen, {"input": [10]}), chosen)
    inputs = torch.randn(6, 10)
    losses = learner.losses(inputs, draw=False)
    mean, log_variance = learner.network.distribution(inputs)
    normal = torch.distributions.Normal
    found = torch.distributions.kl_divergence(normal(mean, (log_variance / 2).exp()), normal(0.0, 1.0)).sum(1).mean()
    assert losses["divergence"].item() == pytest.approx(found.item(), rel=1e-5)
    # The likelihood of inputs under a normal error of the likeliest variance, less its constant.
    error = (learner.network(inputs) - inputs).square().mean()
    likelihood = normal(learner.network(inputs), error.sqrt()).log_prob(inputs).mean()
    constant = 0.5 * (1 + np.log(2 * np.pi))
    assert float(losses["loss"]) == pytest.approx(float(-likelihood - constant + 0.5 * found / 10), rel=1e-4)


def test_only_learning_draws():
    chosen = settings(preset="variational", network="dense", latent=3)
    learner = Reconstruction(autoencoder.model(chosen, {"input": [10]}), chosen)
    inputs = torch.randn(6, 10)
    drawn = [float(learner.losses(inputs, draw=True)["error"]) for _ in range(2)]
    measured = [float(learner.losses(inputs, draw=False)["error"]) for _ in range(2)]
    assert drawn[0] != drawn[1] and measured[0] == measured[1]


# What a run says


def test_the_threshold_is_the_quantile_of_the_held_out_errors(plain):
    threshold = float(plain.model.threshold)
    assert threshold > 0 and plain.facts["without"] == "Sneaker"
    _module, made = built(plain.settings)
    held_out = [plain.predict(image).score for image in pixels_of(made.validation)]
    assert np.mean(np.array(held_out) > threshold) == pytest.approx(0.01, abs=0.02)
    events = (plain.path / "events.jsonl").read_text("utf-8")
    assert "counts as unusual" in events and "Kept out of training" in events


def built(chosen):
    module = catalogue.load(catalogue.find("autoencoder"))
    return module, module.build(chosen, BuildContext())


def pixels_of(stream):
    return stream.pixels[stream.indices].numpy()


def test_the_class_that_is_kept_out_is_in_no_part_but_the_test():
    _module, made = built(settings(**QUICK, without="Sneaker"))
    label = made.facts["labels"].index("Sneaker")
    for stream, there in ((made.train, False), (made.validation, False), (made.test, True)):
        assert bool((stream.labels[stream.indices] == label).any()) == there
    assert made.facts["samples"]["train"] == len(made.train.indices) < 540


def noise(height, width):
    """Black and white pixels by chance."""
    return np.random.default_rng(0).integers(0, 2, (height, width), dtype=np.uint8) * np.uint8(255)


def test_the_answer_is_the_same_for_arrays_files_and_any_size(plain, tmp_path):
    _module, made = built(plain.settings)
    image = pixels_of(made.test)[0]
    Image.fromarray(image[..., 0]).save(tmp_path / "one.png")
    Image.fromarray(image[..., 0]).resize((280, 280), Image.Resampling.NEAREST).convert("RGB").save(
        tmp_path / "big.png"
    )
    one = plain.predict(image)
    again = plain.predict(tmp_path / "one.png")
    assert again.score == one.score and np.array_equal(again.made.pixels, one.made.pixels)
    assert plain.predict(tmp_path / "big.png").score == pytest.approx(one.score, rel=0.35)
    assert one.unusual == (one.score > one.threshold) and len(one.latent) == 4
    assert one.made.pixels.shape == (28, 28, 1)
    # Noise is like nothing that was seen.
    strange = plain.predict(noise(28, 28))
    assert strange.unusual and strange.rank == 1 and strange.text().startswith("unusual, error")


def test_the_command_line_says_how_unusual_and_writes_what_came_back(plain, tmp_path, capsys):
    Image.fromarray(noise(28, 40)).save(tmp_path / "one.png")
    (tmp_path / "text.png").write_text("no picture")
    assert main(["predict", str(plain.path), str(tmp_path / "one.png")]) == 0
    assert "unusual, error" in capsys.readouterr().out and not (plain.path / "predictions").exists()
    out = tmp_path / "back.png"
    assert main(["predict", str(plain.path), str(tmp_path / "one.png"), "--out", str(out), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert answer["unusual"] is True and answer["files"] == [str(out)] and len(answer["latent"]) == 4
    assert Image.open(out).size == (28, 28)
    assert main(["predict", str(plain.path), str(tmp_path / "text.png")]) == 3


def report(run):
    return (run.path / "report.html").read_text("utf-8")


def test_the_report_shows_it_all(plain, variational, wines):
    for run, there in (
        (plain, {"reconstructions", "latent-map", "latent-grid", "interpolation", "unusual", "errors"}),
        (variational, {"samples", "latent-map"}),
        (wines, {"latent-map", "errors"}),
    ):
        shown = {path.name.rsplit("-", 1)[0] for path in (run.path / "figures").iterdir()}
        assert there <= shown, run.path
    page = report(plain)
    assert "Beside principal components" in page and "area under the curve" in page


def test_it_is_measured_on_other_pictures_though_they_lack_the_class(plain, tmp_path):
    heap(tmp_path, 12)
    assert plain.evaluate(str(tmp_path))["test"]["loss"] > 0


def test_it_is_measured_again(variational, wines):
    for run in (variational, wines):
        found = run.evaluate()
        assert found["test"] == pytest.approx(run.results["test"], rel=1e-4)
    assert variational.results["test"].keys() == {"loss", "error", "divergence"}


# New ones


def test_new_pictures_are_drawn_from_distributions_alone(plain, variational, capsys):
    made, again, other = (variational.generate(5, seed=seed) for seed in (1, 1, 2))
    assert [one.pixels.shape for one in made] == [(28, 28, 1)] * 5
    assert all(np.array_equal(one.pixels, two.pixels) for one, two in zip(made, again))
    assert not all(np.array_equal(one.pixels, two.pixels) for one, two in zip(made, other))
    assert "axone generate" in report(variational) and "axone generate" not in report(plain)
    with pytest.raises(UsageError, match="does not generate") as caught:
        plain.generate(2)
    assert "--preset variational" in caught.value.hint
    with pytest.raises(UsageError):
        variational.generate(2, label="Sneaker")


def test_new_rows(runs):
    run = axone.train("autoencoder", data="wine", beta=1.0, epochs=3, threads=1, runs_folder=runs)
    made = run.generate(3)
    assert len(made) == 3 and made[0].values.keys() == {fact["name"] for fact in run.facts["columns"]}


def test_a_variational_run_resumes_to_the_same_bits(variational, runs):
    part = axone.train(
        "autoencoder", preset="variational", runs_folder=runs, **{**QUICK, "schedule": "constant", "epochs": 2}
    )
    whole = axone.train(
        "autoencoder", preset="variational", runs_folder=runs, **{**QUICK, "schedule": "constant", "epochs": 3}
    )
    again = axone.resume(part.path, epochs=3)
    assert again.results["weights_sha256"] == whole.results["weights_sha256"]


# Rows


def test_rows_are_judged_and_their_strangest_columns_named(wines):
    known = {fact["name"]: fact["center"] for fact in wines.facts["columns"]}
    usual, strange = wines.predict([known, {**known, "proline": 1e6, "hue": -50}])
    assert not usual.unusual and strange.unusual and strange.score > usual.score
    assert "proline" in strange.note and "hue" in strange.note
    assert usual.made.values["alcohol"] == pytest.approx(13, abs=2)
    assert wines.facts["labels"] and "grower" not in known
    with pytest.raises(DataError, match="no column"):
        wines.predict({"alcohol": 13})


def test_words_and_gaps(runs):
    chance = np.random.default_rng(0)
    town = chance.choice(["north", "south"], 200)
    age = np.where(town == "north", 20.0, 60.0) + chance.standard_normal(200)
    frame = polars.DataFrame(
        {"town": town, "age": [None if k % 9 == 0 else a for k, a in enumerate(age)]}, strict=False
    )
    run = axone.train("autoencoder", data=frame, latent=1, epochs=80, threads=1, runs_folder=runs)
    right, wrong = run.predict([{"town": "north", "age": 20}, {"town": "north", "age": 60}])
    assert wrong.score > 3 * right.score and right.made.values["town"] == "north"
    assert run.facts["labels"] == []
    gap, moon = run.predict([{"town": "south", "age": None}, {"town": "moon", "age": 20}])
    assert "town = moon" in moon.note and "moon" not in gap.note


def test_the_preset_for_tables_is_taken_where_the_data_are_one():
    chosen = autoencoder.complete(settings(data="wine"), BuildContext())
    assert chosen.preset == "table" and chosen.network == "dense" and chosen.epochs > 100
    assert autoencoder.complete(settings(data="wine", epochs=3, latent=5), BuildContext()).epochs == 3
    assert autoencoder.complete(settings(), BuildContext()) == settings()


# What it refuses


def test_more_latents_than_numbers():
    with pytest.raises(SettingsError, match="latent cannot be '1000'") as caught:
        axone.network("autoencoder", latent=1000)
    assert "784" in caught.value.expected


def test_convolutions_on_a_table():
    with pytest.raises(SettingsError, match="for pictures"):
        built(settings(data="wine", network="convolutional"))


def test_a_table_of_one_column(tmp_path):
    (tmp_path / "one.csv").write_text("a\n" + "".join(f"{k % 7}\n" for k in range(30)))
    with pytest.raises(DataError, match="one column only"):
        built(settings(preset="table", data=str(tmp_path / "one.csv"), latent=1))


def test_a_class_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="Did you mean 'Sneaker'"):
        built(settings(without="Sneakers"))
    heap(tmp_path, 12)
    with pytest.raises(SettingsError, match="There is no class") as caught:
        built(settings(data=str(tmp_path), without="cats"))
    assert "no classes" in caught.value.expected


def heap(folder, count, side=20):
    chance = np.random.default_rng(0)
    for place in range(count):
        Image.fromarray(chance.integers(0, 256, (side, side + place % 3, 3), dtype=np.uint8)).save(
            folder / f"{place}.png"
        )


@pytest.mark.parametrize("count", [1, 2])
def test_a_folder_of_one_picture(tmp_path, count):
    heap(tmp_path, count)
    with pytest.raises(DataError, match="one example only"):
        built(settings(data=str(tmp_path)))


def test_a_folder_of_a_few_pictures_of_several_sizes(tmp_path, runs):
    heap(tmp_path, 6)
    run = axone.train("autoencoder", data=str(tmp_path), runs_folder=runs, **{**QUICK, "epochs": 1})
    assert run.facts["labels"] == [] and run.predict(tmp_path / "0.png").threshold > 0
    assert "that is a guess" in (run.path / "events.jsonl").read_text("utf-8")
