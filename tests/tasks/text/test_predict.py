"""Answers about texts: one class, several labels, notes, errors in their place."""

from __future__ import annotations

import json

import pytest
import torch

from axone.cli import main
from axone.data.tokens.encoder import TextEncoder
from axone.data.tokens.stream import gather_texts
from axone.errors import DataError
from axone.tasks.text.predict import LabelsPrediction, TextAnswering, make_prediction


def test_answers_have_probabilities_and_notes(run):
    known, unknown, long = run.predict(["a wonderful film", "zzzz qqqq", "film " * 400])
    assert known.label == "good" and sum(known.probabilities.values()) == pytest.approx(1)
    assert known.note == "" and "vocabulary" in unknown.note and "256" in long.note


def test_an_input_that_cannot_be_read_keeps_its_error_in_its_place(run, tmp_path):
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    first, second, third = run.predict_each(["a film", tmp_path / "binary.txt", ""])
    assert first.label in ("good", "bad") and isinstance(second, DataError) and isinstance(third, DataError)
    assert "binary" in second.what


@pytest.mark.parametrize("text", ["\u202eabc\u200b", "\ud800", "😀 " * 5, "\x07\x1b[31m", "من فضلك", "\t\n x"])
def test_any_characters_have_an_answer_that_is_safe_to_print(run, text):
    answer = run.predict(text)
    assert answer.label in ("good", "bad") and json.dumps(answer.to_json())


def test_the_command_reads_texts_files_tables_and_standard_input(run, tmp_path, capsys, monkeypatch):
    (tmp_path / "a.txt").write_text("a charming film")
    (tmp_path / "t.csv").write_text("review,id\na boring song,1\nher book was moving,2\n")
    monkeypatch.setattr("sys.stdin", iter(["clumsy and boring\n", "\n", "wonderful, so wonderful\n"]))
    words = ["a dreadful film", str(tmp_path / "a.txt"), str(tmp_path / "t.csv"), "-"]
    assert main(["predict", str(run.path), *words, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert [row["label"] for row in printed] == ["bad", "good", "bad", "good", "bad", "good"]
    out = tmp_path / "answers.csv"
    assert main(["predict", str(run.path), str(tmp_path / "t.csv"), "--out", str(out)]) == 0
    assert out.read_text().splitlines()[0].startswith("review,id,prediction")


def test_several_labels_are_those_above_one_half():
    facts = {"classes": ["a", "b", "c"], "several_labels": True}
    answer = make_prediction([0.2, 0.9, 0.6], facts)
    assert isinstance(answer, LabelsPrediction) and answer.labels == ("b", "c") and answer.label == "b, c"
    assert "b" in answer.text() and "c" in answer.text() and json.dumps(answer.to_json())
    none = make_prediction([0.2, 0.1, 0.3], facts)
    assert none.labels == () and "no label" in none.text() and len(none.with_top(3).to_json()["top"]) == 3


def test_the_module_averages_logits(run):
    encoded = TextEncoder.from_facts(run.facts).encode(["a wonderful film"])
    inputs = gather_texts(encoded, torch.tensor([0]))
    logits = run.model({name: inputs[name] for name in run.model.input_names})["logits"]
    assert logits.shape[1] == 4
    torch.testing.assert_close(TextAnswering(run.model, run.facts)(**inputs), logits.mean(1).softmax(1))
    several = TextAnswering(run.model, {**run.facts, "several_labels": True})
    torch.testing.assert_close(several(**inputs), logits.mean(1).sigmoid())
