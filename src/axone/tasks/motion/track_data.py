"""Tracks for training, validation and test: generated ones, or those of a table, with the facts of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from axone.data.trajectories.columns import parse_columns
from axone.data.trajectories.read import read_tracks
from axone.data.trajectories.tracks import Tracks
from axone.data.trajectories.windows import TrackBatch, Windows, WindowStream, make_windows, split_tracks
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import format_number
from axone.tasks.motion.settings import MotionSettings
from axone.tasks.motion.sources import GENERATED
from axone.tasks.motion.track_network import measure_tracks

EVALUATION_BATCH = 1024
MOST_MEASURED = 20_000  # training windows whose velocities and errors are measured
MOST_EVALUATED = 20_000  # windows of validation, and of test


@dataclass(frozen=True)
class TrackData:
    """Batches of windows with what is known of them."""

    train: WindowStream
    validation: WindowStream | None
    test: WindowStream | None
    facts: dict[str, Any]
    notes: list[str]
    report: dict[str, Any]

    def examples(self) -> TrackBatch:
        """Return the test set, or what is nearest to it, as one batch."""
        return join_windows(self.test or self.validation or self.train)


def join_windows(stream: WindowStream) -> TrackBatch:
    """Return all windows of a stream as one batch, in the order of their indices."""
    return stream.read_batch(stream.indices, 1, 0)


def load_tracks(settings: MotionSettings, context: BuildContext) -> Tracks:
    """Return the tracks that `settings.data` names. With the facts of a run they have its step of time."""
    source = context.source(settings.data)
    if isinstance(source, str) and source in GENERATED:
        context.progress(_("generating tracks"), 0, 0)
        return GENERATED[source]()
    context.progress(_("reading the table"), 0, 0)
    step = context.facts["step"] if context.facts else None
    return read_tracks(source, parse_columns(settings.columns), step)


def read_windows(settings: MotionSettings, context: BuildContext) -> TrackData:
    """Read or generate the tracks that `settings.data` names, and cut windows. Raises DataError, ResourceError."""
    tracks = load_tracks(settings, context)
    window = settings.past + settings.future
    _require_windows(tracks, window)
    ranges, held_out = split_tracks(
        tracks.tracks, validation=settings.validation, test=settings.test, seed=settings.seed, window=window,
        whole=context.whole,
    )  # fmt: skip
    streams: dict[str, WindowStream | None] = {}
    for split in ("train", "validation", "test"):
        is_train = split == "train"
        windows = make_windows(
            tracks.tracks, ranges[split], past=settings.past, future=settings.future, neighbors=settings.neighbors,
            stride=1 if is_train else max(1, settings.future // 2),
        )  # fmt: skip
        streams[split] = _make_stream(windows, settings, is_train)
    train = streams["train"]
    if train is None:
        raise DataError(
            _("No track is left for training that is long enough: all of them are held out."), hint=_("type: --test 0")
        )
    counts = {name: len(stream.indices) if stream else 0 for name, stream in streams.items()}
    measured = train.indices[torch.linspace(0, len(train.indices) - 1, min(len(train.indices), MOST_MEASURED)).long()]
    facts = {
        "task": "tracks",
        "past": settings.past,
        "future": settings.future,
        "positions": settings.positions,
        "neighbors": settings.neighbors,
        "step": tracks.step,
        "columns_of_tracks": list(tracks.columns),
        "tracks": (context.facts or {}).get("tracks") or measure_tracks(train.read_batch(measured, 1, 0)),
        "samples": counts,
        "source": tracks.source,
        "fingerprint": tracks.fingerprint(),
    }
    notes = describe_tracks(tracks, counts, held_out, window)
    if context.whole:
        for note in notes:
            context.notify(note)
    report = {
        "version": 1,
        "kind": "tracks",
        "tracks": len(tracks.tracks),
        "positions": sum(map(len, tracks.tracks)),
        "step": tracks.step,
        "held_out": held_out,
        "windows": counts,
        "notes": list(tracks.notes),
    }
    return TrackData(train, streams["validation"], streams["test"], facts, notes, report)


def _make_stream(windows: Windows, settings: MotionSettings, is_train: bool) -> WindowStream | None:
    indices = torch.arange(len(windows.first))
    if not len(indices):
        return None
    shared: dict[str, Any] = {"past": settings.past, "future": settings.future}
    if is_train:
        if settings.limit:
            order = torch.randperm(len(indices), generator=torch.Generator().manual_seed(settings.seed))
            indices = indices[order[: settings.limit]]
        size = min(settings.batch_size, len(indices))
        return WindowStream(windows, indices, batch_size=size, seed=settings.seed, **shared)
    if len(indices) > MOST_EVALUATED:
        indices = indices[torch.linspace(0, len(indices) - 1, MOST_EVALUATED).round().long()]
    return WindowStream(windows, indices, batch_size=EVALUATION_BATCH, shuffle=False, **shared)


def _require_windows(tracks: Tracks, window: int) -> None:
    longest = max(tracks.tracks, key=len, default=None)
    if longest is not None and len(longest) >= window:
        return
    if longest is None:
        raise DataError(_("'{name}' has no thing with two positions.", name=tracks.name))
    raise DataError(
        plural("'{name}': the longest track, of '{thing}', has {count} position.",
               "'{name}': the longest track, of '{thing}', has {count} positions.", len(longest), name=tracks.name,
               thing=longest.thing),
        expected=_("expected at least {count}: those that are observed and those that follow", count=window),
        hint=_("type smaller numbers: --past, --future"),
    )  # fmt: skip


def describe_tracks(tracks: Tracks, counts: dict[str, int], held_out: str, window: int) -> list[str]:
    """Return sentences on tracks for people: how many, their step, what is held out, and what was changed."""
    kinds = {
        "scene": _("Whole scenes are held out."),
        "thing": _("Whole things are held out."),
        "time": _("With fewer than five things, the last part of the time is held out; windows do not cross the cuts."),
    }
    short = sum(len(track) < window for track in tracks.tracks)
    lines = [
        plural("{count} track, {positions} positions, one every {step}: {source}.",
               "{count} tracks, {positions} positions, one every {step}: {source}.", len(tracks.tracks),
               positions=format_number(sum(map(len, tracks.tracks))), step=format_number(tracks.step),
               source=tracks.source),
        _("{train} training, {validation} validation and {test} test windows of {window} positions.",
          window=window, **{name: format_number(n) for name, n in counts.items()}),
        kinds[held_out],
    ]  # fmt: skip
    if short:
        lines.append(
            plural("{count} track is shorter than a window and is not predicted.",
                   "{count} tracks are shorter than a window and are not predicted.", short)
        )  # fmt: skip
    return [*lines, *tracks.notes]
