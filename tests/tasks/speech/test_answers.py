"""Transcripts as answers."""

from __future__ import annotations

from axone.tasks.speech.answers import Transcript


def test_a_transcript_is_its_text_and_ranks_its_alternatives():
    answer = Transcript("12", 0.75, [0.1, 0.4], [("12", 0.75), ("1", 0.25)])
    assert answer.text() == "12"
    assert answer.to_json() == {"label": "12", "probability": 0.75, "times": [0.1, 0.4], "top": [["12", 0.75]]}
    ranked = answer.with_top(2)
    assert ranked.text() == "12 75.0\u202f%, 1 25.0\u202f%"
    assert ranked.to_json()["top"] == [["12", 0.75], ["1", 0.25]]


def test_an_empty_transcript_says_so():
    answer = Transcript("", 0.5, note="the network answers the blank at every step")
    assert answer.text() == "(nothing)  (the network answers the blank at every step)"
    assert answer.to_json()["note"]
