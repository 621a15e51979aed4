"""The system `speech`: its network, whole trainings on Morse code, own data, wrong data."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import axone
from axone.cli import main
from axone.errors import DataError
from axone.systems import speech
from axone.tasks.speech.data import CLASSES, SYMBOLS
from axone.tasks.speech.predict import answering
from axone.tasks.speech.transcripts.decode import decode_greedily
from tests.helpers.data.recordings import ensure_morse, tone, write_folder, write_wav
from tests.helpers.runs.catalogue import check_predictions, check_resume

AUDIO = {"rate": 8000, "bands": 40, "frames": 30}
FACTS = {
    CLASSES: {**AUDIO, "task": CLASSES, "classes": ["a", "b", "c"]},
    SYMBOLS: {**AUDIO, "task": SYMBOLS, "classes": [], "symbols": ["1", "2"], "stride": 4},
}
SMALL = {"units": 8, "channels": 8, "verbose": False, "masks": 1}
TINY = {**SMALL, "threads": 1, "schedule": "constant"}


@pytest.fixture
def tones(tmp_path):
    """A folder of 2 classes with 20 recordings each."""
    return write_folder(tmp_path / "tones", {"high": 20, "low": 20})


@pytest.mark.parametrize("task", [CLASSES, SYMBOLS])
@pytest.mark.parametrize("options", [{}, {"cell": "gru"}, {"cell": "rnn", "bidirectional": False, "layers": 2}])
def test_a_recording_has_the_same_answer_alone_and_in_a_batch(task, options):
    torch.manual_seed(0)
    network = speech.model(speech.Settings(units=16, channels=8, **options), FACTS[task])
    with torch.no_grad():  # running means of a network that was trained
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
    module = answering(network, FACTS[task])
    lengths = torch.tensor([4000, 2310, 81, 1])
    samples = torch.randn(4, 4000)
    with torch.inference_mode():
        together = module(samples, lengths)
        for place, length in enumerate(lengths.tolist()):
            alone = module(samples[place : place + 1, :length], lengths[place : place + 1])
            if task == CLASSES:
                torch.testing.assert_close(alone[0], together[place], atol=1e-5, rtol=1e-5)
            else:
                steps = int(alone[1][0])
                assert steps == together[1][place] == -(-length // 320)
                torch.testing.assert_close(alone[0][0, :steps], together[0][place, :steps], atol=1e-5, rtol=1e-5)


def test_an_untrained_network_prefers_the_blank():
    torch.manual_seed(0)
    module = answering(speech.model(speech.Settings(), FACTS[SYMBOLS]), FACTS[SYMBOLS])
    answers, _steps = module(torch.randn(4, 8000), torch.full((4,), 8000))
    assert (answers.argmax(2) == 0).double().mean() > 0.9


@pytest.mark.parametrize(("frames", "stride"), [(40.0, 4), (7.0, 2), (2.0, 1)])
def test_a_symbol_has_several_steps(frames, stride):
    assert speech.choose_stride(frames) == stride


def test_classes_from_folders(tones, tmp_path, capsys):
    run = check_resume("speech", tmp_path / "runs", data=str(tones), batch_size=8, validation=0.2, **SMALL)
    assert run.facts["classes"] == ["high", "low"]
    write_wav(tmp_path / "one.wav", tone(0.4, 600))
    write_wav(tmp_path / "other.wav", tone(0.7, 300))
    check_predictions(run, [str(tmp_path / "one.wav"), str(tmp_path / "other.wav")], capsys)
    samples = np.sin(np.arange(16_000) * 0.2).astype(np.float32)
    assert run.predict((samples, 16_000)).label in run.facts["classes"]
    figures = {path.name for path in (run.path / "figures").iterdir()}
    assert "confusion-final.svg" in figures
    page = (run.path / "report.html").read_text("utf-8")
    assert "dynamic time warping" in page


def test_symbols_of_morse_code(tmp_path, capsys):
    run = check_resume("speech", tmp_path / "runs", data=str(ensure_morse()), task="symbols", batch_size=10, **SMALL)
    assert run.facts["task"] == SYMBOLS
    assert set(run.results["test"]) == {"loss", "symbol_error_rate"}
    text = (run.path / "events.jsonl").read_text("utf-8")
    assert "answers the blank at every step" in text
    write_wav(tmp_path / "tone.wav", tone(2.0, 700))
    plain = run.predict(str(tmp_path / "tone.wav"), beam=1)
    several = run.predict(str(tmp_path / "tone.wav"), beam=8)
    assert plain.label == "" and plain.note
    assert several.with_top(3).to_json()["top"]
    capsys.readouterr()
    assert main(["predict", str(run.path), str(tmp_path / "tone.wav"), "--beam", "4", "--top", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"][0]["top"]


def test_the_cli_reports_what_is_no_recording(tones, tmp_path, capsys):
    run = axone.train("speech", data=str(tones), epochs=1, batch_size=8, runs_folder=tmp_path / "runs", **TINY)
    (tmp_path / "page.wav").write_text("<html>not found</html>")
    capsys.readouterr()
    assert main(["predict", str(run.path), str(tmp_path / "page.wav"), str(tmp_path / "none.wav")]) == 3
    printed = capsys.readouterr().err
    assert "web page" in printed and "no such file" in printed


def test_transcripts_that_are_too_long_are_refused_with_the_name_of_the_file(tmp_path):
    lines = ["file,transcript"]
    for number in range(30):
        write_wav(tmp_path / f"{number}.wav", tone(0.3, 500, seed=number))
        lines.append(f"{number}.wav,{'12' * (40 if number == 7 else 2)}")
    (tmp_path / "list.csv").write_text("\n".join(lines))
    settings = {"data": str(tmp_path / "list.csv"), "task": "symbols", "epochs": 1, "batch_size": 8, "stride": 2}
    run = axone.train("speech", **settings, runs_folder=tmp_path / "runs", **TINY)
    notes = (run.path / "events.jsonl").read_text("utf-8")
    assert "too short for its transcript, for example 7.wav" in notes
    assert sum(run.facts["samples"].values()) == 29
    (tmp_path / "list.csv").write_text("\n".join(lines).replace(",12", ",12121212121212121212121212"))
    with pytest.raises(DataError, match=r"0.wav.* steps"):
        axone.train("speech", **settings, runs_folder=tmp_path / "runs", **TINY)


def test_greedy_decoding_reads_the_likeliest_symbols():
    rows = torch.tensor([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]]).log().numpy()
    assert decode_greedily(rows)[0].symbols == (1, 2)
