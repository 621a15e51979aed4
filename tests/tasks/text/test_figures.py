"""The figures and tables of a report on texts."""

from __future__ import annotations

import json

import pytest

from tests.helpers.data.texts import train_reviews


def tables(run):
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text("utf-8").splitlines()]
    return {event["name"]: event for event in events if event["kind"] == "table"}


def test_a_classifier_has_confusion_classes_mistakes_baselines_and_attention(run):
    names = {path.name for path in (run.path / "figures").iterdir()}
    assert {"confusion-final.svg", "attention-final.svg"} <= names
    by_name = tables(run)
    assert {"classes", "mistakes", "baselines"} <= set(by_name)
    own, tfidf, svm = by_name["baselines"]["rows"]
    assert own[1] == pytest.approx(run.results["test"]["accuracy"], abs=1e-4) and tfidf[1] > 0.9 and svm[1] > 0.9
    assert "wonderful" in (run.path / "figures" / "attention-final.svg").read_text("utf-8")


def test_several_labels_have_a_table_by_label(tmp_path):
    run = train_reviews(tmp_path, several=True, epochs=1)
    by_name = tables(run)
    assert [row[0] for row in by_name["classes"]["rows"]] == ["bad", "film", "good"] and "mistakes" not in by_name
    assert by_name["baselines"]["columns"][1] == "F1"
    assert by_name["baselines"]["rows"][0][1] == pytest.approx(run.results["test"]["f1"], abs=1e-4)
