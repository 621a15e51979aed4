"""Inputs that people bring: each kind of table, image folder and mesh is read right, or answered with what to do.

The tests use the command line with default settings, as a new user would.
"""

from __future__ import annotations

import json
from pathlib import Path

import polars
import pytest
import torch

from axone.cli import main
from axone.data.tables.load import load_table
from axone.data.voxels.meshes import voxelize
from tests.helpers.data import cases

WRITTEN = ["plain", "comma", "currency"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return cases.write_tables(tmp_path_factory.mktemp("tables"))


class CommandLine:
    """Runs `axone` in a folder, and keeps what it printed."""

    def __init__(self, folder: Path, capsys) -> None:
        self.runs = ["--runs-folder", str(folder / "runs"), "--language", "en"]
        self.capsys = capsys
        self.printed = ""

    def __call__(self, *words: object, code: int = 0) -> dict:
        """Run a command that must end with `code`; return the object of --json."""
        self.capsys.readouterr()
        actual = main([str(word) for word in (*words, "--json", *self.runs)])
        output = self.capsys.readouterr()
        self.printed = output.err
        assert actual == code, self.printed
        return json.loads(output.out.splitlines()[-1])


@pytest.fixture
def axone(tmp_path, capsys):
    return CommandLine(tmp_path, capsys)


@pytest.fixture(scope="module")
def plain(tables, tmp_path_factory):
    """A run of plain.csv."""
    folder = tmp_path_factory.mktemp("plain")
    words = [
        "train",
        "mlp",
        "--data",
        str(tables / "plain.csv"),
        "--target",
        "band",
        "--name",
        "plain",
        "--epochs",
        "40",
    ]
    assert main([*words, "--runs-folder", str(folder)]) == 0
    return folder / "mlp" / "plain"


def values(table) -> list[list]:
    return [table.features[name].to_list() for name in table.features.columns]


# Tables


def test_plain_is_learned(plain):
    assert json.loads((plain / "done.json").read_text())["test"]["accuracy"] == 1.0


@pytest.mark.parametrize("name", ["european.csv", "separator_line.csv", "title_first.csv"])
def test_the_same_table_written_otherwise_has_the_same_numbers(tables, name):
    reference, other = (load_table(tables / file, "band") for file in ("plain.csv", name))
    assert other.features.equals(reference.features) and torch.equal(other.targets, reference.targets)
    assert other.classes == reference.classes
    if name != "european.csv":
        assert any("skipped" in note for note in other.notes)


@pytest.mark.parametrize("name", ["thousands.tsv", "quoted_target.csv"])
def test_thousands_in_a_target_are_numbers(tables, name):
    plain = load_table(tables / "plain.csv", "band")
    table = load_table(tables / name, "rent")
    assert table.task == "regression"
    rent = 200 + 12 * torch.tensor(plain.features["area"].to_list(), dtype=torch.float64)
    assert (table.targets[:, 0] - rent).abs().max() <= 0.5 and table.targets.min() > 400


@pytest.mark.parametrize("written", WRITTEN)
def test_rows_written_in_another_way_get_the_same_answers(tables, plain, axone, written):
    reference = axone("predict", plain, tables / "ask_plain.csv")["predictions"]
    answers = axone("predict", plain, tables / f"ask_{written}.csv")["predictions"]
    labels = [answer["label"] for answer in answers]
    assert labels[:2] == ["low", "high"] and labels[3] == "high"
    assert [answer["probability"] for answer in answers] == [answer["probability"] for answer in reference]


def test_a_test_table_with_currency_is_measured(tables, plain, axone):
    assert axone("evaluate", plain, "--data", tables / "test_currency.csv")["test"]["accuracy"] == 1.0


def test_one_column_more_than_the_model_knows_is_named_once(tables, plain, axone):
    (answer,) = axone("predict", plain, tables / "ask_extra.csv")["predictions"]
    assert answer["label"] == "low" and axone.printed.count("customer") == 1


def test_an_unnamed_column_that_counts_the_rows_is_left_out(tables):
    table, reference = (load_table(tables / name, "band") for name in ("with_index.csv", "plain.csv"))
    assert table.features.equals(reference.features)
    assert any("column 1" in note for note in table.notes)


def test_a_boolean_is_one_level_whatever_the_format(tables, axone, tmp_path):
    run = axone("train", "mlp", "--data", tables / "bool.csv", "--target", "state", "--epochs", "5")["run"]
    frame = polars.read_csv(tables / "bool.csv")
    assert frame["smoker"].dtype == polars.Boolean
    frame.write_parquet(tmp_path / "bool.parquet")
    assert axone("evaluate", run, "--data", tmp_path / "bool.parquet")["test"]["accuracy"] == 1.0
    csv, parquet = (
        axone("predict", run, path)["predictions"] for path in (tables / "bool.csv", tmp_path / "bool.parquet")
    )
    assert [row["probability"] for row in csv] == [row["probability"] for row in parquet]
    assert not any("note" in row for row in parquet)


def test_a_code_is_one_level_whether_written_as_1_or_as_1_0(tables, axone):
    words = ["--target", "kind", "--columns", "code=category", "--epochs", "20"]
    run = axone("train", "mlp", "--data", tables / "code_float.csv", *words)["run"]
    assert axone("evaluate", run, "--data", tables / "code_test.csv")["test"]["accuracy"] == 1.0
    assert not any("note" in row for row in axone("predict", run, tables / "code_test.csv")["predictions"])


def test_percentages_and_prices_are_numbers(tables, axone):
    table = load_table(tables / "percent.csv", "result")
    assert [column.kind for column in table.columns] == ["number", "number"]
    assert table.features["share"].max() == 100 and table.features["price"].max() > 5000
    assert (
        axone("train", "mlp", "--data", tables / "percent.csv", "--target", "result", "--epochs", "40")["test"][
            "accuracy"
        ]
        == 1.0
    )


def test_dotted_dates_are_dates(tables):
    table = load_table(tables / "dates_dotted.csv", "age")
    assert [column.kind for column in table.columns] == ["date", "number"]
    iso = load_table(tables / "dates_one_slip.csv", "age")
    same = [row for row, value in enumerate(iso.features["day"].to_list()) if value is not None]
    assert table.features["day"][same].to_list() == iso.features["day"][same].to_list()


def test_one_word_among_dates_is_missing_and_said(tables):
    table = load_table(tables / "dates_one_slip.csv", "age")
    assert table.features["day"].null_count() == 1 and table.rows == cases.ROWS
    assert any("unknown yet" in note and "day" in note for note in table.notes)


def test_the_class_na_stays_a_class_or_is_named(tables):
    table = load_table(tables / "na_class.csv", "region")
    said = any("NA" in note and "--missing" in note for note in table.notes)
    assert table.classes == ("AS", "EU", "NA") or said
    assert load_table(tables / "na_class.csv", "region", missing="").classes == ("AS", "EU", "NA")


# Images


@pytest.mark.parametrize("name", ["kelvin", "unit_over", "thermal16"])
def test_one_scale_for_the_folder_is_used_by_predict(axone, tmp_path, name):
    folder = cases.write_scales(tmp_path, name)
    results = axone("train", "cnn", "--data", folder)
    assert results["test"]["accuracy"] > 0.95
    files = [folder / label / f"{number:02d}{suffix}" for label in ("cool", "warm") for number in range(4)
             for suffix in (".tif", ".png")]  # fmt: skip
    answers = axone("predict", results["run"], *[file for file in files if file.exists()])["predictions"]
    assert [answer["label"] for answer in answers] == ["cool"] * 4 + ["warm"] * 4


def test_what_is_cut_away_from_wide_images_is_said_and_can_be_kept(axone, tmp_path):
    folder = cases.write_wide(tmp_path)
    results = axone("train", "cnn", "--data", folder)
    assert results["test"]["accuracy"] > 0.95 or "--fit" in axone.printed
    assert axone("train", "cnn", "--data", folder, "--fit", "stretch")["test"]["accuracy"] > 0.95


def test_the_layout_of_anomaly_detection_reports_each_kind_of_fault(axone, tmp_path):
    results = axone("train", "autoencoder", "--data", cases.write_bottle(tmp_path))
    faults = {name: value for name, value in results["test"].items() if name.startswith("auc")}
    assert set(faults) == {"auc", "auc:crack", "auc:dirt"}
    assert all(0.9 < value <= 1 for value in faults.values())


def test_classes_by_day_are_four_classes(axone, tmp_path):
    folder = cases.write_colors(tmp_path / "by_day", cases.COLORS, each=12, subfolders=("monday", "tuesday"))
    results = axone("train", "cnn", "--data", folder)
    facts = json.loads((Path(results["run"]) / "facts.json").read_text())
    assert facts["classes"] == sorted(cases.COLORS) and sum(facts["samples"].values()) == 96


def test_evaluate_names_the_classes_that_other_data_lack(axone, tmp_path):
    run = axone("train", "cnn", "--data", cases.write_colors(tmp_path / "four", cases.COLORS, each=24))["run"]
    two = cases.write_colors(tmp_path / "two_of_four", ("bee", "dog"), each=8)
    assert axone("evaluate", run, "--data", two)["test"]["accuracy"] > 0.95
    assert "ant" in axone.printed and "cat" in axone.printed


# Meshes


def test_split_vertices_are_the_same_solid(tmp_path):
    (shared, shared_closed), (split, split_closed) = (voxelize(path, 24) for path in cases.write_vases(tmp_path))
    assert shared_closed and split_closed
    assert shared.sum() == split.sum() > 0 and (shared == split).all()
