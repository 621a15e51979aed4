"""Error rates against jiwer's."""

from __future__ import annotations

import random

import jiwer
import pytest

from axone.tasks.speech.transcripts.error_rates import (
    align,
    count_confusions,
    count_errors,
    symbol_error_rate,
    word_error_rate,
)


def draw_texts(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    words = ["one", "two", "to", "tune", "on", "a"]
    return [" ".join(draw.choice(words) for _word in range(draw.randint(1, 7))) for _text in range(count)]


def test_rates_are_those_of_jiwer():
    references, hypotheses = draw_texts(60, 1), draw_texts(60, 2)
    assert word_error_rate(references, hypotheses) == pytest.approx(jiwer.wer(references, hypotheses))
    assert symbol_error_rate(references, hypotheses) == pytest.approx(jiwer.cer(references, hypotheses))


def test_an_alignment_has_the_fewest_edits():
    for reference, hypothesis in zip(draw_texts(40, 3), draw_texts(40, 4), strict=True):
        pairs = align(reference, hypothesis)
        assert "".join(one for one, _other in pairs if one) == reference
        assert "".join(other for _one, other in pairs if other) == hypothesis
        assert sum(one != other for one, other in pairs) == count_errors(reference, hypothesis)


def test_empty_sequences():
    assert count_errors("", "") == 0
    assert count_errors("abc", "") == count_errors("", "abc") == 3
    assert align("", "a") == [(None, "a")]
    assert symbol_error_rate([""], [""]) == 0
    assert symbol_error_rate(["a"], ["bcd"]) == 3


def test_confusions_name_substituted_deleted_and_inserted_symbols():
    counts = count_confusions(["12", "3"], ["1", "43"])
    assert counts == {("1", "1"): 1, ("2", None): 1, (None, "4"): 1, ("3", "3"): 1}
