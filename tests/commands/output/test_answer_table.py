"""`axone predict --out answers.csv`: the answers next to the rows, in every format, with notes and errors."""

import json

import polars
import pytest

import axone
from axone.cli import main
from axone.commands.output.answer_table import is_answer_table, write_answer_table
from axone.errors import DataError
from axone.tasks.answers import Prediction
from tests.helpers.data.tables import QUICK, make_passengers


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return axone.train("mlp", data=make_passengers().drop("fare"), target="pays", runs_folder=folder, **QUICK)


@pytest.mark.parametrize(
    ("name", "read"),
    [("a.csv", polars.read_csv), ("a.parquet", polars.read_parquet), ("a.jsonl", polars.read_ndjson)],
)
def test_rows_and_answers_are_one_table(run, tmp_path, capsys, name, read):
    rows = make_passengers(6, seed=5).select("noise", "age", "town").with_columns(customer=polars.lit("C"))
    rows.write_csv(tmp_path / "new.csv")
    out = tmp_path / "made" / name
    assert main(["predict", str(run.path), str(tmp_path / "new.csv"), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "" and "6 answers written" in printed.err and printed.err.count("'customer'") == 1
    table = read(out)
    assert table.columns[:6] == ["noise", "age", "town", "customer", "prediction", "probability"]
    assert table.columns[6:8] == ["probability of no", "probability of yes"]
    expected = run.predict(rows.drop("customer"))
    assert table["prediction"].to_list() == [answer.label for answer in expected]
    assert table["probability of yes"].to_list() == pytest.approx(
        [answer.probabilities["yes"] for answer in expected], abs=1e-6
    )


def test_rows_that_cannot_be_answered_keep_their_place(run, tmp_path, capsys):
    (tmp_path / "new.csv").write_text("age,town,noise\n30,north,0\n30,north,loud\n30,moon,0\n")
    out = tmp_path / "a.csv"
    assert main(["predict", str(run.path), str(tmp_path / "new.csv"), "--out", str(out), "--json"]) == 3
    table = polars.read_csv(out)
    assert table["prediction"].is_null().to_list() == [False, True, False]
    assert "row 2 (line 3): 'noise' is 'loud'" in table["error"][1] and "town = moon" in table["note"][2]
    assert json.loads(capsys.readouterr().out)["file"] == str(out)


def test_inputs_without_columns_have_their_name_and_columns_stay_unique(tmp_path):
    answer = Prediction("a", 0.75, {"a": 0.75, "b": 0.25})
    inputs = [("x.png", b""), ("row 2", {"prediction": 1})]
    write_answer_table(tmp_path / "a.csv", inputs, [answer, DataError("no image")], ["b", "a"])
    assert polars.read_csv(tmp_path / "a.csv").columns == [
        "input", "prediction", "prediction 2", "probability", "probability of b", "probability of a", "error",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("out", "is_table"), [("a.csv", True), ("b/a.JSONL", True), ("a.png", False), ("folder", False), (None, False)]
)
def test_the_ending_says_whether_a_table_is_written(out, is_table):
    assert is_answer_table(out) == is_table
