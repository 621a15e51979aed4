"""The system music: it learns, composes the same again, harmonizes, and says what it cannot do."""

from __future__ import annotations

import json
import math

import pytest
import torch

import axone
from axone.data.audio.decode.wav import encode_wav
from axone.data.notes.cadences import make_cadences
from axone.data.notes.formats.midi import read_midi
from axone.data.notes.formats.write_midi import encode_midi
from axone.data.notes.quantize import quantize
from axone.data.notes.score import Note, Score
from axone.data.notes.voices import to_score, to_voices
from axone.errors import DataError, SettingsError, UsageError
from axone.systems.music import EXAMPLE_FACTS, MusicLearner, Settings, model
from axone.tasks.music.data import EVALUATION_BATCH
from axone.tasks.music.generate import describe_faults
from axone.tasks.music.predict import measure_surprises
from axone.tasks.music.stream import MusicStream

TINY = {"data": "cadences", "units": 24, "embedding": 12, "batch_size": 8, "threads": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return axone.train("music", **TINY, epochs=4, runs_folder=tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("objective", ["notes", "sigmoids"])
def test_a_piece_has_the_same_loss_alone_and_in_a_batch(cell, objective):
    settings = Settings(cell=cell, objective=objective, units=8, layers=2, embedding=4)
    learner = MusicLearner(model(settings, EXAMPLE_FACTS).eval(), settings)
    pieces = [piece for count in (1, 2, 3) for piece in make_cadences(count)[-1:]]
    pieces[1] = pieces[1].__class__(pieces[1].frames[:9], pieces[1].positions[:9], "short", 4)
    with torch.no_grad():
        together = learner.compute_loss(next(MusicStream(pieces, objective, batch_size=3, shuffle=False).batches(1)))
        alone = [measure_surprises(learner.network, piece)[1] for piece in pieces]
    assert float(together) == pytest.approx(sum(map(sum, alone)) / sum(map(len, alone)), abs=1e-5)
    assert EVALUATION_BATCH > 1


def test_it_learns_and_reports(run):
    assert run.results["test"]["loss"] < 10
    names = " ".join(path.name for path in run.path.rglob("figures/*"))
    assert "composition" in names
    assert "surprise" in names
    report = (run.path / "report.html").read_text()
    assert "Markov" in report
    assert "parallel" in report


def test_a_composition_is_the_same_whatever_the_count(run):
    one = run.generate(1, seed=5, bars=3)[0]
    first, second = run.generate(2, seed=5, bars=3)
    assert one.piece.frames == first.piece.frames != second.piece.frames
    files = first.files()
    assert files.keys() == {".mid", ".musicxml", ".wav", ".png", ".svg"}
    assert quantize(read_midi(files[".mid"]), 1).piece.frames == tuple(first.piece.frames)
    assert files[".wav"][:4] == encode_wav(torch.zeros(1).numpy(), 8000)[:4]
    assert len(first.piece) == 3 * 4
    assert json.dumps(first.to_json())


def test_a_melody_is_kept_and_harmonized(run, tmp_path):
    path = tmp_path / "melody.mid"
    notes = tuple(Note(float(k), 1.0, pitch) for k, pitch in enumerate((72, 74, 76, 76, 77, 76, 74, 72)))
    path.write_bytes(encode_midi(Score(notes)))
    (answer,) = run.generate(1, seed=1, melody=str(path), particles=8)
    assert [frame[0] for frame in answer.piece.frames] == [note.pitch for note in notes]
    assert all(3 <= len(frame) <= 4 for frame in answer.piece.frames)
    # Repeated notes of the melody are struck again.
    assert [event.start for event in to_voices(answer.piece, answer.strikes)[0]] == list(range(8))
    low = tmp_path / "low.mid"
    low.write_bytes(encode_midi(Score(tuple(note._replace(pitch=note.pitch - 36) for note in notes))))
    assert "range" in run.generate(1, melody=str(low), particles=2)[0].text()
    with pytest.raises(DataError, match=r"none\.mid"):
        run.generate(1, melody=str(tmp_path / "none.mid"))


def test_surprise_of_a_file(run, tmp_path):
    piece = make_cadences(1)[0]
    path = tmp_path / "piece.mid"
    path.write_bytes(encode_midi(to_score(to_voices(piece), piece, 1, 90.0)))
    answer = run.predict(path)
    noise = run.predict([answer.piece.__class__(piece.frames[::-1][:3] + ((127, 0),) * 20, (0,) * 23, "noise", 4)])[0]
    assert answer.mean < noise.mean
    assert math.isclose(answer.mean, sum(answer.to_json()["steps"]) / 32, rel_tol=1e-5)
    assert answer.files().keys() == {".svg", ".png"}
    with pytest.raises(DataError, match=r"bad\.mid"):
        run.predict(tmp_path / "bad.mid")


def test_what_cannot_be_done(run, tmp_path):
    with pytest.raises(SettingsError):
        run.generate(1, bars=0)
    sigmoids = axone.train("music", **TINY, objective="sigmoids", epochs=1, limit=8, runs_folder=tmp_path)
    assert sigmoids.generate(1, bars=1)
    with pytest.raises(UsageError, match="sigmoids"):
        sigmoids.generate(1, melody="x.mid")


def test_faults_of_compositions_are_said():
    assert "silence" in describe_faults([()] * 4, 1)
    assert "1 different" in describe_faults([(60,)] * 4, 1)
    assert "stays" in describe_faults([(72, 67, 60, 48)] * 20, 1)
    assert describe_faults([(72, 67, 60, 48), (71, 67, 59, 50)] * 4, 1) == ""
