"""The first chapter by hand: every number of a training step against numbers computed on paper."""

import csv
import json
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

import axone
from axone.cli import main
from axone.data.datasets.people import make_people
from axone.data.tables.row_stream import RowBatch
from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import DataError, SettingsError
from axone.settings import resolve
from axone.systems import perceptron
from axone.systems.perceptron import EXAMPLE_FACTS, Perceptron, Settings, model
from axone.tasks.neuron.functions import compute_errors, compute_outputs
from axone.tasks.neuron.trace import TrainingTrace
from tests.helpers.runs.catalogue import check_predictions, check_resume

ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky_relu")
LOSSES = ("cross-entropy", "squared-error")

# On paper: weights (0.5, -0.25), bias 0.1, learning rate 0.5, a batch of two samples.
#   x = (1, 2),     target 1:  sum 0.5 - 0.5 + 0.1     =  0.1     output 1 / (1 + e^-0.1)  = 0.524979
#   x = (-2, 0.5),  target 0:  sum -1 - 0.125 + 0.1    = -1.025   output 1 / (1 + e^1.025) = 0.264055
INPUTS, TARGETS = torch.tensor([[1.0, 2.0], [-2.0, 0.5]]), torch.tensor([1, 0])
SUMS, OUTPUTS = [0.1, -1.025], [0.524979187, 0.264054606]
PAPER = {
    # errors -ln 0.524979 and -ln(1 - 0.264055); gradients of the sums: 0.524979 - 1 = -0.475021 and 0.264055 - 0
    "cross-entropy": {
        "errors": [0.644396660, 0.306599356],
        # the means of sum gradient x input:
        # (-0.475021 - 0.528109) / 2, (-0.950042 + 0.132027) / 2, (-0.475021 + 0.264055) / 2
        "gradient": [-0.501565012, -0.409007161, -0.105483103],
        "weights": [0.750782506, -0.045496419, 0.152741552],  # minus 0.5 x gradient
    },
    # errors 0.475021^2 and 0.264055^2; gradients of the sums: 2 (y - t) y (1 - y): -0.236918 and 0.102627
    "squared-error": {
        "errors": [0.225644772, 0.069724835],
        "gradient": [-0.221086152, -0.211260783, -0.067145138],
        "weights": [0.610543076, -0.144369609, 0.133572569],
    },
}


def make_learner(log_text=print, columns=("age", "weight"), prints_steps=True, **changes):
    settings = resolve(Settings, {"learning_rate": 0.5, **changes})
    scale = ([0.0, 0.0], [1.0, 1.0])
    trace = TrainingTrace(columns, ("child", "adult"), scale, batches=1, prints_steps=prints_steps)
    learner = Perceptron(model(settings, EXAMPLE_FACTS), settings, trace)
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 10, log_text=log_text))
    learner.begin_epoch(1)
    return learner


def set_weights(learner, weights=(0.5, -0.25), bias=0.1):
    layer = learner.network.get_submodule("sum")
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([weights]))
        layer.bias.fill_(bias)
    return layer


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_computes_the_numbers_on_paper(loss):
    printed, paper = [], PAPER[loss]
    learner = make_learner(printed.append, loss=loss)
    layer = set_weights(learner)
    sums = learner.sums(INPUTS)
    assert sums[:, 0].tolist() == pytest.approx(SUMS, abs=1e-6)
    assert compute_outputs(sums, learner.settings)[:, 0].tolist() == pytest.approx(OUTPUTS, abs=1e-6)
    errors = compute_errors(sums, TARGETS, learner.settings)
    assert errors.tolist() == pytest.approx(paper["errors"], abs=1e-6)
    gradient = torch.autograd.grad(errors.mean(), list(learner.network.parameters()))
    assert torch.cat([part.flatten() for part in gradient]).tolist() == pytest.approx(paper["gradient"], abs=1e-6)
    metrics = learner.train_step(RowBatch(INPUTS, TARGETS, torch.arange(2)))
    assert float(metrics["loss"]) == pytest.approx(sum(paper["errors"]) / 2, abs=1e-6) and metrics["accuracy"] == 1
    assert [*layer.weight.flatten().tolist(), *layer.bias.tolist()] == pytest.approx(paper["weights"], abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_printed_numbers_are_those_on_paper(loss):
    printed, paper = [], PAPER[loss]
    learner = make_learner(printed.append, loss=loss)
    set_weights(learner)
    learner.train_step(RowBatch(INPUTS, TARGETS, torch.arange(2)))
    head, names, *samples, mean, update, weights = printed[0].strip().split("\n")
    assert head == "epoch 1, batch 1 of 1"
    assert names.split() == ["age", "weight", "age'", "weight'", "sum", "output", "target", "error",
                             "Δ", "age", "Δ", "weight", "Δ", "bias"]  # fmt: skip
    sum_gradients = [OUTPUTS[0] - 1, OUTPUTS[1]]
    if loss == "squared-error":
        sum_gradients = [2 * gradient * y * (1 - y) for gradient, y in zip(sum_gradients, OUTPUTS)]
    totals = [0.0, 0.0, 0.0]
    for row, line in enumerate(samples):
        x1, x2 = INPUTS[row].tolist()
        parts = [-0.5 * sum_gradients[row] * x / 2 for x in (x1, x2, 1.0)]  # of the update by the mean gradient
        totals = [total + part for total, part in zip(totals, parts)]
        expected = [
            f"{x1:g}", f"{x2:g}", f"{x1:+.3f}", f"{x2:+.3f}", f"{SUMS[row]:+.3f}", f"{OUTPUTS[row]:.3f}",
            str(int(TARGETS[row])), f"{paper['errors'][row]:.3f}", *(f"{part:+.4f}" for part in parts),
        ]  # fmt: skip
        assert line.split() == expected
    assert numbers_in(mean) == [f"{sum(paper['errors']) / 2:.3f}", *(f"{g:+.4f}" for g in paper["gradient"])]
    assert numbers_in(update) == ["-0.5", *(f"{-0.5 * g:+.4f}" for g in paper["gradient"])]
    assert numbers_in(update)[1:] == [f"{total:+.4f}" for total in totals]
    before = ("+0.500", "-0.250", "+0.100")
    assert numbers_in(weights) == [f for pair in zip(before, (f"{w:+.3f}" for w in paper["weights"])) for f in pair]


def numbers_in(line):
    return re.findall(r"(?<![\w.])[+-]?\d+(?:\.\d+)?", line)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_untrained_neuron_has_one_answer_for_all_samples(activation, loss):
    learner = make_learner(activation=activation, loss=loss, prints_steps=False)
    inputs = torch.randn(50, 2)
    assert learner.answers(inputs)[:, 0].tolist() == pytest.approx([0.55] * 50, abs=1e-6)
    # and its error has a gradient
    learner.train_step(RowBatch(inputs, torch.randint(0, 2, (50,)), torch.arange(50)))
    assert learner.network.get_submodule("sum").weight.abs().min() > 0


def train(tmp_path, **changes):
    events = []
    run = axone.train("perceptron", runs_folder=tmp_path, listener=events.append, threads=1, **changes)
    return run, events


def test_15_samples_in_batches_of_5_are_three_batches_an_epoch(tmp_path):
    _run, events = train(tmp_path, show_steps=15, batch_size=5, epochs=2)
    notes = next(event["notes"] for event in events if event["kind"] == "data")
    assert "n = 15 samples, batch size 5: 3 batches an epoch; 2 epochs: 6 updates of the weights." in notes
    texts = [event["text"] for event in events if event["kind"] == "text"]
    assert re.fullmatch(r"Before training: child \(.*\) -> 0\.55; adult \(.*\) -> 0\.55\.", texts[0])
    heads = [text.split("\n")[0] for text in texts[1:]]
    assert heads == [f"epoch {epoch}, batch {batch} of 3" for epoch in (1, 2) for batch in (1, 2, 3)]
    rows = [[line.split()[:2] for line in text.split("\n")[2:7]] for text in texts[1:]]
    epochs = [sorted(row for batch in rows[first : first + 3] for row in batch) for first in (0, 3)]
    assert epochs[0] == epochs[1] and len(epochs[0]) == 15  # each sample once in each epoch
    # The untrained neuron: the first batch has one answer for all.
    assert {line.split()[5] for line in texts[1].split("\n")[2:7]} == {"0.550"}
    # The steps of an epoch are printed before its metrics.
    kinds = [event["kind"] for event in events if event["kind"] in ("text", "epoch")]
    assert kinds == ["text"] * 4 + ["epoch"] + ["text"] * 3 + ["epoch"]


@pytest.mark.parametrize(("size", "batches"), [(0, 1), (1, 15), (4, 4)])
def test_full_batches_single_examples_and_mini_batches(size, batches):
    experiment = perceptron.build(resolve(Settings, {"limit": 15, "batch_size": size}), BuildContext())
    assert len(experiment.train) == batches and experiment.train.samples == 15
    assert experiment.train.targets.bincount().tolist() in ([8, 7], [7, 8])  # both classes, in their proportion


def test_it_classifies_children_and_adults(tmp_path):
    run, events = train(tmp_path, epochs=8)
    assert run.results["test"]["accuracy"] > 0.93 and run.results["parameters"] == 3
    child, adult = run.predict([{"age": 8, "weight": 26}, {"age": 35, "weight": 70}])
    assert (child.label, adult.label) == ("child", "adult") and min(child.probability, adult.probability) > 0.9
    assert re.fullmatch(r"sum \+\d\.\d\d, answer (0\.9\d|1\.00)", adult.note)
    figures = {(event["name"], event["epoch"]) for event in events if event["kind"] == "figure"}
    assert {(name, epoch) for name in ("neuron", "line", "surface") for epoch in (1, 2, 8, None)} <= figures
    assert ("untrained", 1) in figures and ("steps", None) in figures
    for event in events:
        if event["kind"] == "figure":
            assert ElementTree.parse(run.path / event["file"]).getroot().tag.endswith("svg")
    untrained = (run.path / "figures" / "untrained-0001.svg").read_text()
    assert untrained.count(">0.55<") == 2 and "error 0.799" in untrained and "error 0.598" in untrained
    assert "Step by step" in (run.path / "report.html").read_text("utf-8")


def test_the_trace_contains_each_step_and_is_resumed(tmp_path):
    run, events = train(tmp_path, epochs=2, limit=40)
    whole, _events = train(tmp_path, epochs=3, limit=40)
    longer = axone.resume(run.path, epochs=3)
    tables = {}
    for path in (whole.path, longer.path):
        lines = [line for line in (path / "events.jsonl").read_text().splitlines() if '"name": "steps"' in line]
        tables[path] = [line.split('"rows"')[1].split('"epoch"')[0] for line in lines if '"kind": "table"' in line][-1]
    assert tables[whole.path] == tables[longer.path]
    assert longer.results["weights_sha256"] == whole.results["weights_sha256"]
    table = next(event for event in events if event["kind"] == "table" and event["name"] == "steps")
    assert table["columns"] == ["step", "epoch", "error", "age", "weight", "bias"]
    assert [row[:2] for row in table["rows"]] == [[1 + n, 1 + n // 4] for n in range(8)]
    assert table["rows"][0][3:] == pytest.approx([0, 0, math.log(0.55 / 0.45)], abs=1e-5)


def test_every_form_of_input_gets_the_same_answer(tmp_path):
    run, _events = train(tmp_path, epochs=1, limit=50)
    expected = run.predict({"age": 35, "weight": 70})
    file = tmp_path / "asked.csv"
    file.write_text("weight,name,age\n70,Ann,35\n26,Bob,8\n")  # in another order, with a column more
    inputs = [
        "age=35,weight=70", " age = 35 , weight = 70.0 ", {"weight": "70", "age": 35.0}, [35, 70], np.array([35, 70]),
        torch.tensor([35.0, 70.0]),
    ]  # fmt: skip
    assert [run.predict(source) for source in inputs] == [expected] * len(inputs)
    several = run.predict(np.array([[35, 70], [8, 26]]))
    assert several[0] == expected and several == run.predict(str(file)) == run.predict(file)
    assert several == run.predict({"age": [35, 8], "weight": [70, 26]})
    middle = run.predict({"age": None, "weight": run.facts["mean"][1]})  # missing: the mean
    named = run.predict({"age": run.facts["mean"][0], "weight": run.facts["mean"][1]})
    assert middle.probabilities == named.probabilities and "missing, unlike in training: age" in middle.note
    with pytest.raises(DataError, match=r"no column 'weight'\. Is it 'wieght'"):
        run.predict("age=35,wieght=70")
    with pytest.raises(DataError, match="'age' is 'old', which is not a number"):
        run.predict({"age": "old", "weight": 70})
    with pytest.raises(DataError, match="3 values"):
        run.predict([1, 2, 3])


def test_a_file_with_the_same_rows_leads_to_the_same_training(tmp_path):
    file = tmp_path / "people.csv"
    columns = make_people()
    with file.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(columns)
        table.writerows(zip(*columns.values()))
    trained = []
    for changes in ({}, {"data": str(file), "target": "who", "positive": "adult"}):
        settings = resolve(Settings, {"epochs": 1, "limit": 100, **changes})
        recorder = MemoryRecorder()
        fit(perceptron.build(settings, BuildContext()), settings, recorder)
        trained.append(recorder.checkpoints["last"][0])
    assert all(torch.equal(trained[0][name], trained[1][name]) for name in trained[0])
    with pytest.raises(SettingsError, match="Did you mean 'adult'"):
        perceptron.build(resolve(Settings, {"data": str(file), "target": "who", "positive": "adults"}), BuildContext())
    with pytest.raises(DataError, match="Did you mean 'people'"):
        perceptron.build(resolve(Settings, {"data": "peple"}), BuildContext())
    with pytest.raises(DataError, match="neuron predicts classes"):
        perceptron.build(resolve(Settings, {"data": str(file), "target": "age"}), BuildContext())


def test_the_command_line_takes_a_row_and_writes_people(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run, _events = train(tmp_path, epochs=1, limit=50)
    assert main(["data", "get", "people", "--out", "written.csv"]) == 0
    assert "--data written.csv --target who" in capsys.readouterr().err
    lines = (tmp_path / "written.csv").read_text().splitlines()
    people = make_people()
    assert lines[0] == "age,weight,who" and len(lines) == 1001
    assert lines[1] == f"{people['age'][0]},{people['weight'][0]},child"
    assert main(["predict", str(run.path), "age=35,weight=70", "written.csv"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"age=35,weight=70: adult \d\d\.\d %  \(sum \+\d\.\d\d, answer 0\.\d\d\)", out[0])
    assert out[1].startswith("written.csv, row 1: ") and len(out) == 1001
    assert main(["predict", str(run.path), "age=35,weight=70", "age=35,wieght=70", "--json"]) == 3
    predictions = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert predictions[0]["label"] == "adult" and "wieght" in predictions[1]["error"]
    assert main(["data", "get", "peeple"]) == 3 and "Did you mean 'people'" in capsys.readouterr().err
    assert main(["data", "get", "people", "--out", "no/such/people.csv"]) == 2


def test_categories_are_left_out_with_a_note(tmp_path):
    file = tmp_path / "mixed.csv"
    colors = ("red", "blue", "green")
    lines = [f"{n},{colors[n % 3]},{'yes' if n > 20 else 'no'}" for n in range(40)]
    file.write_text("\n".join(["size,color,large", *lines]))
    experiment = perceptron.build(resolve(Settings, {"data": str(file), "target": "large"}), BuildContext())
    assert experiment.facts["columns"] == ["size"] and experiment.facts["classes"] == ["no", "yes"]
    assert any("color" in note and "takes numbers only" in note for note in experiment.notes)


def test_more_than_two_classes_have_a_softmax(tmp_path):
    run, events = train(tmp_path, data="iris", epochs=12)
    assert run.results["test"]["accuracy"] > 0.85 and run.results["parameters"] == 15
    answers = run.predict([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])
    assert [one.label for one in answers] == ["setosa", "virginica"]
    assert sum(answers[0].probabilities.values()) == pytest.approx(1, abs=1e-5)
    text = next(event["text"] for event in events if event["kind"] == "text")
    assert text.count("-> 0.33") == 3


def test_images_have_a_preset_of_their_own(tmp_path):
    settings = resolve(Settings, {"data": "fashion-mnist", "epochs": 3})
    chosen = perceptron.complete(settings, BuildContext(runs_folder=tmp_path))
    assert (chosen.preset, chosen.epochs, chosen.batch_size, chosen.optimizer) == ("images", 3, 250, "adam")
    assert perceptron.complete(resolve(Settings, {}), BuildContext(runs_folder=tmp_path)) == resolve(Settings, {})
    experiment = perceptron.build(resolve(Settings, {"preset": "images", "limit": 300}), BuildContext())
    assert experiment.learner.network(next(iter(experiment.train.batches(1))).inputs).shape == (250, 10)


@pytest.mark.parametrize("classes", [2, 3])
def test_answers_about_images_are_exported_with_a_dynamic_batch(classes):
    facts = {"input": [1, 6, 6], "classes": list("abc")[:classes], "mean": [0.3], "std": [0.2]}
    settings = resolve(Settings, {})
    network = set_random_weights(model(settings, facts))
    module = perceptron.answering(network, settings, facts)
    images = torch.randint(0, 256, (5, 6, 6, 1), dtype=torch.uint8)
    program = torch.export.export(module, (images[:3],), dynamic_shapes=({0: torch.export.Dim("batch")},)).module()
    assert module(images).shape == (5, 1 if classes == 2 else classes)
    for some in (images[:2], images):
        torch.testing.assert_close(program(some), module(some))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_answers_about_rows_are_exported_with_a_dynamic_batch(activation, loss):
    facts = {**EXAMPLE_FACTS, "mean": [30.0, 60.0], "std": [20.0, 25.0]}
    settings = resolve(Settings, {"activation": activation, "loss": loss})
    module = perceptron.answering(set_random_weights(model(settings, facts)), settings, facts)
    rows = torch.tensor([[35.0, 70.0], [8.0, float("nan")], [50.0, 60.0]], dtype=torch.float64)
    program = torch.export.export(module, (rows[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},)).module()
    torch.testing.assert_close(program(rows), module(rows))


def set_random_weights(network):
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return network


RUNS = {"people": {"limit": 60}, "iris": {"data": "iris"}, "images": {"data": "fashion-mnist", "limit": 200}}


@pytest.mark.parametrize("data", RUNS)
def test_it_resumes_to_the_same_bits_and_its_verbs_work(data, tmp_path, capsys):
    run = check_resume("perceptron", tmp_path, **RUNS[data])
    if data == "images":
        inputs = [tmp_path / "black.png", tmp_path / "white.png"]
        for path, value in zip(inputs, (0, 255)):
            Image.new("L", (28, 28), value).save(path)
    else:
        inputs = [",".join(f"{name}={value}" for name in run.facts["columns"]) for value in (1, 30)]
    check_predictions(run, inputs, capsys)


def test_steps_are_shown_for_whole_batches_only():
    with pytest.raises(SettingsError, match="whole batches"):
        perceptron.build(resolve(Settings, {"show_steps": 4, "shards": 2}), BuildContext())
