"""Figures of a translation: held-out images, their translations, and these translated back, in both directions."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from axone.data.images.normalize import to_unit_range
from axone.data.images.pairs import PairStream
from axone.engine.experiment import Experiment
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure
from axone.messages import _
from axone.tasks.answers import to_uint8
from axone.tasks.translation.predict import require_translator

COLUMNS = 10  # images in a row


def make_figures(experiment: Experiment, final: bool) -> Iterable[Figure]:
    """Draw a sheet per direction: images, translations, translations back and, if known, the true translations."""
    network = require_translator(experiment.learner.networks["network"])
    stream = experiment.train if experiment.validation is None else experiment.validation
    assert isinstance(stream, PairStream)
    batch = next(iter(stream.to(experiment.learner.context.device).batches(1)))
    count = min(COLUMNS, len(batch.inputs), len(batch.targets))
    source, target = batch.inputs[:count], batch.targets[:count]  # [count, channels, height, width]
    has_targets = experiment.facts["has_targets"] and experiment.validation is not None
    to_target, to_source = network.source_to_target, network.target_to_source
    for name, title, images, answers, translate, translate_back in (
        ("source_to_target", _("From source to target, and back"), source, target, to_target, to_source),
        ("target_to_source", _("From target to source, and back"), target, source, to_source, to_target),
    ):
        with experiment.learner.casting():
            translated = translate(images)
            returned = translate_back(translated)
        rows = [images, translated, returned, *([answers] if has_targets else [])]
        caption = _("Rows: input; translation; translation back.")
        if has_targets:
            caption += " " + _("Last row: the true translation, which was not used in training.")
        sheet = draw_contact_sheet(to_uint8(to_unit_range(torch.cat(rows))).numpy(), columns=count)
        yield Figure(name, title, sheet, caption)
