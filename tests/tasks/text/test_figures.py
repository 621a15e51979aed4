"""The figures and tables of a report on texts."""

from __future__ import annotations

import json

import pytest

from tests.helpers.texts import train_reviews


def tables(run):
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text("utf-8").splitlines()]
    return {event["name"]: event for event in events if event["kind"] == "table"}


def test_a_classifier_has_confusion_classes_mistakes_baselines_and_attention(run):
    names = {path.name for path in (run.path / "figures").iterdir()}
    assert {"confusion-final.svg", "attention-final.svg"} <= names
    found = tables(run)
    assert {"classes", "mistakes", "baselines"} <= set(found)
    own, tfidf, svm = found["baselines"]["rows"]
    assert own[1] == pytest.approx(run.results["test"]["accuracy"], abs=1e-4) and tfidf[1] > 0.9 and svm[1] > 0.9
    assert "wonderful" in (run.path / "figures" / "attention-final.svg").read_text("utf-8")


def test_several_labels_have_a_table_by_label(tmp_path):
    run = train_reviews(tmp_path, several=True, epochs=1)
    found = tables(run)
    assert [row[0] for row in found["classes"]["rows"]] == ["bad", "film", "good"] and "mistakes" not in found
    assert found["baselines"]["columns"][1] == "F1"
    assert found["baselines"]["rows"][0][1] == pytest.approx(run.results["test"]["f1"], abs=1e-4)
