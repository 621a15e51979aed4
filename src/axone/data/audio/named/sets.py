"""Data sets of recordings with a name: synthetic voices, Morse code, and spoken digits to download."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from axone.data.audio.cache.build import CacheWriter, ensure_cache
from axone.data.audio.cache.format import AudioCache
from axone.data.audio.named.download import SPOKEN_DIGITS_SPEC
from axone.data.audio.named.morse import CODE, synthesize_morse
from axone.data.audio.voices.generate import Utterance, list_numbers, list_words, speak_all
from axone.data.audio.voices.synthesizer import find_synthesizer
from axone.data.random import make_generator
from axone.errors import ResourceError
from axone.messages import _, current_language, mark
from axone.progress import Progress

DEFAULT_RATE = 8000  # Hz, of generated recordings
VERSION = 2  # of what is generated: another one is generated again
_SEED = 0
SPOKEN_DIGITS = SPOKEN_DIGITS_SPEC.name


@dataclass(frozen=True)
class AudioSpec:
    """A named data set of recordings.

    Args:
        summary: What it contains, in a few words for people.
        targets: Whether its recordings have classes or transcripts.
        language: The language of synthetic voices; "" for Morse code.
        utterances: Lists what synthetic voices say.
        count: The number of recordings of Morse code.
    """

    summary: str
    targets: Literal["classes", "transcripts"]
    language: str = ""
    utterances: Callable[[], list[Utterance]] | None = None
    count: int = 0


AUDIO_SETS: dict[str, AudioSpec] = {
    "synthetic-words": AudioSpec(
        mark("digits and commands spoken by synthetic voices, in English"), "classes", "en",
        lambda: list_words("en", 80, _SEED, commands=True),
    ),
    "synthetic-words-fr": AudioSpec(
        mark("digits and commands spoken by synthetic voices, in French"), "classes", "fr",
        lambda: list_words("fr", 80, _SEED, commands=True),
    ),
    "synthetic-digits": AudioSpec(
        mark("digits spoken by synthetic voices, in English"), "classes", "en",
        lambda: list_words("en", 200, _SEED, commands=False),
    ),
    "synthetic-digits-fr": AudioSpec(
        mark("digits spoken by synthetic voices, in French"), "classes", "fr",
        lambda: list_words("fr", 200, _SEED, commands=False),
    ),
    "synthetic-numbers": AudioSpec(
        mark("numbers of 2 to 6 digits spoken by synthetic voices, in English, with transcripts"), "transcripts", "en",
        lambda: list_numbers("en", 1500, _SEED),
    ),
    "synthetic-numbers-fr": AudioSpec(
        mark("numbers of 2 to 6 digits spoken by synthetic voices, in French, with transcripts"), "transcripts", "fr",
        lambda: list_numbers("fr", 1500, _SEED),
    ),
    SPOKEN_DIGITS: AudioSpec(SPOKEN_DIGITS_SPEC.summary, "classes"),
    "morse": AudioSpec(mark("words in Morse code in noise, with transcripts"), "transcripts", count=1000),
    "morse-letters": AudioSpec(mark("letters and digits in Morse code in noise"), "classes", count=36 * 50),
}  # fmt: skip


def default_set(targets: Literal["classes", "transcripts"]) -> tuple[str, str | None]:
    """Return the data set to train on where none is named, and a note where it is Morse code for want of a synthesizer.

    It is that of the synthetic voices in the language of the messages when a synthesizer is found, else Morse code.
    """
    if find_synthesizer() is None:
        note = _("No synthetic voices are installed, so the data are Morse code in noise; for voices, type: {command}",
                 command="pip install 'axone[voices]'")  # fmt: skip
        return ("morse-letters" if targets == "classes" else "morse"), note
    name = "synthetic-words" if targets == "classes" else "synthetic-numbers"
    return (name + "-fr" if current_language() == "fr" else name), None


def ensure_generated(name: str, rate: int, progress: Progress) -> AudioCache:
    """Return the recordings of a generated data set; generate them unless they are in the cache.

    Raises ResourceError when they need a synthesizer and there is none.
    """
    spec = AUDIO_SETS[name]
    if spec.utterances is None:
        return ensure_cache(name, VERSION, "morse", rate, lambda writer: _write_morse(name, rate, writer, progress))
    synthesizer = find_synthesizer()
    if synthesizer is None:
        raise ResourceError(
            _("'{name}' needs synthetic voices, which are not installed.", name=name),
            hint=_("type: pip install 'axone[voices]'"),
        )
    utterances = spec.utterances()

    def build(writer: CacheWriter) -> None:
        text = _("synthetic voices speak")
        for number, samples in enumerate(speak_all(utterances, synthesizer, rate)):
            utterance = utterances[number]
            title = f"{utterance.target} ({utterance.voice.name}, {number})"
            if samples is not None:
                writer.add(title, samples, target=utterance.target, group=utterance.group, source=number)
            progress(text, number + 1, len(utterances))
        if not writer.rows:
            raise ResourceError(_("The synthesizer ({name}) has no voice for '{data}'.", name=synthesizer.version,
                                  data=name))  # fmt: skip

    return ensure_cache(name, VERSION, synthesizer.version, rate, build)


def _write_morse(name: str, rate: int, writer: CacheWriter, progress: Progress) -> None:
    texts = _list_morse(name)
    for number, text in enumerate(texts):
        samples = synthesize_morse(text, number, rate).numpy()
        writer.add(f"{text} ({number})", samples, target=text, source=number)
        progress(_("generating Morse code"), number + 1, len(texts))


def _list_morse(name: str) -> list[str]:
    """Return the texts of a data set of Morse code: each letter and digit equally often, or words of 2 to 6 of them."""
    letters, count = list(CODE), AUDIO_SETS[name].count
    if AUDIO_SETS[name].targets == "classes":
        return [letters[number % len(letters)] for number in range(count)]
    generator = make_generator("morse-words", _SEED)
    lengths = torch.randint(2, 7, (count,), generator=generator).tolist()
    return ["".join(letters[i] for i in torch.randint(len(letters), (n,), generator=generator)) for n in lengths]
