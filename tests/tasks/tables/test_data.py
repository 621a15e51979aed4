"""Reading a table: splits, encoded targets, facts, and how long to train on it."""

from __future__ import annotations

import pytest
import torch

import axone
from axone.data.tables.load import load_table
from axone.engine.context import IN_MEMORY, BuildContext
from axone.errors import DataError, DataNote, RunError
from axone.runs import folder
from axone.settings import resolve
from axone.systems import mlp
from axone.tasks.tables.data import (
    default_batch_size,
    default_steps,
    encode_targets,
    fit_targets,
    read_table,
    split_rows,
)
from tests.helpers.data.tables import QUICK, make_passengers


def read(frame, facts=None, **changes):
    settings = resolve(mlp.Settings, {"data": IN_MEMORY, **changes})
    return read_table(settings, BuildContext(data=frame, facts=facts))


def test_splits_are_disjoint_and_stratified():
    table = load_table(make_passengers().drop("fare"), "pays")
    splits = split_rows(table, resolve(mlp.Settings, {"test": 0.25, "validation": 0.2}), BuildContext())
    assert sorted(torch.cat(list(splits.values())).tolist()) == list(range(240))
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [144, 36, 60]
    share = table.targets.float().mean()
    for rows in splits.values():
        assert float(table.targets[rows].float().mean()) == pytest.approx(float(share), abs=0.02)
    limited = split_rows(table, resolve(mlp.Settings, {"test": 0.25, "validation": 0.2, "limit": 50}), BuildContext())
    assert len(limited["train"]) == 50 and torch.equal(limited["test"], splits["test"])


def test_numbers_are_standardized_over_the_training_rows():
    table = load_table(make_passengers().drop("pays"), "fare")
    rows = torch.arange(100)
    targets = fit_targets(table, rows)
    encoded = encode_targets(table, targets)
    assert encoded.dtype == torch.float32
    assert float(encoded[rows].mean()) == pytest.approx(0, abs=1e-5)
    assert float(encoded[rows].std(correction=0)) == pytest.approx(1, abs=1e-5)
    restored = encoded.double() * targets[0]["std"] + targets[0]["mean"]
    torch.testing.assert_close(restored, table.targets, rtol=1e-5, atol=1e-6)


def test_streams_contain_the_rows_of_their_splits():
    data = read(make_passengers().drop("fare"), target="pays", validation=0.0)
    assert data.evaluation_stream("validation") is None
    assert torch.equal(data.evaluation_stream("test").indices, data.splits["test"])
    train = data.training_stream(32, seed=0)
    assert train.samples == len(train) * 32 <= data.facts["samples"]["train"]
    assert data.facts["classes"] == ["no", "yes"] and data.facts["task"] == "table-classification"
    assert data.notes and data.report


def test_facts_of_a_run_prescribe_the_encoding():
    data = read(make_passengers().drop("fare"), target="pays")
    other = make_passengers(100, seed=4).drop("fare")
    again = read(other, data.facts, target="pays")
    assert again.facts["columns"] == data.facts["columns"] and again.facts["targets"] == data.facts["targets"]
    assert again.facts["fingerprint"] != data.facts["fingerprint"]
    with pytest.raises(DataError, match="no column"):
        read(other.drop("noise"), data.facts, target="pays")


def test_kinds_of_columns_can_be_prescribed():
    data = read(make_passengers().drop("fare"), target="pays", columns="noise=drop,age=category")
    assert {fact["name"]: fact["kind"] for fact in data.facts["columns"]} == {"age": "category", "town": "category"}
    assert data.facts["not_used"] == ["noise"]


def test_larger_tables_get_more_steps_and_larger_batches():
    few, medium, many, most = (default_steps(rows, 400) for rows in (100, 2000, 20_000, 1_000_000))
    assert few == medium < many < most
    assert [default_batch_size(rows) for rows in (1, 600, 2000, 10**6)] == [32, 32, 128, 256]


def test_a_run_is_evaluated_on_its_own_and_on_other_rows(tmp_path):
    path = tmp_path / "passengers.csv"
    make_passengers().drop("fare").write_csv(path)
    run = axone.train("mlp", data=str(path), target="pays", runs_folder=tmp_path, **QUICK)
    assert run.results["test"]["accuracy"] > 0.85
    assert run.evaluate() == {name: pytest.approx(run.results[name]) for name in ("validation", "test")}
    others = make_passengers(100, seed=9).drop("fare")
    metrics, notes = run.evaluate_with_notes(others)
    assert metrics["test"]["accuracy"] > 0.7 and metrics["validation"] == {}
    assert notes[0].startswith("All 100 rows are measured: ")
    with pytest.raises(DataError, match="no column"):
        run.evaluate(data=others.drop("noise"))
    with pytest.warns(DataNote, match="no column 'town': its values count as missing"):
        assert run.evaluate(data=others.drop("town"))["test"]["accuracy"] < 1


def test_a_run_resumes_to_the_same_bits_with_the_same_data_only(tmp_path):
    options = {**QUICK, "epochs": 6, "schedule": "constant", "dropout": 0.2}
    whole = axone.train("mlp", data=make_passengers(), target="pays", runs_folder=tmp_path, **options)
    part = axone.train("mlp", data=make_passengers(), target="pays", runs_folder=tmp_path, **{**options, "epochs": 3})
    resumed = axone.resume(part.path, data=make_passengers(), epochs=6)
    assert resumed.results["weights_sha256"] == whole.results["weights_sha256"]
    with pytest.raises(RunError, match="not those that this run was trained on"):
        axone.resume(folder.find(part.path.name, tmp_path), data=make_passengers(seed=1), epochs=8)
    with pytest.raises(DataError, match="data in memory"):
        part.evaluate()
