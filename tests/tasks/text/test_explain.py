"""Contributions of words: they add up, linear members are divided exactly, and the deciding words are found."""

from __future__ import annotations

import json

import pytest
import torch

from axone.cli import main
from axone.data.tokens.encoder import TextEncoder
from axone.data.tokens.stream import gather_texts
from axone.errors import DataError, SettingsError, UsageError
from axone.tasks.text.explain import explain, explain_text

TEXT = "the second act was wonderful, the film too"


def logit(run, text, label):
    """Return the mean logit of a class, less that of all classes."""
    encoded = TextEncoder.from_facts(run.facts).encode([text])
    inputs = gather_texts(encoded, torch.tensor([0]))
    logits = run.model({name: inputs[name] for name in run.model.input_names})["logits"].mean(1)[0]
    return float(logits[run.facts["classes"].index(label)] - logits.mean())


def test_the_deciding_word_contributes_most(run):
    explanation = run.explain(TEXT)
    assert explanation.label == explanation.predicted == "good"
    assert explanation.word(explanation.ranked()[0]) == "wonderful"
    assert sum(token.attention for token in explanation.tokens) == pytest.approx(1, abs=1e-3)


def test_contributions_add_up_to_the_logit(run):
    explanation = explain_text(run.model, run.facts, TEXT, "bad")
    total = sum(token.contribution for token in explanation.tokens)
    # What is not in the words: the constant of the linear members, and the recurrent members on the empty text.
    tables = dict(run.model.named_modules())
    constant = sum(tables[name].weight[-1] for name in ("linear_words", "linear_characters"))
    encoded = gather_texts(TextEncoder.from_facts(run.facts).encode([TEXT]), torch.tensor([0]))
    empty = {**encoded, "tokens": torch.zeros_like(encoded["tokens"]), "pieces": torch.zeros_like(encoded["pieces"])}
    recurrent = run.model({name: empty[name] for name in run.model.input_names})["logits"][0, :2].sum(0)
    rest = (constant + recurrent) / 4
    assert total + float((rest[0] - rest.mean()).detach()) == pytest.approx(logit(run, TEXT, "bad"), abs=5e-3)
    assert abs(explanation.residual) < 5e-3


def test_a_class_can_be_named(run):
    good, bad = (run.explain(TEXT, label=label) for label in ("good", "bad"))
    assert [token.contribution for token in good.tokens] == pytest.approx(
        [-t.contribution for t in bad.tokens], abs=1e-4
    )
    with pytest.raises(UsageError, match="Did you mean 'good'"):
        run.explain(TEXT, label="goood")
    with pytest.raises(SettingsError, match="layer"):
        run.explain(TEXT, layer="lstm_1")


def test_errors_stay_in_their_place(run):
    first, second = explain(run.model, run.facts, ["", TEXT])
    assert isinstance(first, DataError) and second.label == "good"
    with pytest.raises(DataError):
        run.explain("")


@pytest.mark.parametrize("text", ["?", "İstanbul'da wonderful", "\u202e x \ud800", "zzz"])
def test_any_text_can_be_explained(run, text):
    explanation = run.explain(text)
    assert explanation.tokens and explanation.files()[".html"]


def test_the_command_writes_pages_into_the_run(run, capsys, tmp_path):
    assert main(["explain", str(run.path), TEXT, "a boring song", "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "wonderful +" in printed and "boring +" in printed and "\x1b" not in printed
    assert len(list((tmp_path / "out").glob("*.html"))) == 2
    assert main(["explain", str(run.path), TEXT, "--json", "--class", "bad"]) == 0
    (one,) = json.loads(capsys.readouterr().out.splitlines()[-1])["explanations"]
    assert one["class"] == "bad" and one["predicted"] == "good" and one["files"][0].endswith(".html")
    assert {"text", "contribution", "attention"} == set(one["words"][0])


def test_flags_of_images_are_refused(run, capsys):
    assert main(["explain", str(run.path), TEXT, "--layer", "conv2d_1"]) == 2
    assert "--layer is for image classifiers" in capsys.readouterr().err


def test_a_terminal_shows_colors_unless_it_should_not(run, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["explain", str(run.path), TEXT]) == 0
    assert "\x1b[48;2;" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["explain", str(run.path), TEXT]) == 0
    assert "\x1b" not in capsys.readouterr().out
