"""The figures of a report on motion: predicted next to true frames or paths, and errors by horizon."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from axone.engine.experiment import Experiment
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.motion.baselines import displacement, go_straight
from axone.tasks.motion.drawings.deviations import choose_deviations, draw_deviations
from axone.tasks.motion.drawings.films import draw_film, draw_strip
from axone.tasks.motion.drawings.paths import DrawnPath, draw_paths
from axone.tasks.motion.frame_data import FrameData
from axone.tasks.motion.horizon import HorizonErrors, measure_frames, measure_tracks
from axone.tasks.motion.track_data import TrackData, join_windows
from axone.tasks.motion.track_network import TrackAnswering
from axone.tasks.tables import charts

CLIPS, PATHS, COLUMNS = 3, 6, 10  # that are drawn
HIDING = 4  # times the error of the others, above which that of staying is not drawn


def make_frame_figures(experiment: Experiment, final: bool, data: FrameData) -> Iterator[Figure | Table]:
    """Yield some predicted clips after each epoch; at the end (`final`) also films and the errors by horizon."""
    network = experiment.learner.networks["network"]
    batch = data.examples()
    batch = type(batch)(*(part[:CLIPS].to(experiment.learner.context.device) for part in batch))
    predicted = network(batch.past).float().clamp(0, 1)
    past, true, guessed = (part.permute(0, 1, 3, 4, 2).cpu().numpy() for part in (batch.past, batch.future, predicted))
    steps = np.unique(np.linspace(1, true.shape[1], min(COLUMNS, true.shape[1])).round().astype(int)).tolist()
    yield Figure(
        "strip", _("True and predicted frames"), draw_strip(list(true), list(guessed), steps),
        _("Columns: steps ahead. Error: predicted minus true pixels, red where too bright, blue where too dark."),
    )  # fmt: skip
    if not final:
        return
    for number in range(len(past)):
        film = draw_film(past[number], true[number], guessed[number])
        yield Figure(f"film-{number + 1}", _("Film {number}", number=number + 1), film)
    stream = data.test or data.validation or data.train
    yield from _horizon_figures(measure_frames(network, stream.to(experiment.learner.context.device)))


def make_track_figures(experiment: Experiment, final: bool, data: TrackData) -> Iterator[Figure | Table]:
    """Yield some predicted paths after each epoch; at the end (`final`) also the errors by horizon."""
    stream = data.test or data.validation or data.train
    device = experiment.learner.context.device
    batch = join_windows(stream.to(device))
    answering = TrackAnswering(experiment.learner.networks["network"], experiment.facts)
    steps = batch.future.shape[1]
    straight = go_straight(batch.past, steps, answering.steps)
    # Evenly chosen by the error of the straight line, from the smallest to the largest.
    order = displacement(straight, batch.future).mean(1).argsort()
    chosen = order[torch.linspace(0, len(order) - 1, min(PATHS, len(order))).round().long()]
    some = type(batch)(*(part[chosen] for part in batch))
    predicted = answering(some.past, some.nearby)
    drawn = [
        DrawnPath(past, true, path, line)
        for past, true, path, line in zip(
            *(part.cpu().numpy() for part in (some.past, some.future, predicted, straight[chosen])), strict=True
        )
    ]
    yield Figure(
        "paths", _("True and predicted paths"), draw_paths(drawn),
        _("From paths on which the straight line is right to those on which it is most wrong. Above each: its width "
          "and height in the unit of the data."),
    )  # fmt: skip
    if final:
        true, path, line = (
            part.cpu().numpy() for part in (batch.future, answering(batch.past, batch.nearby), straight)
        )
        _thing, _time, x, y = experiment.facts["columns_of_tracks"]
        yield Figure(
            "deviations", _("Distance from the straight line"),
            draw_deviations(choose_deviations(true, path, line, (x, y))),
            _("Each coordinate less that of the straight line: in a usual window, in one with a large deviation, and "
              "in that with the largest."),
        )  # fmt: skip
        yield from _horizon_figures(measure_tracks(answering, batch))


def _horizon_figures(measured: HorizonErrors) -> Iterator[Figure | Table]:
    errors = {name: values.numpy() for name, values in measured.errors.items()}
    steps = np.arange(1, len(next(iter(errors.values()))) + 1)
    # Where nothing stays, the error of staying would hide all others: it is in the table.
    largest = {name: float(values.max()) for name, values in errors.items()}
    others = max((value for name, value in largest.items() if name != _("stays")), default=0.0)
    drawn = [name for name in errors if largest[name] <= HIDING * others] or list(errors)
    highest = max(largest[name] for name in drawn) or 1.0
    lines = [(name, np.append(0, steps), np.append(0.0, errors[name])) for name in drawn]
    yield Figure(
        "horizon", _("Error by horizon"),
        charts.curves(lines, _("steps ahead"), measured.unit, x=(0.0, float(steps[-1])), y=(0.0, highest)),
        _("The network next to what is predicted without learning, on the same data."),
    )  # fmt: skip
    listed = sorted({1, *np.linspace(1, len(steps), min(5, len(steps))).round().astype(int).tolist()})
    rows = [
        [name, *(format_number(float(f"{values[step - 1]:.4g}")) for step in listed)] for name, values in errors.items()
    ]
    titles = [_("prediction"), *(f"+{step}" for step in listed)]
    yield Table("horizon", _("Error by steps ahead ({unit})", unit=measured.unit), titles, rows)
