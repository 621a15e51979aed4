"""The settings of systems that learn from recordings, and the options of `axone predict` for them.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from axone.messages import _, mark
from axone.settings import Options, Settings, option

MICROPHONE_RATE = 16_000
# How `complete` of the system chooses.
DATA_RULE = mark("synthetic voices in your language; Morse code where no synthesizer is installed")
EPOCHS_RULE = mark("more for few recordings")
BATCH_RULE = mark("smaller for few recordings and for symbols")


class SpeechSettings(Settings):
    """Which recordings, what is learned from them, and how they are changed in training."""

    data: str = option(
        "synthetic-words",
        mark("a folder CLASS/*.wav, a CSV file of paths and labels or transcripts, or a known data set"),
        auto=DATA_RULE,
    )
    task: Literal["auto", "classes", "symbols"] = option(
        "auto", mark("classes: one answer for a recording; symbols: its transcript; auto: what the data suggest")
    )
    target: str | None = option(
        None, mark("column of the labels or transcripts; for a folder, a pattern of file names: '{label}_*'")
    )
    group: str | None = option(
        None, mark("column of the groups, such as the speaker, or a pattern of file names: '*_{group}_*'")
    )
    held_out: str = option(
        "", mark("groups that become the test set, separated by commas; empty: whole groups are drawn for it")
    )
    test: float = option(0.15, mark("fraction of the recordings held out as the test set"), ge=0, le=0.9)
    rate: int = option(
        0, mark("sampling rate in Hz to which recordings are converted; 0: that of most files, at most 16000"),
        ge=0, le=48_000,
    )  # fmt: skip
    longest: float = option(60.0, mark("longest recording in seconds; longer ones are left out"), gt=0, le=3600)
    bands: int = option(0, mark("mel bands of the features; 0: 40 up to 8000 Hz, 64 above"), ge=0, le=256)

    speed: float = option(
        0.1, mark("recordings are played up to this fraction faster or slower in training"), ge=0, le=0.5
    )
    noise: float = option(0.25, mark("probability that noise is added to a recording in training"), ge=0, le=1)
    masks: int = option(
        1, mark("masks over time and over bands of each recording in training (SpecAugment)"), ge=0, le=16
    )

    epochs: int = option(40, mark("number of passes over the training set"), auto=EPOCHS_RULE, ge=1, le=1_000_000)
    batch_size: int = option(64, mark("recordings in a batch"), auto=BATCH_RULE, ge=1, le=1_000_000)
    learning_rate: float = option(
        4e-3, mark("highest learning rate of the schedule"), auto=mark("0.002 for symbols"), gt=0, le=100
    )
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("adamw", mark("optimizer"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option("one-cycle", mark("learning rate schedule"))
    weight_decay: float = option(0.01, mark("weight decay"), ge=0, le=10)
    gradient_clip: float = option(5.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)
    label_smoothing: float = option(0.1, mark("label smoothing (classes)"), ge=0, lt=1)


class SpeechPredictOptions(Options):
    """The flags of `axone predict` for runs of recordings."""

    INPUT_OPTION: ClassVar[str] = "record"

    record: float = option(0.0, mark("seconds to record from the microphone, in place of a file"), ge=0, le=600)
    beam: int = option(
        8, mark("prefixes of the transcript that are kept at each step of the search; 1: the likeliest symbol of each"),
        ge=1, le=1000,
    )  # fmt: skip
    language_model: str = option("", mark("run of a language_model whose probabilities guide the search; empty: none"))
    language_weight: float = option(0.5, mark("weight of the language model's log probabilities"), ge=0, le=10)
    symbol_bonus: float = option(0.0, mark("added to the score of a transcript for each symbol"), ge=-10, le=10)

    def read_input(self) -> tuple[str, Any]:
        """Return what the microphone hears in the next `record` seconds, with its name. Raises ResourceError."""
        from axone.data.audio.microphone import record_microphone
        from axone.tasks.speech.inputs import Sound

        return _("microphone"), Sound(record_microphone(self.record, MICROPHONE_RATE), MICROPHONE_RATE)
