from pathlib import Path

import numpy as np
import pytest
import torch

from axone.data.trajectories.tracks import Track, Tracks
from axone.errors import DataError
from axone.tasks.motion.predict import answer_tracks, read_inputs
from axone.tasks.motion.track_network import TRUST, TrackAnswering
from tests.helpers.data.videos import moving_square, write_frames, write_gif

FACTS = {
    "past": 4,
    "future": 3,
    "positions": "none",
    "neighbors": 1,
    "tracks": {
        "velocity_steps": 1,
        "velocity": {"mean": [0.0, 0.0], "std": [1.0, 1.0]},
        "position": {"mean": [0.0, 0.0], "std": [1.0, 1.0]},
        "nearby_scale": 1.0,
        "residual_scale": [[1.0, 1.0]] * 3,
        "straight_error": 1.0,
    },
}


class Nearest(torch.nn.Module):
    """Corrects by the relative position of the nearest thing at the last step, to see that it is the right one."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.register_buffer(TRUST, torch.ones(3))

    def forward(self, features):
        return self.scale * features[:, -1:, 2:4].expand(-1, 3, -1)


def track(thing, length, start=0, x=0.0, scene=""):
    steps = torch.arange(start, start + length, dtype=torch.float64)
    return Track(thing, scene, start, torch.stack([steps, torch.full_like(steps, x)], 1), start_time=0.5 * start)


def answer(*tracks):
    return answer_tracks(TrackAnswering(Nearest(), FACTS), Tracks(tracks, 0.5, "t", "t"), FACTS, 3)


def test_each_thing_continues_after_its_own_end_with_its_own_neighbor():
    result = answer(track("a", 6), track("b", 6, x=2.0), track("c", 3, x=9.0))
    by_name = {path.thing: path for path in result.paths}
    assert by_name["a"].future.tolist() == [[6.0, 2.0], [7.0, 2.0], [8.0, 2.0]]  # b is 2 above a
    assert by_name["b"].future[0].tolist() == [6.0, 0.0] and by_name["a"].times.tolist() == [3.0, 3.5, 4.0]
    assert by_name["c"].times.tolist() == [1.5, 2.0, 2.5] and by_name["c"].future[0].tolist() == [3.0, 2.0]
    assert by_name["a"].straight.tolist() == [[6.0, 0.0], [7.0, 0.0], [8.0, 0.0]]
    assert "1 thing has fewer than 4 positions" in result.note


def test_the_track_that_ends_last_is_continued():
    result = answer(track("a", 5), track("a", 4, start=9), track("b", 1))
    (path,) = result.paths
    assert path.future[0].tolist() == [13.0, 0.0] and path.times[0] == 6.5
    assert "single position" in result.note


def test_names_of_scenes_are_part_of_the_answer():
    result = answer(track("a", 5, scene="1"), track("a", 5, scene="2"))
    assert [path.thing for path in result.paths] == ["1/a", "2/a"]


def test_nothing_to_continue_is_an_error():
    with pytest.raises(DataError, match="no thing with two positions"):
        answer(track("a", 1), track("b", 1))


def test_inputs_are_listed_by_kind(tmp_path):
    frames, tracks = {"task": "frames"}, {"task": "tracks"}
    video = write_gif(tmp_path / "a.gif", moving_square(frames=2))
    folder = write_frames(tmp_path / "b", moving_square(frames=2))
    assert read_inputs(str(video), frames) == ([video], True)
    assert read_inputs(folder, frames) == ([folder], True)
    assert read_inputs(tmp_path, frames) == ([video, folder], False)
    assert read_inputs([video, folder], frames) == ([video, folder], False)
    array = np.zeros((3, 4, 4), np.uint8)
    assert read_inputs(array, frames)[1] and len(read_inputs([array, array], frames)[0]) == 2
    rows = [{"t": 0, "x": 1, "y": 2}]
    assert read_inputs(rows, tracks) == ([rows], True)
    assert read_inputs(["a.csv", "b.csv"], tracks) == ([Path("a.csv"), Path("b.csv")], False)
