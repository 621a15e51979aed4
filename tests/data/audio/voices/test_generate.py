import numpy as np
import pytest

from axone.data.audio.voices.generate import list_numbers, list_words, speak_all
from axone.data.audio.voices.voice import SpeechError, Voice
from axone.data.audio.voices.words import ACCENTS, COMMANDS, DIGITS, VARIANTS


class Synthesizer:
    """Speaks a tone between silences; has no voice whose variant begins with a capital letter."""

    version = "test"

    def speak(self, text: str, voice: Voice):
        if voice.name.partition("+")[2][0].isupper():
            raise SpeechError("no such voice")
        return np.concatenate([np.zeros(3000), np.ones(2205), np.zeros(5000)]).astype(np.float32), 22050


def test_words_are_spoken_equally_often_by_many_voices():
    utterances = list_words("fr", 8, 0, commands=True)
    counts = {target: sum(u.target == target for u in utterances) for target in (*DIGITS["fr"], *COMMANDS["fr"])}
    assert set(counts.values()) == {8} and len(utterances) == 160
    assert len({u.group for u in utterances}) > 50 and len({u.voice for u in utterances}) > 150
    assert list_words("fr", 8, 0, commands=True) == utterances != list_words("fr", 8, 1, commands=True)


def test_numbers_have_their_digits_as_transcript():
    words = dict(zip(DIGITS["en"], "0123456789", strict=True))
    utterances = list_numbers("en", 60, 0)
    for utterance in utterances:
        assert "".join(words[word.strip(",")] for word in utterance.text.split()) == utterance.target
    assert {len(u.target) for u in utterances} == {2, 3, 4, 5, 6} and any("," in u.text for u in utterances)


def test_silence_at_both_ends_is_replaced_by_margins_of_ours():
    utterances = list_words("en", 3, 0, commands=False)
    for utterance, samples in zip(utterances, speak_all(utterances, Synthesizer(), 8000), strict=True):
        if utterance.group[0].isupper():
            assert samples is None
            continue
        before, after = (round(seconds * 8000) for seconds in utterance.margins)
        # 2,205 samples at 22,050 Hz and the filter's ends, played faster or slower.
        assert len(samples) - before - after == pytest.approx(830 / utterance.tract, abs=50)
        if before > 100:  # noise alone
            ratio = samples[: before - 60].std() / np.abs(samples[before + 60 : before + 600]).mean()
            assert 0 < ratio < 0.2


def test_the_lists_have_both_languages():
    assert DIGITS.keys() == COMMANDS.keys() == ACCENTS.keys() == {"en", "fr"}
    assert all(len(set(words)) == 10 for table in (DIGITS, COMMANDS) for words in table.values())
    assert len(set(VARIANTS)) == len(VARIANTS)
