"""Anomaly detection: which classes are anomalies, areas under the ROC curve, and the layout train/good, test/crack."""

import shutil

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

import axone
from axone.errors import DataError
from axone.metrics import format_value, higher_is_better, label
from axone.tasks.reconstruction.anomalies import describe_anomalies, find_anomalies, measure_anomalies

CLASSES = ["crack", "dirt", "good"]


def test_areas_are_those_of_scikit_learn():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 300)
    scores = np.round(generator.normal(0, 1, 300) + np.array([1.5, 0.2, 0])[labels], 1)  # with ties
    areas = measure_anomalies(scores, labels, CLASSES, ["crack", "dirt"])
    assert areas["auc"] == pytest.approx(roc_auc_score(labels != 2, scores))
    for number, name in enumerate(CLASSES[:2]):
        chosen = (labels == number) | (labels == 2)
        assert areas[f"auc:{name}"] == pytest.approx(roc_auc_score(labels[chosen] == number, scores[chosen]))


def test_without_examples_of_both_kinds_there_is_no_area():
    scores = np.arange(3.0)
    assert measure_anomalies(scores, np.array([0, 0, 1]), CLASSES, ["crack", "dirt"]) == {}
    assert measure_anomalies(scores, np.array([2, 2, 2]), CLASSES, ["crack", "dirt"]) == {}
    assert measure_anomalies(scores, np.array([0, 2, 2]), CLASSES, ["crack", "dirt"]).keys() == {"auc", "auc:crack"}


def test_anomalies_are_the_classes_that_training_did_not_see():
    assert find_anomalies(CLASSES, None, ["dirt", "crack"]) == ["crack", "dirt"]
    assert find_anomalies(["cut", "good"], {"trained_classes": ["good"]}, []) == ["cut"]
    assert find_anomalies(["cut", "good"], {"trained_classes": []}, []) == ["cut"]  # by its usual name
    assert find_anomalies(["cut", "hole"], {}, []) == []
    assert describe_anomalies(["crack"], {"crack": 8}).endswith("crack (8).")


def test_a_metric_of_a_part_of_the_data_has_the_label_of_the_metric_and_the_name_of_the_part():
    assert label("auc:deep crack") == "area under the ROC curve (deep crack)"
    assert higher_is_better("auc:crack") and format_value("auc:crack", 0.5).startswith("50.00")


def write_bottles(root, seed=0):
    """Write a data set of smooth images without a fault, and test images with two kinds of faults."""
    generator = np.random.default_rng(seed)
    for place, count in (("train/good", 24), ("test/good", 6), ("test/crack", 6), ("test/dirt", 6)):
        (root / place).mkdir(parents=True)
        for number in range(count):
            image = np.clip(120 + generator.normal(0, 5, (16, 16)), 0, 255)
            if place == "test/crack":
                image[7:9] = 255
            if place == "test/dirt":
                image[3:8, 3:8] = 0
            Image.fromarray(image.astype(np.uint8)).save(root / place / f"{number:03d}.png")
    (root / "ground_truth" / "crack").mkdir(parents=True)
    Image.new("L", (16, 16)).save(root / "ground_truth" / "crack" / "000_mask.png")
    (root / "license.txt").write_text("CC BY-NC-SA 4.0")
    return root


@pytest.fixture(scope="module")
def bottles(tmp_path_factory):
    return write_bottles(tmp_path_factory.mktemp("bottles") / "bottle")


@pytest.fixture(scope="module")
def run(bottles, tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    return axone.train("autoencoder", data=str(bottles), runs_folder=place, epochs=3, channels=(4, 8), dense=(16,),
                       latent=4, threads=1, verbose=False)  # fmt: skip


def test_a_training_on_images_without_faults_reports_an_area_for_each_fault(run, bottles):
    test = run.results["test"]
    assert test.keys() == {"loss", "auc", "auc:crack", "auc:dirt"} and min(test["auc"], test["auc:crack"]) > 0.95
    assert run.facts["trained_classes"] == ["good"] and run.facts["samples"]["test"] == 18
    files = sorted((bottles / "test").rglob("*.png"))
    scores = [answer.anomaly_score for answer in run.predict(files)]
    faulty = [path.parent.name != "good" for path in files]
    assert test["auc"] == pytest.approx(roc_auc_score(faulty, scores), abs=1e-6)
    assert run.evaluate(verbose=False)["test"] == pytest.approx(test, rel=1e-4)
    page = (run.path / "report.html").read_text("utf-8")
    assert "area under the ROC curve (crack)" in page and "all anomalies" in page


def test_other_data_with_a_new_fault_are_measured(run, bottles, tmp_path):
    shutil.copytree(bottles / "test", tmp_path / "new")
    (tmp_path / "new" / "crack").rename(tmp_path / "new" / "cut")
    metrics, notes = run.evaluate_with_notes(tmp_path / "new", verbose=False)
    assert metrics["test"].keys() == {"loss", "auc", "auc:cut", "auc:dirt"}
    assert metrics["test"]["auc:cut"] == pytest.approx(run.results["test"]["auc:crack"], abs=1e-6)
    assert notes[0].startswith("All 18 images are measured: the folder")


def test_a_classifier_refuses_the_layout_and_names_the_autoencoder(bottles, tmp_path):
    with pytest.raises(DataError) as refused:
        axone.train("cnn", data=str(bottles), runs_folder=tmp_path, verbose=False)
    assert "axone train autoencoder --data" in refused.value.hint
