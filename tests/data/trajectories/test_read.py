import numpy as np
import polars
import pytest
import torch

from axone.data.trajectories.read import read_tracks, resample
from axone.errors import DataError


def write(path, rows, header="id,t,x,y"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def line(thing="a", steps=6, step=0.5, speed=2.0, start=0.0):
    return [f"{thing},{start + step * k:g},{speed * k:g},{1 + k:g}" for k in range(steps)]


def test_tracks_of_several_things_in_any_order_of_rows(tmp_path):
    rows = [*line("a"), *line("b", steps=4, start=1.0)]
    tracks = read_tracks(write(tmp_path / "a.csv", [*rows[::-1]]))
    by_name = {track.thing: track for track in tracks.tracks}
    assert tracks.step == 0.5 and tracks.columns == ("id", "t", "x", "y") and not tracks.has_dates
    assert by_name["a"].positions.tolist() == [[2.0 * k, 1.0 + k] for k in range(6)]
    assert (by_name["b"].start, by_name["b"].start_time, len(by_name["b"])) == (2, 1.0, 4)
    assert tracks.fingerprint() == read_tracks(tmp_path / "a.csv").fingerprint()
    assert tracks.fingerprint() != read_tracks(write(tmp_path / "b.csv", line("a"))).fingerprint()


def test_decimal_commas_semicolons_and_dates(tmp_path):
    rows = [f"a;2024-03-01 10:00:{2 * k:02d};{k},5;{k + 1},25" for k in range(5)]
    tracks = read_tracks(write(tmp_path / "a.csv", rows, "id;time;x;y"))
    (track,) = tracks.tracks
    assert track.positions[1].tolist() == [1.5, 2.25] and tracks.has_dates
    assert tracks.step == pytest.approx(2.0) and track.start_time == pytest.approx(1709287200.0, abs=0.01)


def test_short_gaps_are_interpolated_and_long_ones_separate(tmp_path):
    rows = line(steps=20)
    rows_left = [row for k, row in enumerate(rows) if k not in (3, 4, 10, 11, 12, 13)]
    tracks = read_tracks(write(tmp_path / "a.csv", rows_left))
    assert [(track.start, len(track)) for track in tracks.tracks] == [(0, 10), (14, 6)]
    assert tracks.tracks[0].positions[3].tolist() == [6.0, 4.0]
    text = " ".join(tracks.notes)
    assert "2 positions are interpolated" in text and "1 gap of more than 2 steps" in text


def test_irregular_times_are_resampled():
    pieces, count = resample(np.array([0.0, 0.9, 2.2, 3.0]), np.array([[0.0, 0], [9, 0], [22, 0], [30, 0]]), 1.0, 0.0)
    ((start, values),) = pieces
    assert start == 0 and np.allclose(values[:, 0], [0, 10, 20, 30]) and count == 2


def test_rows_without_a_position_are_gaps_and_said(tmp_path):
    rows = line(steps=8)
    rows[2], rows[5] = "a,1,,3", "a,2.5,nan,6"
    tracks = read_tracks(write(tmp_path / "a.csv", rows))
    (track,) = tracks.tracks
    assert len(track) == 8 and torch.isfinite(track.positions).all()
    assert any("2 rows have no time or no position" in note and "row 3 (line 4)" in note for note in tracks.notes)


def test_infinite_and_unreadable_positions_are_errors_with_the_row(tmp_path):
    for cell, word in (("inf", "row 3"), ("abc", "row 3"), ("1e999", "row 3")):
        rows = line(steps=12)
        rows[2] = f"a,1,{cell},3"
        try:
            tracks = read_tracks(write(tmp_path / "a.csv", rows))
        except DataError as error:
            assert word in str(error) and "line 4" in str(error), cell
        else:
            assert cell == "inf" and any("row 3" in note for note in tracks.notes)


def test_two_positions_at_one_time_are_an_error_with_both_rows(tmp_path):
    rows = line(steps=6)
    rows[4] = "a,1,9,9"
    with pytest.raises(DataError, match="in two places at the time 1") as refused:
        read_tracks(write(tmp_path / "a.csv", rows))
    assert "row 3 (line 4)" in str(refused.value) and "row 5 (line 6)" in str(refused.value)
    assert "--columns thing=" in refused.value.hint


def test_the_same_time_in_two_scenes_is_no_error(tmp_path):
    rows = [f"{scene},a,{k},{k},{k}" for scene in (1, 2) for k in range(4)]
    tracks = read_tracks(write(tmp_path / "a.csv", rows, "scene,id,t,x,y"))
    assert [(track.scene, len(track)) for track in tracks.tracks] == [("1", 4), ("2", 4)]


def test_one_position_of_each_thing_is_refused(tmp_path):
    with pytest.raises(DataError, match="no thing with two positions"):
        read_tracks(write(tmp_path / "a.csv", ["a,0,1,2", "b,0,2,3"]))
    with pytest.raises(DataError, match="no rows"):
        read_tracks(write(tmp_path / "b.csv", []))
    with pytest.raises(DataError, match="taken for"):
        read_tracks(write(tmp_path / "c.csv", ["1,2"], "a,b"))


def test_a_table_of_one_thing_without_a_column_for_it_and_frames():
    frame = polars.DataFrame({"t": [0, 1, 2], "x": [0.0, 1.0, 2.0], "y": [0.0, 0.0, None]})
    (track,) = read_tracks(frame).tracks
    assert track.thing == "" and len(track) == 2
    rows = [{"t": k, "x": k, "y": 0} for k in range(3)]
    assert len(read_tracks(rows).tracks[0]) == 3


def test_the_step_of_a_run_is_kept():
    frame = polars.DataFrame({"t": [0.0, 2.0, 4.0], "x": [0.0, 2.0, 4.0], "y": [0.0, 0.0, 0.0]})
    (track,) = read_tracks(frame, step=1.0).tracks
    assert track.positions[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
