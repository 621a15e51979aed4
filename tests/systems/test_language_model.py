"""The language model: it learns, resumes to the bit in mid-document, writes, streams, measures and adapts."""

import json
from dataclasses import replace

import pytest
import torch

import axone
from axone.cli import main
from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import DataError, SettingsError, Stopped
from axone.systems import language_model
from axone.systems.language_model import Settings
from axone.tasks.language.scoring import LanguageScorer
from tests.helpers.runs.stop_at import StopAt

TEXT = "".join(f"{number} green bottles hanging on the wall, and if one should fall...\n" for number in range(120))
TINY = {"units": 24, "embedding": 12, "window": 16, "batch_size": 8, "threads": 1, "device": "cpu"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return axone.train("language_model", data=[TEXT], **TINY, epochs=8, learning_rate=0.02,
                       runs_folder=tmp_path_factory.mktemp("runs"))  # fmt: skip


def test_it_learns_and_reports(run):
    assert run.results["validation"]["bits_per_character"] == pytest.approx(
        run.results["validation"]["loss"] * 1.4427, 1e-3
    )
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    losses = [event["validation"]["loss"] for event in events if event["kind"] == "epoch"]
    assert losses[-1] < 1.2 < losses[0]
    names = {event.get("name") for event in events if event.get("epoch") is None}
    assert {"samples", "copies", "baseline", "surprise", "units"} <= names
    assert sum(event.get("name") == "samples" for event in events) == 9


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("readings", [2, 9])
def test_a_training_stopped_in_mid_document_resumes_to_the_bit(cell, readings):
    settings = Settings(
        **{
            **TINY,
            "cell": cell,
            "units": 8,
            "dropout": 0.2,
            "weight_dropout": 0.1,
            "layers": 2,
            "epochs": 2,
            "ema": 0.9,
        },
        data="(from Python)",
        epoch_symbols=800,
    )

    def build():
        torch.manual_seed(settings.seed)
        experiment = language_model.build(settings, BuildContext(data=[TEXT[:2000]]))
        return replace(experiment, figures=None)  # they change nothing, and take most of the time

    whole, parts = MemoryRecorder(), MemoryRecorder()
    fit(build(), settings, whole)
    with pytest.raises(Stopped):
        fit(build(), settings, parts, stop=StopAt(readings))
    fit(build(), settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, resumed = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], resumed[name]) for name in expected)


def test_texts_are_written_and_streamed(run, capsys):
    (answer,) = run.generate(prompt="12 green \u6771", length=40, seed=3)
    pieces = list(answer.pieces())
    assert len(pieces) > 30 and "".join(pieces) == answer.whole
    assert answer.whole.startswith("12 green \u6771") and len(answer.whole) == 50
    assert "\u6771" in answer.note and answer.files()[".txt"].decode() == answer.whole
    assert run.generate(prompt="12 green \u6771", length=40, seed=3)[0].whole == answer.whole
    assert run.generate(length=40, seed=4)[0].whole != run.generate(length=40, seed=5)[0].whole
    first, second = run.generate(2, length=20)
    assert first.whole != second.whole
    capsys.readouterr()
    assert main(["generate", str(run.path), "--prompt", "1 green", "--length", "20", "--seed", "1"]) == 0
    assert capsys.readouterr().out.startswith("1 green")
    with pytest.raises(SettingsError, match="UTF-8"):
        run.generate(prompt="\ud800")


def test_surprise_is_measured(run, tmp_path):
    answer = run.predict("7 green bottles hanging")
    assert answer.bits_per_character < run.predict("zqxj{}~~ KKK").bits_per_character
    assert len(answer.surprise) == len("7 green bottles hanging") and answer.files()[".svg"].startswith(b"<svg")
    path = tmp_path / "text.txt"
    path.write_text("7 green bottles hanging")
    assert run.predict(path).surprise == answer.surprise == run.predict(str(path)).surprise
    together = run.predict(["7 green bottles hanging", "other"])
    assert together[0].surprise == answer.surprise
    for source, match in (("", "empty"), ("missing.txt", "no file"), (5, "not a text")):
        with pytest.raises(DataError, match=match):
            run.predict([source])


def test_dynamic_evaluation_adapts_and_leaves_the_weights_as_they_are(run):
    other = [TEXT.replace("green bottles", "yellow submarines").replace("wall", "mast")]
    weights = {name: value.clone() for name, value in run.model.state_dict().items()}
    fixed = run.evaluate(other, verbose=False)["test"]["loss"]
    adapted = run.evaluate(other, verbose=False, dynamic=True)["test"]["loss"]
    assert adapted < fixed - 0.05
    assert all(value.equal(weights[name]) for name, value in run.model.state_dict().items())


def test_a_scorer_of_the_run(run):
    scorer = LanguageScorer(run.model, run.facts)
    scores = scorer.score_next(["12 green bottles hangi", "12 green bottl"])
    assert [scorer.characters[column] for column in scores.argmax(1)] == ["n", "e"]


def test_pieces(tmp_path):
    pytest.importorskip("tokenizers")
    run = axone.train(
        "language_model", data=[TEXT], **TINY, epochs=1, symbols="pieces", vocabulary=300, runs_folder=tmp_path
    )
    (answer,) = run.generate(prompt="\u6771 green", length=30)
    assert len(answer.whole) == 37 and not answer.note
    assert "".join(run.predict("green bottles").symbols) == "green bottles"
