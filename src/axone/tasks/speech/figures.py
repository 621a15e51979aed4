"""The figures of a report on recordings: what was confused, the worst mistakes to listen to, the nearest template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.audio.decode.wav import encode_wav
from axone.data.audio.features import STEP
from axone.data.audio.stream import AudioStream
from axone.engine.experiment import Experiment
from axone.figures.confusion import draw_confusion
from axone.figures.figure import Figure, Table
from axone.figures.sound import Sound
from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.classification.metrics import confusion_counts, find_worst_mistakes, tabulate_classes
from axone.tasks.speech.data import CLASSES
from axone.tasks.speech.drawings import draw_transcription
from axone.tasks.speech.evaluated import EvaluatedRecordings, read_features
from axone.tasks.speech.learner import Transcriber
from axone.tasks.speech.time_warping import MOST_QUERIES, choose_some, count_affordable, find_nearest
from axone.tasks.speech.transcripts.decode import decode_greedily
from axone.tasks.speech.transcripts.error_rates import count_confusions, count_errors, symbol_error_rate
from axone.tasks.speech.transcripts.symbols import decode_symbols

MOST_SOUNDS = 8
MOST_SYMBOLS = 40  # of a confusion matrix
LONGEST_SOUND = 10.0  # seconds


def make_figures(experiment: Experiment, final: bool) -> Iterable[Figure | Sound | Table]:
    """Yield, for symbols, a spectrogram with its transcription at each check; at the end, all figures."""
    if experiment.facts["task"] == CLASSES:
        evaluated = EvaluatedRecordings.of(experiment) if final else None
        return _draw_classes(experiment, evaluated) if evaluated is not None else ()
    return _draw_symbols(experiment, final)


def _draw_classes(experiment: Experiment, evaluated: EvaluatedRecordings) -> Iterator[Figure | Sound | Table]:
    classes, stream = experiment.facts["classes"], evaluated.stream
    labels = _targets_of(stream)[evaluated.indices]
    probabilities = torch.stack([*evaluated.outputs]).softmax(1)
    counts = confusion_counts(labels, probabilities.argmax(1), len(classes))
    yield Figure("confusion", _("Confusion matrix"), draw_confusion(counts.numpy(), classes),
                 _("Rows: the true class; columns: the predicted class."))  # fmt: skip
    yield tabulate_classes(counts, classes, _("recordings"))
    accuracy = float((probabilities.argmax(1) == labels).double().mean())
    nearest, chosen, templates = _find_templates(experiment, evaluated)
    share = float((_targets_of(stream)[nearest] == labels[chosen]).double().mean())
    yield _tabulate_baseline(_("accuracy"), accuracy, share, len(chosen), templates)
    for number, place in enumerate(find_worst_mistakes(labels, probabilities, MOST_SOUNDS).tolist(), 1):
        answer = int(probabilities[place].argmax())
        yield _make_sound(stream, int(evaluated.indices[place]), number,
                          _("{true}, not {answer} ({share})", true=classes[labels[place]], answer=classes[answer],
                            share=format_percent(float(probabilities[place, answer]), 0)))  # fmt: skip


def _draw_symbols(experiment: Experiment, final: bool) -> Iterator[Figure | Sound | Table]:
    learner, facts = experiment.learner, experiment.facts
    assert isinstance(learner, Transcriber)
    held_out = experiment.validation if experiment.test is None else experiment.test
    if held_out is None:
        return
    assert isinstance(held_out, AudioStream)
    # A recording of usual length, the same at each check.
    lengths = held_out.recordings.lengths[held_out.indices]
    typical = held_out.indices[lengths.argsort(stable=True)[len(lengths) // 2]]
    yield _draw_one(learner, facts, held_out, int(typical))
    if not final:
        return
    evaluated = EvaluatedRecordings.compute(learner, held_out)
    decoded = [decode_greedily(row.log_softmax(1).numpy())[0] for row in evaluated.outputs]
    hypotheses = [decode_symbols(each.symbols, facts["symbols"]) for each in decoded]
    references = [learner.transcripts[index] for index in evaluated.indices.tolist()]
    yield from _draw_confused_symbols(references, hypotheses)
    rate = symbol_error_rate(references, hypotheses)
    nearest, chosen, templates = _find_templates(experiment, evaluated)
    copied = [learner.transcripts[index] for index in nearest.tolist()]
    baseline = symbol_error_rate([references[place] for place in chosen.tolist()], copied)
    yield _tabulate_baseline(_("symbol error rate"), rate, baseline, len(chosen), templates)
    errors = [count_errors(*pair) / max(1, len(pair[0])) for pair in zip(references, hypotheses, strict=True)]
    worst = sorted(range(len(errors)), key=lambda place: -errors[place])[:MOST_SOUNDS]
    for number, place in enumerate((place for place in worst if errors[place]), 1):
        yield _make_sound(held_out, int(evaluated.indices[place]), number,
                          _("{true}, heard as {answer}", true=references[place] or _("(nothing)"),
                            answer=hypotheses[place] or _("(nothing)")))  # fmt: skip


def _draw_one(learner: Transcriber, facts: dict[str, Any], held_out: AudioStream, index: int) -> Figure:
    """Draw one recording with its transcription."""
    (row,) = EvaluatedRecordings.compute(learner, held_out.select(torch.tensor([index]))).outputs
    (energies,) = read_features(held_out, torch.tensor([index]), normalize=False)
    decoded, spikes = decode_greedily(row.log_softmax(1).numpy())
    symbols = [decode_symbols([number], facts["symbols"]) for number in decoded.symbols]
    return Figure(
        "transcription",
        _("From sound to symbols"),
        draw_transcription(
            energies.numpy(),
            row.softmax(1).numpy(),
            facts["symbols"],
            list(zip(spikes.tolist(), symbols, strict=True)),
            STEP * facts["stride"],
            learner.transcripts[index],
        ),
        _("Above: the energy in mel bands. Below: the probability of each symbol at each step. CTC learns to answer "
          "the blank but for short spikes, at which the decoded symbols (red) are read."),
    )  # fmt: skip


def _draw_confused_symbols(references: Sequence[str], hypotheses: Sequence[str]) -> Iterator[Figure | Table]:
    """Draw which symbols stand for which in the alignments with the fewest errors."""
    counts = count_confusions(references, hypotheses)
    totals: dict[str, int] = {}
    for (one, other), count in counts.items():
        for symbol in {one, other} - {None}:
            totals[str(symbol)] = totals.get(str(symbol), 0) + count
    symbols = sorted(sorted(totals, key=lambda symbol: -totals[symbol])[:MOST_SYMBOLS])
    names = ["␣" if symbol == " " else symbol for symbol in symbols]
    places: dict[str | None, int] = {symbol: place for place, symbol in enumerate(symbols)}
    places[None] = len(symbols)
    matrix = np.zeros((len(places), len(places)), np.int64)
    for (one, other), count in counts.items():
        if one in places and other in places:
            matrix[places[one], places[other]] += count
    yield Figure(
        "confusion", _("Confusion of symbols"), draw_confusion(matrix, [*names, _("none")]),
        _("Rows: the true symbols; columns: the decoded ones. Last row: inserted; last column: left out."),
    )  # fmt: skip
    wrong = [(pair, count) for pair, count in counts.most_common() if pair[0] != pair[1]][:12]
    if wrong:
        rows = [[one or _("none"), other or _("none"), count] for (one, other), count in wrong]
        yield Table("errors", _("Most frequent errors"), [_("true"), _("decoded"), _("times")], rows)


def _find_templates(
    experiment: Experiment, evaluated: EvaluatedRecordings
) -> tuple[Int64[Tensor, " queries"], Int64[Tensor, " queries"], int]:
    """Return the nearest training recording of some evaluated ones, which of those these are, and how many templates.

    The first result are indices of recordings, the second positions in `evaluated`.
    """
    train = experiment.train
    assert isinstance(train, AudioStream)
    chosen = choose_some(len(evaluated.indices), MOST_QUERIES, seed=0)
    queries = evaluated.indices[chosen]
    frames = evaluated.stream.features.count_frames(train.recordings.lengths)
    count = count_affordable(frames[queries].tolist(), frames[train.indices].tolist())
    templates = train.indices[choose_some(len(train.indices), count, seed=0)]
    nearest, _distances = find_nearest(
        read_features(evaluated.stream, queries), read_features(evaluated.stream, templates)
    )
    return templates[nearest], chosen, count


def _tabulate_baseline(name: str, value: float, baseline: float, recordings: int, templates: int) -> Table:
    """Return the network's figure and that of the nearest template."""
    return Table(
        "baseline",
        _("Compared with a method without training"),
        [_("method"), name, _("recordings")],
        [
            [_("this network"), format_percent(value), None],
            [_("nearest of {count} training recordings (dynamic time warping)", count=templates),
             format_percent(baseline), recordings],
        ],
    )  # fmt: skip


def _make_sound(stream: AudioStream, index: int, number: int, title: str) -> Sound:
    """Return a recording to listen to; a long one is cut off."""
    recordings = stream.recordings
    samples = recordings.read(index)[: round(LONGEST_SOUND * recordings.rate)]
    content = encode_wav(samples.numpy(), recordings.rate)
    return Sound(f"mistake-{number}", title, content, recordings.names[index])


def _targets_of(stream: AudioStream) -> Int64[Tensor, " recordings"]:
    assert isinstance(stream.targets, Tensor)
    return stream.targets
