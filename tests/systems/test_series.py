"""Recurrent network on series: it learns, ignores padding, starts a forecast at the last value, and is used by name."""

from __future__ import annotations

import json
import math

import pytest
import torch

import axone
from axone.cli import main
from axone.data.series.generated import make_shapes
from axone.errors import DataError, DataNote, SettingsError
from axone.settings import resolve
from axone.systems import series
from axone.systems.series import Settings

FACTS = {**series.EXAMPLE_FACTS}
FORECAST = {
    "task": "series-forecast", "classes": [], "horizon": 3, "predicted": [0], "context": 8,
    "channels": [{"name": "x", "mean": 0.0, "std": 1.0, "missing": False},
                 {"name": "y", "mean": 0.0, "std": 1.0, "missing": True}],
}  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Fast and slow waves of one thing each, in long form with times out of order."""
    rows = ["name,t,x,kind"]
    for number in range(40):
        speed = (0.3, 0.9)[number % 2]
        rows += [f"s{number},{t},{math.sin(speed * t + number):.3f},{('slow', 'fast')[number % 2]}" for t in range(20)]
    path = tmp_path_factory.mktemp("table") / "waves.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="module")
def classifier(table, tmp_path_factory):
    return axone.train(
        "series", data=str(table), target="kind", units=16, epochs=12, batch_size=8, learning_rate=0.02, threads=1,
        runs_folder=tmp_path_factory.mktemp("runs"), device="cpu",
    )  # fmt: skip


def test_it_learns_classes_from_a_table(classifier):
    assert classifier.results["test"]["accuracy"] == 1.0
    assert classifier.facts["layout"]["series"] == "name" and classifier.facts["classes"] == ["fast", "slow"]


def test_series_of_a_file_are_answered_by_name(classifier, table, tmp_path, capsys):
    lines = table.read_text().splitlines()
    some = tmp_path / "some.csv"
    some.write_text("\n".join(line.rsplit(",", 1)[0] for line in lines[:41]) + "\n")  # two series, without their class
    assert main(["predict", str(classifier.path), str(some), "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)["predictions"]
    assert [one["input"].rpartition(", ")[2] for one in answers] == ["s0", "s1"]
    assert [one["label"] for one in answers] == ["slow", "fast"]
    assert [one.label for one in classifier.predict(str(some))] == ["slow", "fast"]
    assert main(["evaluate", str(classifier.path), "--data", str(table), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["test"]["accuracy"] > 0.95


def test_a_gap_where_training_saw_none_is_an_error_of_that_series(classifier):
    values = torch.sin(0.9 * torch.arange(20.0))[:, None]
    broken = values.clone()
    broken[3] = torch.nan
    answers = classifier.predict_each(classifier.read_inputs([values, broken])[0])
    assert answers[0].label == "fast" and isinstance(answers[1], DataError) and "step 4" in answers[1].what


def test_a_cell_that_is_no_number_is_said_at_use_time(classifier, table, tmp_path):
    lines = table.read_text().splitlines()[:21]
    some = tmp_path / "some.csv"
    some.write_text("\n".join([*lines[:5], lines[5].replace(lines[5].split(",")[2], "oops"), *lines[6:]]) + "\n")
    with pytest.warns(DataNote, match="'x': 1 value is not a number, in row 5"):
        inputs, _single = classifier.read_inputs(str(some))
    assert isinstance(classifier.predict_each(inputs)[0], DataError)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_series_has_the_same_answer_alone_and_in_any_batch(cell, bidirectional):
    torch.manual_seed(0)
    settings = resolve(Settings, {"cell": cell, "bidirectional": bidirectional, "units": 8, "layers": 2})
    network = series.model(settings, FACTS).eval()
    alone = torch.randn(1, 9, 1)
    batch = torch.cat([torch.cat([alone, torch.zeros(1, 11, 1)], 1), torch.randn(2, 20, 1)])
    together = network(batch, torch.tensor([9, 20, 15]))[:1]
    torch.testing.assert_close(network(alone, torch.tensor([9])), together, rtol=1e-5, atol=1e-5)


def test_a_forecast_starts_at_the_last_value():
    network = series.model(resolve(Settings), FORECAST)
    module = series.answering(network, resolve(Settings), FORECAST)
    values = torch.randn(2, 8, 2)
    values[0, -1, 0] = torch.nan  # then the last one that is known
    answer = module(values, torch.tensor([8, 8]))
    assert answer.shape == (2, 3, 1)
    assert torch.allclose(answer[0], values[0, -2, 0].expand(3, 1)) and torch.allclose(answer[1], values[1, -1, :1])


def test_a_forecast_beats_the_last_value(tmp_path, capsys):
    rows = ["t,x,y"] + [f"{t},{math.sin(t / 2):.4f},{math.cos(t / 3):.4f}" for t in range(300)]
    path = tmp_path / "curve.csv"
    path.write_text("\n".join(rows) + "\n")
    run = axone.train(
        "series", data=str(path), target="x", context=12, horizon=4, units=8, epochs=8, learning_rate=0.02, threads=1,
        runs_folder=tmp_path / "runs", device="cpu",
    )  # fmt: skip
    assert run.results["test"]["relative_error"] < 0.3
    assert main(["predict", str(run.path), str(path), "--out", str(tmp_path / "out")]) == 0
    assert "x " in capsys.readouterr().out
    written = sorted((tmp_path / "out").iterdir())
    assert [file.suffix for file in written] == [".csv", ".svg"] and written[0].read_text().startswith("step,x\n1,")
    following = math.sin(300 / 2)
    assert abs(run.predict(str(path))[0].values[0, 0] - following) < 0.3
    short = run.predict(torch.tensor([[0.0, 0.0], [0.1, 0.2], [0.3, 0.2]]))
    assert short.values.shape == (4, 1)


def test_a_classification_needs_classes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("t,x\n" + "".join(f"{t},{t}\n" for t in range(30)))
    with pytest.raises(SettingsError, match="--target COLUMN"):
        axone.train("series", data=str(path), task="classification", runs_folder=tmp_path, verbose=False)


def test_the_generated_shapes_are_learned_from_a_tenth(tmp_path):
    assert len(make_shapes()) == 900
    run = axone.train(
        "series", limit=120, epochs=15, batch_size=16, learning_rate=0.01, threads=1, runs_folder=tmp_path, device="cpu"
    )
    assert run.results["test"]["accuracy"] > 0.8
