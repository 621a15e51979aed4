"""Predicting a column: from rows of any kind to answers, the same ones however they are asked for."""

from __future__ import annotations

import numpy as np
import polars
import pytest
import torch

import axone
from axone.errors import DataError, RunError
from axone.runs import folder
from axone.tasks.tables.learner import joined


def people(rows=240, seed=0):
    """Rows whose target depends on a number, a word and, a little, on what is missing."""
    rng = np.random.default_rng(seed)
    age, town = rng.uniform(0, 40, rows), rng.choice(["north", "south", "west"], rows)
    pays = (age > 18) & (town != "west")
    return polars.DataFrame(
        {
            "age": [None if k % 11 == 0 else float(a) for k, a in enumerate(age)],
            "town": [None if k % 13 == 0 else str(t) for k, t in enumerate(town)],
            "noise": rng.standard_normal(rows),
            "fare": np.where(pays, 2.5 + age / 40, 0.5),
            "pays": ["yes" if p else "no" for p in pays],
        },
        strict=False,
    )


QUICK = {"units": (16,), "members": 4, "epochs": 40, "batch_size": 32, "threads": 1, "device": "cpu"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def classified(runs, tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "people.csv"
    people().drop("fare").write_csv(path)
    return axone.train("mlp", data=str(path), target="pays", runs_folder=runs, **QUICK)


def test_it_learns_and_the_report_shows_how(classified):
    assert classified.results["test"]["accuracy"] > 0.85
    page = (classified.path / "report.html").read_text("utf-8")
    for title in ("Confusion matrix", "ROC", "Precision and recall", "How sure it says it is", "Which columns",
                  "How the answer moves", "Where to draw the line"):  # fmt: skip
        assert title in page, title


def test_every_way_to_ask_gives_the_same(classified, tmp_path):
    rows = people(30, seed=5).select("age", "town", "noise")
    rows.write_csv(tmp_path / "new.csv")
    rows.write_parquet(tmp_path / "new.parquet")
    wanted = classified.predict(rows)
    assert len(wanted) == 30
    files = tmp_path / "new.csv", str(tmp_path / "new.parquet")
    for asked in (rows.to_dicts(), rows.select("noise", "town", "age"), *files):
        found = classified.predict(asked)
        assert [one.label for one in found] == [one.label for one in wanted]
        assert [one.probability for one in found] == pytest.approx([one.probability for one in wanted], abs=1e-5)
    one = classified.predict(rows.to_dicts()[3])
    assert one.label == wanted[3].label and one.probability == pytest.approx(wanted[3].probability, abs=1e-5)


def test_35_the_unseen_is_answered_and_flagged(classified):
    rows = [{"age": 30, "town": town, "noise": 0} for town in ("north", "moon")]
    known, strange = classified.predict(rows)
    assert known.note == "" and "town = moon" in strange.note
    assert 0 <= strange.probability <= 1


def test_missing_values_are_answered(classified):
    answer = classified.predict({"age": None, "town": "", "noise": "NA"})
    assert answer.label in ("yes", "no") and answer.note == ""


def test_36_missing_and_extra_columns_are_named(classified):
    with pytest.raises(DataError, match="no column 'town'"):
        classified.predict({"age": 30, "noise": 0})
    with pytest.raises(DataError, match="does not know: 'color'"):
        classified.predict({"age": 30, "noise": 0, "town": "north", "color": "red"})
    assert classified.predict({"age": 30, "noise": 0, "town": "north", "pays": "?"}).label == "yes"
    answers = classified.answers([{"age": 1}, {"age": 30, "noise": 0, "town": "north"}])
    assert isinstance(answers[0], DataError) and answers[1].label == "yes"


def test_it_is_measured_again_and_on_other_rows(classified, tmp_path):
    assert classified.evaluate() == {
        "validation": pytest.approx(classified.results["validation"]),
        "test": pytest.approx(classified.results["test"]),
    }
    others = people(100, seed=9).drop("fare")
    assert classified.evaluate(data=others)["test"]["accuracy"] > 0.7
    with pytest.raises(DataError, match="no column"):
        classified.evaluate(data=others.drop("town"))


def test_the_command_line_answers(classified, tmp_path, capsys):
    from axone.cli import main

    people(3, seed=5).select("age", "town", "noise").write_csv(tmp_path / "new.csv")
    assert main(["predict", str(classified.path), str(tmp_path / "new.csv"), "age=30,town=moon,noise=0"]) == 0
    told = capsys.readouterr().out
    assert "new.csv, row 3: " in told and "never seen in training: town = moon" in told


@pytest.mark.parametrize("network", ["chain", "ensemble"])
def test_numbers_are_predicted_in_their_own_unit(runs, network):
    run = axone.train("mlp", data=people().drop("pays"), target="fare", network=network, runs_folder=runs, **QUICK)
    assert run.results["test"]["error"] < 0.5
    answer = run.predict({"age": 39, "town": "north", "noise": 0})
    assert answer.value == pytest.approx(3.4, abs=0.8) and list(answer.values) == ["fare"]
    assert "fare" in answer.text()
    page = (run.path / "report.html").read_text("utf-8")
    assert "Residuals: fare" in page and "How far off" in page
    with pytest.raises(DataError, match="does not contain"):
        run.evaluate()


def test_two_targets(runs):
    frame = people().drop("pays").with_columns(double=2 * polars.col("fare"))
    run = axone.train("mlp", data=frame, target="fare,double", runs_folder=runs, **QUICK)
    found = run.predict(frame.drop("fare", "double").head(20))
    assert np.corrcoef([[2 * one.values["fare"] for one in found], [one.values["double"] for one in found]])[0, 1] > 0.9
    assert {"predicted", "predicted-2"} <= {path.name.rsplit("-", 1)[0] for path in (run.path / "figures").iterdir()}


@pytest.mark.parametrize("rule", ["f1", "balanced"])
def test_a_threshold_is_chosen_and_kept(runs, rule):
    frame = people(400).drop("fare")
    run = axone.train("mlp", data=frame, target="pays", threshold=rule, validation=0.3, runs_folder=runs, **QUICK)
    threshold = float(run.model.get_buffer("threshold"))
    assert 0 < threshold < 1 and threshold != 0.5
    for answer in run.predict(frame.drop("pays").head(50)):
        assert (answer.label == "yes") == (answer.probabilities["yes"] >= threshold)
        assert next(iter(answer.probabilities)) == answer.label
    assert any("used by this run" in str(event) for event in _events(run))


def _events(run):
    return (run.path / "events.jsonl").read_text("utf-8").splitlines()


def test_kinds_can_be_overruled(runs):
    frame, columns = people().drop("fare"), "noise=drop,age=category"
    run = axone.train("mlp", data=frame, target="pays", columns=columns, runs_folder=runs, **QUICK)
    assert {fact["name"]: fact["kind"] for fact in run.facts["columns"]} == {"age": "category", "town": "category"}
    assert run.facts["not_used"] == ["noise"]
    assert run.predict({"age": 30, "town": "north"}).label in ("yes", "no")


def test_it_resumes_to_the_same_bits(runs, monkeypatch):
    given = {**QUICK, "epochs": 6, "schedule": "constant", "dropout": 0.2}
    whole = axone.train("mlp", data=people(), target="pays", runs_folder=runs, **given)
    part = axone.train("mlp", data=people(), target="pays", runs_folder=runs, **{**given, "epochs": 3})
    again = axone.resume(part.path, data=people(), epochs=6)
    assert again.results["weights_sha256"] == whole.results["weights_sha256"]
    with pytest.raises(RunError, match="not those that this run was trained on"):
        axone.resume(folder.find(part.path.name, runs), data=people(seed=1), epochs=8)


def test_members_are_averaged_as_probabilities_or_values():
    answers = torch.tensor([[[0.0, 2.0], [3.0, -1.0]]])
    assert torch.allclose(joined(answers, True), answers.softmax(-1).mean(1))
    assert joined(answers, False).tolist() == [[1.5, 0.5]]
