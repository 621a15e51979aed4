"""The figures of a report, of a training on tones and of one on Morse code."""

from __future__ import annotations

import torch

from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.figures.sound import Sound
from axone.systems import speech
from axone.tasks.speech.figures import make_figures
from tests.helpers.data.recordings import ensure_morse, ensure_tones


def draw(final, **settings):
    torch.manual_seed(0)
    chosen = speech.Settings(units=8, channels=8, **settings)
    experiment = speech.build(chosen, BuildContext())
    experiment.learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 1))
    return {figure.name: figure for figure in make_figures(experiment, final)}


def test_classes_have_confusion_baseline_and_mistakes_to_listen_to():
    assert draw(False, data=str(ensure_tones())) == {}
    figures = draw(True, data=str(ensure_tones()))
    assert {"confusion", "classes", "baseline", "mistake-1"} <= figures.keys()
    assert isinstance(figures["mistake-1"], Sound) and figures["mistake-1"].content.startswith(b"RIFF")
    # The tones of a class have one frequency, so that the nearest template is always right.
    assert figures["baseline"].rows[1][1].startswith("100")


def test_symbols_have_a_transcription_at_each_check_and_all_figures_at_the_end():
    data = {"data": str(ensure_morse()), "task": "symbols"}
    assert draw(False, **data).keys() == {"transcription"}
    figures = draw(True, **data)
    assert {"transcription", "confusion", "baseline"} <= figures.keys()
    assert "true: " in figures["transcription"].image


def test_a_small_split_is_drawn():
    assert "confusion" in draw(True, data=str(ensure_tones()), test=0.0, validation=0.02)
