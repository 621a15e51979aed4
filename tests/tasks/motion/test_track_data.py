import pytest
import torch

from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.settings import resolve
from axone.tasks.motion.settings import MotionSettings
from axone.tasks.motion.track_data import join_windows, read_windows

TINY = {"past": 4, "future": 3, "batch_size": 8}


def read(context=None, **values):
    return read_windows(resolve(MotionSettings, {**TINY, **values}), context or BuildContext())


def write(path, things=8, rows=20):
    lines = [f"{thing},{k},{k * (thing + 1)},{k * k / 10}" for thing in range(things) for k in range(rows)]
    path.write_text("id,t,x,y\n" + "\n".join(lines) + "\n")
    return str(path)


def test_a_table_becomes_windows_of_whole_things(tmp_path):
    data = read(data=write(tmp_path / "a.csv"), test=0.25, validation=0.2)
    assert data.facts["samples"]["train"] == 5 * 14 and data.report["held_out"] == "thing"
    assert data.facts["step"] == 1.0 and data.facts["columns_of_tracks"] == ["id", "t", "x", "y"]
    assert data.facts["tracks"]["velocity_steps"] == 1
    batch = data.examples()
    assert batch.past.dtype == torch.float64 and batch.past.shape[1:] == (4, 2)
    assert len(join_windows(data.train).past) == 70


def test_the_facts_of_a_run_decide_for_other_data(tmp_path):
    own = read(data=write(tmp_path / "a.csv"))
    said = []
    context = BuildContext(facts=own.facts, whole=True, notify=said.append)
    other = read(context, data=write(tmp_path / "b.csv", things=2, rows=12))
    assert other.facts["tracks"] == own.facts["tracks"] and other.validation is None
    assert any("2 tracks" in line for line in said)


def test_generated_tracks_and_limits():
    data = read(data="balls", limit=20)
    assert data.facts["samples"]["train"] == 20 and data.facts["neighbors"] == 0
    traffic = read(data="traffic", limit=20, neighbors=2)
    assert next(traffic.train.batches(1)).nearby.shape == (8, 4, 2, 2)


def test_one_thing_of_two_rows_is_refused_with_the_numbers(tmp_path):
    with pytest.raises(DataError, match="longest track, of '0', has 2 positions") as refused:
        read(data=write(tmp_path / "a.csv", things=1, rows=2))
    assert "at least 7" in refused.value.expected and "--past" in refused.value.hint


def test_short_tracks_are_said(tmp_path):
    path = tmp_path / "a.csv"
    write(path)
    path.write_text(path.read_text() + "\n".join(f"short,{k},{k},{k}" for k in range(5)) + "\n")
    assert any("1 track is shorter" in note for note in read(data=str(path)).notes)
