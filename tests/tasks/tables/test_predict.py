"""Predictions for rows: the same for every form of input, exported, and with errors and notes where they are due."""

from __future__ import annotations

import json

import numpy as np
import polars
import pytest
import torch

import axone
from axone.cli import main
from axone.data.tables.columns import raw_values
from axone.data.tables.files import read_content
from axone.data.tables.known_columns import read_known_columns
from axone.errors import DataError, DataNote
from axone.settings import resolve
from axone.systems import mlp
from axone.tasks.tables.predict import Estimate, TableAnswering, answer_frame, rank_classes
from tests.helpers.data.tables import CATEGORY, NUMBER, QUICK, make_passengers


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def classifier(runs, tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "passengers.csv"
    make_passengers().drop("fare").write_csv(path)
    return axone.train("mlp", data=str(path), target="pays", runs_folder=runs, **QUICK)


def test_every_form_of_input_gets_the_same_answer(classifier, tmp_path):
    rows = make_passengers(30, seed=5).select("age", "town", "noise")
    rows.write_csv(tmp_path / "new.csv")
    rows.write_parquet(tmp_path / "new.parquet")
    expected = classifier.predict(rows)
    assert len(expected) == 30
    files = tmp_path / "new.csv", str(tmp_path / "new.parquet")
    for source in (rows.to_dicts(), rows.select("noise", "town", "age"), *files):
        answers = classifier.predict(source)
        assert [answer.label for answer in answers] == [answer.label for answer in expected]
        probabilities = [answer.probability for answer in answers]
        assert probabilities == pytest.approx([answer.probability for answer in expected], abs=1e-5)
    single = classifier.predict(rows.to_dicts()[3])
    assert single.label == expected[3].label
    assert single.probability == pytest.approx(expected[3].probability, abs=1e-5)


def test_values_unseen_in_training_are_answered_and_noted(classifier):
    rows = [{"age": 30, "town": town, "noise": 0} for town in ("north", "moon")]
    known, unknown = classifier.predict(rows)
    assert known.note == "" and "town = moon" in unknown.note
    assert "never seen in training: town = moon" in unknown.text()
    assert 0 <= unknown.probability <= 1


def test_missing_values_are_answered(classifier):
    answer = classifier.predict({"age": None, "town": "", "noise": "NA"})
    assert answer.label in ("yes", "no") and answer.note == "missing, unlike in training: noise"


def test_missing_and_unknown_columns_are_named(classifier):
    with pytest.raises(DataError, match=r"no column 'noise'. Is it 'noises'"):
        classifier.predict({"age": 30, "noises": 0, "town": "north"})
    with pytest.warns(DataNote, match="it is ignored: 'color'"):
        assert classifier.predict({"age": 30, "noise": 0, "town": "north", "color": "red"}).label == "yes"
    assert classifier.predict({"noise": 0, "town": "north"}).label in ("yes", "no")  # ages were missing in training
    assert classifier.predict({"age": 30, "noise": 0, "town": "north", "pays": "?"}).label == "yes"
    answers = classifier.predict_each([{"age": 1}, {"age": 30, "noise": 0, "town": "north"}])
    assert isinstance(answers[0], DataError) and answers[1].label == "yes"


def test_the_command_line_prints_answers_and_notes(classifier, tmp_path, capsys):
    make_passengers(3, seed=5).select("age", "town", "noise").write_csv(tmp_path / "new.csv")
    assert main(["predict", str(classifier.path), str(tmp_path / "new.csv"), "age=30,town=moon,noise=0"]) == 0
    printed = capsys.readouterr().out
    assert "new.csv, row 3: " in printed and "never seen in training: town = moon" in printed


def test_the_accuracy_of_predictions_is_the_accuracy_of_the_evaluation(classifier):
    frame = make_passengers().drop("fare")
    answers = classifier.predict(frame.drop("pays"))
    accuracy = np.mean([answer.label == label for answer, label in zip(answers, frame["pays"], strict=True)])
    evaluated = classifier.evaluate()
    samples = classifier.facts["samples"]
    held_out = sum(evaluated[name]["accuracy"] * samples[name] for name in ("validation", "test"))
    trained = accuracy * len(frame) - held_out
    assert trained == pytest.approx(round(trained), abs=1e-3) and trained / samples["train"] > 0.85


@pytest.mark.parametrize("network", ["dense", "ensemble"])
def test_numbers_are_predicted_in_the_unit_of_the_target(runs, network):
    frame = make_passengers().drop("pays")
    run = axone.train("mlp", data=frame, target="fare", network=network, runs_folder=runs, **QUICK)
    assert run.results["test"]["mean_absolute_error"] < 0.5
    answer = run.predict({"age": 39, "town": "north", "noise": 0})
    assert answer.value == pytest.approx(3.4, abs=0.8) and list(answer.values) == ["fare"]
    assert answer.text().startswith("fare ") and answer.to_json() == {"values": answer.values}


def test_several_targets_are_predicted_at_once(runs):
    frame = make_passengers().drop("pays").with_columns(double=2 * polars.col("fare"))
    run = axone.train("mlp", data=frame, target="fare,double", runs_folder=runs, **QUICK)
    answers = run.predict(frame.drop("fare", "double").head(20))
    values = np.array([[2 * answer.values["fare"], answer.values["double"]] for answer in answers])
    assert np.corrcoef(values.T)[0, 1] > 0.9


COLUMNS = {
    "numbers": [{**NUMBER, "missing": True, "center": 10.0, "scale": 0.5}],
    "categories": [CATEGORY, {**CATEGORY, "name": "x"}],
    "both": [NUMBER, CATEGORY],
}


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("classes", [[], ["a", "b"], ["a", "b", "c"]], ids=["regression", "two", "three"])
@pytest.mark.parametrize("network", ["dense", "ensemble"])
def test_answers_are_exported_with_a_dynamic_batch(columns, classes, network):
    facts = {"columns": COLUMNS[columns], "classes": classes, "targets": [{"name": "y", "mean": 3.0, "std": 2.0}]}
    settings = resolve(mlp.Settings, {"network": network, "units": (8,), "members": 3})
    module = mlp.answering(mlp.model(settings, facts), settings, facts)
    frame = polars.DataFrame({"n": [1.0, None, -5.0, 700.0, 2.0], "w": ["u", "v", None, "?", "u"], "x": ["v"] * 5})
    known = read_known_columns(read_content(frame.select(fact["name"] for fact in facts["columns"])), facts)
    inputs = raw_values(known.frame, facts["columns"])
    batch = torch.export.Dim("batch", min=1)
    exported = torch.export.export(
        module, tuple(part[:3] for part in inputs), dynamic_shapes=({0: batch}, {0: batch})
    ).module()
    for rows in (1, 5):
        some = tuple(part[:rows] for part in inputs)
        expected, answer = module(*some), exported(*some)
        torch.testing.assert_close(answer, expected, rtol=1e-6, atol=1e-7)


def test_a_row_is_answered_in_float64_whatever_the_other_rows():
    facts = {"columns": COLUMNS["both"], "classes": ["a", "b", "c"], "targets": [{"name": "y", "mean": 0, "std": 1}]}
    network = mlp.model(resolve(mlp.Settings, {"network": "ensemble"}), facts)
    frame = polars.DataFrame({"n": np.linspace(-3, 3, 50), "w": ["u", "v"] * 25})
    together, labels = answer_frame(network, facts, frame, exact=True)
    assert together.dtype == torch.float64 and torch.equal(labels, together.argmax(1))
    single = torch.cat([answer_frame(network, facts, frame[row], exact=True)[0] for row in range(50)])
    torch.testing.assert_close(single, together, rtol=1e-12, atol=0)
    assert next(network.parameters()).dtype == torch.float32  # a copy was converted


def test_the_threshold_decides_between_two_classes():
    facts = {"columns": [NUMBER], "classes": ["a", "b"], "targets": [{"name": "y", "mean": 0.0, "std": 1.0}]}
    network = mlp.model(resolve(mlp.Settings, {}), facts)
    network.get_buffer("threshold").fill_(0.9)
    numbers = torch.linspace(-100, 100, 41, dtype=torch.float64)[:, None]
    probabilities, labels = TableAnswering(network, facts)(numbers, torch.zeros(41, 0, dtype=torch.int64))
    assert torch.equal(labels, (probabilities[:, 1] >= torch.tensor(0.9)).long())


def test_the_predicted_class_is_ranked_first():
    answer = rank_classes([0.2, 0.5, 0.3], 1, "abc")
    assert list(answer.probabilities) == ["b", "c", "a"] and answer.label == "b"
    below_threshold = rank_classes([0.4, 0.6], 0, "ab", "note")
    assert below_threshold.top(2) == [("a", 0.4), ("b", 0.6)] and below_threshold.note == "note"


def test_an_estimate_is_an_answer():
    answer = Estimate({"price": 2.5, "size": 1.0}, "never seen")
    assert answer.text() == "price 2.5, size 1  (never seen)" and answer.value == 2.5
    assert json.loads(json.dumps(answer.to_json())) == {"values": {"price": 2.5, "size": 1.0}, "note": "never seen"}
    assert answer.files() == {}
