"""Predict what follows a video, a folder of frames or a table of tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from axone.data.trajectories.columns import parse_columns
from axone.data.trajectories.read import read_tracks
from axone.data.trajectories.tracks import Track, Tracks
from axone.data.trajectories.windows import TrackBatch, make_windows
from axone.data.video.decode import FrameSize, VideoError, read_last_frames
from axone.data.video.find import find_videos
from axone.data.video.frame_folder import read_last_of_folder
from axone.data.video.in_memory import collect_videos, is_video
from axone.data.video.load import resize_frames, to_gray
from axone.errors import AxoneError, DataError, SettingsError
from axone.messages import _, plural
from axone.tasks.answers import Answer
from axone.tasks.motion.answering import FrameAnswering
from axone.tasks.motion.answers import PredictedFrames, PredictedPath, PredictedTracks
from axone.tasks.motion.baselines import go_straight
from axone.tasks.motion.settings import MotionSettings
from axone.tasks.motion.track_network import TrackAnswering

FEWEST_POSITIONS = 2  # of a thing whose future is predicted


def read_inputs(source: Any, facts: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Return the inputs as a list, and whether there was a single one: videos, or tables of tracks."""
    if isinstance(source, list | tuple) and not (facts["task"] == "tracks" and _are_rows(source)):
        return [item for one in source for item in read_inputs(one, facts)[0]], False
    if not isinstance(source, str | Path):
        return [source], True
    path = Path(source).expanduser()
    if facts["task"] == "tracks" or not path.is_dir():
        return [path], True
    videos = find_videos(path).videos
    return list(videos), videos == [path]


def _are_rows(source: Sequence[Any]) -> bool:
    return bool(source) and all(isinstance(row, Mapping) for row in source)


def predict_frames(
    network: nn.Module, facts: Mapping[str, Any], inputs: Sequence[Any], steps: int = 0
) -> list[Answer | AxoneError]:
    """Answer about each video: `steps` frames that follow it; 0: as many as the network predicts at once."""
    answering = FrameAnswering(network)
    device = next(network.parameters()).device
    answers: list[Answer | AxoneError] = []
    for source in inputs:
        try:
            past = _read_past(source, facts)
        except DataError as error:
            answers.append(error)
            continue
        observed = torch.from_numpy(past).to(device)[None]
        frames, count = observed, steps or int(facts["future"])
        with torch.inference_mode():
            while frames.shape[1] < observed.shape[1] + count:  # what was predicted is observed next
                frames = torch.cat([frames, answering(frames[:, -observed.shape[1] :])], 1)
        future = frames[0, observed.shape[1] : observed.shape[1] + count].cpu().numpy()
        note = _("one of {count} frames is used", count=facts["every"]) if facts["every"] > 1 else ""
        answers.append(PredictedFrames(past, future, note))
    return answers


def _read_past(source: Any, facts: Mapping[str, Any]) -> np.ndarray:
    """Return the last frames of a video as the network takes them. Raises DataError."""
    channels, height, width = facts["input"]
    size, count, every = FrameSize(height, width), int(facts["past"]), int(facts["every"])
    if isinstance(source, str | Path):
        path = Path(source)
        read = read_last_of_folder if path.is_dir() else read_last_frames
        frames = read(path, size, count, every=every)
        name = str(path)
    else:
        if not is_video(source):
            raise DataError(
                _("A {kind} is not a video.", kind=type(source).__name__),
                expected=_("expected a path, or an array (frames, height, width, channels)"),
            )
        (frames,) = collect_videos(source).values()
        frames, name = resize_frames(frames[::-1][::every][:count][::-1], size), _("the array")
    if len(frames) < count:
        raise VideoError(
            Path(name),
            plural("it has {count} frame, {needed} are observed", "it has {count} frames, {needed} are observed",
                   len(frames), needed=count),
        )  # fmt: skip
    return to_gray(frames) if channels == 1 else frames


def predict_tracks(
    network: nn.Module, settings: MotionSettings, facts: Mapping[str, Any], inputs: Sequence[Any], steps: int = 0
) -> list[Answer | AxoneError]:
    """Answer about each table: `steps` positions that follow those of each thing; 0: as many as in training.

    Raises SettingsError for more steps of a network that sees neighbors, whose future is not known.
    """
    count = steps or int(facts["future"])
    if count > facts["future"] and facts["neighbors"]:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="steps", value=steps),
            expected=_("expected at most {count}, because this network sees neighbors", count=facts["future"]),
        )
    answering = TrackAnswering(network, facts)
    answering.eval()
    answers: list[Answer | AxoneError] = []
    for source in inputs:
        try:
            tracks = read_tracks(source, parse_columns(settings.columns), float(facts["step"]))
            answers.append(answer_tracks(answering, tracks, facts, count))
        except DataError as error:
            answers.append(error)
    return answers


@torch.inference_mode()
def answer_tracks(answering: TrackAnswering, tracks: Tracks, facts: Mapping[str, Any], steps: int) -> PredictedTracks:
    """Return the next positions of each thing after its last one. Raises DataError where no thing has two positions."""
    last = _last_of_each_thing(tracks)
    chosen = [number for number in last if len(tracks.tracks[number]) >= FEWEST_POSITIONS]
    if not chosen:
        raise DataError(
            _("'{name}' has no thing with two positions.", name=tracks.name),
            expected=_("expected at least {count} positions of a thing", count=FEWEST_POSITIONS),
        )
    past = int(facts["past"])
    paths: dict[int, PredictedPath] = {}
    lengths = {number: min(past, len(tracks.tracks[number])) for number in chosen}
    for length in sorted(set(lengths.values())):
        members = {number for number in chosen if lengths[number] == length}
        ranges = [
            (len(track) - length, len(track)) if number in members else (0, 0)
            for number, track in enumerate(tracks.tracks)
        ]
        windows = make_windows(
            tracks.tracks, ranges, past=length, future=0, neighbors=facts["neighbors"], stride=1
        )  # fmt: skip
        positions = windows.positions[windows.first[:, None] + torch.arange(length)]
        batch = TrackBatch(positions, positions[:, :0], windows.nearby)
        future = _extend(answering, batch, past, steps)
        straight = go_straight(positions, steps, answering.steps)
        for row, number in enumerate(windows.track.tolist()):
            track = tracks.tracks[number]
            times = track.start_time + tracks.step * (len(track) - 1 + np.arange(1, steps + 1))
            paths[number] = PredictedPath(
                _name(track), times, positions[row].numpy(), future[row].numpy(), straight[row].numpy()
            )
    notes = list(tracks.notes)
    if left_out := len(last) - len(chosen):
        notes.append(
            plural("{count} thing has a single position and is not predicted.",
                   "{count} things have a single position and are not predicted.", left_out)
        )  # fmt: skip
    if short := sum(length < past for length in lengths.values()):
        notes.append(
            plural("{count} thing has fewer than {past} positions.", "{count} things have fewer than {past} positions.",
                   short, past=past)
        )  # fmt: skip
    return PredictedTracks([paths[number] for number in chosen], tracks.columns, tracks.has_dates, " ".join(notes))


def _extend(answering: TrackAnswering, batch: TrackBatch, past: int, steps: int) -> Tensor:
    """Return the next positions; where more are asked for than are predicted at once, from those predicted before."""
    device = answering.velocity_mean.device
    observed, nearby = batch.past.to(device), batch.nearby.to(device)
    known = observed
    while known.shape[1] < observed.shape[1] + steps:
        recent = known[:, -past:]
        if recent.shape[1] != nearby.shape[1]:  # only without neighbors
            nearby = recent.new_empty(len(recent), recent.shape[1], 0, 2)
        known = torch.cat([known, answering(recent, nearby)], 1)
    return known[:, observed.shape[1] : observed.shape[1] + steps].cpu()


def _last_of_each_thing(tracks: Tracks) -> list[int]:
    """Return the number of the track of each thing that ends last, in the order of the things."""
    last: dict[tuple[str, str], int] = {}
    for number, track in enumerate(tracks.tracks):
        key = (track.scene, track.thing)
        known = last.get(key)
        if known is None or track.start + len(track) > tracks.tracks[known].start + len(tracks.tracks[known]):
            last[key] = number
    return list(last.values())


def _name(track: Track) -> str:
    return f"{track.scene}/{track.thing}" if track.scene else track.thing
