"""From steps to a transcript."""

from __future__ import annotations

import numpy as np
import pytest

from axone.tasks.speech.predict import transcribe
from axone.tasks.speech.settings import SpeechPredictOptions

FACTS = {"symbols": ["a", "b"], "stride": 4}


def test_a_transcript_has_the_moments_of_its_symbols():
    rows = np.log(np.array([[0.98, 0.01, 0.01], [0.02, 0.97, 0.01], [0.96, 0.02, 0.02], [0.1, 0.1, 0.8]]))
    answer = transcribe(rows, FACTS, SpeechPredictOptions(beam=4))
    assert answer.label == "ab"
    assert answer.times == [0.04, 0.12]
    assert answer.transcripts[0][0] == "ab" and sum(share for _text, share in answer.transcripts) == pytest.approx(1)


def test_the_probability_of_greedy_decoding_is_that_of_its_path():
    rows = np.log(np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]]))
    answer = transcribe(rows, FACTS, SpeechPredictOptions(beam=1))
    assert answer.label == "b" and answer.probability == pytest.approx(0.3)


def test_nothing_but_blanks_is_said():
    answer = transcribe(np.log(np.array([[0.9, 0.05, 0.05]] * 3)), FACTS, SpeechPredictOptions(beam=1))
    assert answer.label == "" and "blank" in answer.note
