import csv
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

import axone
from axone.cli import main
from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import DataError, SettingsError, Stopped
from axone.graph.export import dynamic_steps
from axone.settings import resolve
from axone.systems import motion
from axone.tasks.motion.baselines import go_straight
from axone.tasks.motion.learner import FrameLearner
from tests.helpers.data.videos import moving_square, write_frames, write_gif, write_sound, write_video
from tests.helpers.runs.stop_at import StopAt

FRAMES = {"image_size": 16, "past": 3, "future": 2, "channels": 4, "width": 8, "blocks": 1, "hidden": 4}
SCENES = {**FRAMES, "limit": 32, "batch_size": 8, "epochs": 2, "threads": 1}
TRACKS = {"past": 5, "future": 4, "hidden": 6, "epochs": 2, "batch_size": 16, "threads": 1}


def build(**values):
    settings = resolve(motion.Settings, values)
    settings = motion.complete(settings, BuildContext())
    torch.manual_seed(settings.seed)
    return settings, motion.build(settings, BuildContext())


def write_tracks(path, things=6, rows=24, start=0):
    """Write things on circles of different radius."""
    lines = []
    for thing in range(start, start + things):
        for k in range(rows):
            angle = 0.3 * k + thing
            lines.append(f"car{thing},{0.5 * k:g},{(2 + thing) * np.cos(angle):.5f},{(2 + thing) * np.sin(angle):.5f}")
    path.write_text("id,time,x,y\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("motion")


@pytest.fixture(scope="module")
def video_run(folder):
    clips = folder / "clips"
    clips.mkdir()
    for number in range(4):
        write_gif(clips / f"{number}.gif", moving_square(frames=14, start=5 * number))
    return axone.train("motion", data=str(clips), runs_folder=folder / "runs", **{**SCENES, "limit": 0})


@pytest.fixture(scope="module")
def track_run(folder):
    table = write_tracks(folder / "tracks.csv")
    return axone.train("motion", data=str(table), runs_folder=folder / "runs", **TRACKS)


@pytest.mark.parametrize("network", ["simvp", "convlstm"])
@pytest.mark.parametrize(("past", "future", "channels"), [(3, 2, 1), (2, 1, 3), (2, 5, 1)])
def test_an_untrained_network_repeats_the_last_frame(network, past, future, channels):
    settings = resolve(motion.Settings, {**FRAMES, "network": network, "past": past, "future": future})
    model = motion.model(settings, {"task": "frames", "input": [channels, 16, 24]})
    frames = torch.rand(2, past, channels, 16, 24)
    assert torch.equal(model(frames), frames[:, -1:].expand(-1, future, -1, -1, -1))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_an_untrained_network_of_tracks_is_the_straight_line(cell, bidirectional):
    settings, experiment = build(**TRACKS, data="balls", limit=32, cell=cell, bidirectional=bidirectional, layers=2)
    batch = next(iter(experiment.train.batches(1)))
    answering = motion.answering(experiment.learner.network, settings, experiment.facts)
    expected = go_straight(batch.past, 4, experiment.facts["tracks"]["velocity_steps"])
    assert torch.equal(answering(batch.past, batch.nearby), expected)
    metrics = experiment.learner.eval_step(batch)
    assert metrics["displacement_error"] == metrics["error_if_straight"]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_every_cell_learns_frames(cell):
    settings, experiment = build(**SCENES, network="convlstm", cell=cell)
    before = experiment.learner.network.get_submodule("change").weight.clone()
    outcome = fit(experiment, settings, MemoryRecorder())
    assert not torch.equal(before, experiment.learner.network.get_submodule("change").weight)
    assert np.isfinite(outcome.test["loss"])


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_number_of_maps(channels):
    model = motion.simvp(resolve(motion.Settings, {**FRAMES, "channels": channels, "future": 1}), 1, 16, 16)
    assert model(torch.rand(2, 3, 1, 16, 16)).shape == (2, 1, 1, 16, 16)


@pytest.mark.parametrize("kind", ["video_run", "track_run"])
def test_a_run_is_used_where_its_data_are_gone(kind, request, tmp_path):
    run = request.getfixturevalue(kind)
    settings = run.settings.model_copy(update={"data": str(tmp_path / "gone")})
    assert motion.model(settings, run.facts).output_shapes == run.model.output_shapes


def test_large_frames_are_seen_in_larger_blocks():
    settings = resolve(motion.Settings, {**FRAMES, "network": "convlstm"})
    for side, block in ((16, 2), (32, 4)):
        model = motion.model(settings, {"task": "frames", "input": [1, side, side]})
        shapes = [node.shape for node in model.nodes if node.kind == "ConvLSTM2d"]
        assert shapes[0] == (3, 4, side // block, side // block)


@pytest.mark.parametrize("data", ["sprites", "balls"])
@pytest.mark.parametrize("readings", [1, 3])
def test_a_stopped_and_resumed_training_ends_with_the_same_bits(data, readings):
    values = (
        {**SCENES, "data": data} if data == "sprites" else {**TRACKS, "data": data, "limit": 64, "schedule": "cosine"}
    )
    whole, parts = MemoryRecorder(), MemoryRecorder()
    settings, experiment = build(**values)
    fit(experiment, settings, whole)
    settings, experiment = build(**values)
    with pytest.raises(Stopped):
        fit(experiment, settings, parts, stop=StopAt(readings))
    settings, experiment = build(**values)
    fit(experiment, settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, again = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], again[name]) for name in expected)


def test_no_step_is_worse_than_the_straight_line_on_the_validation_set():
    settings, experiment = build(**{**TRACKS, "data": "balls", "limit": 16, "learning_rate": 1.0, "epochs": 1})
    outcome = fit(experiment, settings, MemoryRecorder())
    assert outcome.validation["displacement_error"] <= outcome.validation["error_if_straight"] + 1e-6
    trust = experiment.learner.network.get_buffer("trust")
    assert ((trust >= 0) & (trust <= 1)).all()


def test_the_preset_follows_from_the_data(tmp_path):
    table = str(write_tracks(tmp_path / "a.csv"))
    for data, preset in (
        ("sprites", "default"),
        (table, "trajectories"),
        ("balls", "trajectories"),
        ("traffic", "driving"),
    ):
        completed = motion.complete(resolve(motion.Settings, {"data": data, "hidden": 5}), BuildContext())
        assert (completed.preset, completed.hidden, completed.data) == (preset, 5, data)


def test_predict_writes_a_film_and_a_sheet(video_run, folder, tmp_path, capsys):
    path = write_video(tmp_path / "a.mp4", moving_square())
    assert (
        main(["predict", str(video_run.path), str(path), "--out", str(tmp_path / "out"), "--json", "--steps", "5"]) == 0
    )
    (row,) = json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]
    assert row["frames"] == 5 and (row["height"], row["width"]) == tuple(video_run.facts["input"][1:])
    with Image.open(tmp_path / "out" / "a.gif") as film:
        assert film.n_frames >= 3
    assert (tmp_path / "out" / "a.png").is_file()


def test_videos_together_and_alone_arrays_and_folders_have_the_same_answers(video_run, tmp_path):
    frames = moving_square(frames=9)
    (tmp_path / "v").mkdir()
    path = write_gif(tmp_path / "v" / "a.gif", frames)
    images = write_frames(tmp_path / "frames", frames)
    other = write_gif(tmp_path / "v" / "b.gif", moving_square(frames=9, start=9))
    alone = video_run.predict(path)
    together = video_run.predict([str(path), str(other), str(images), frames])
    assert len(together) == 4 and len(video_run.predict(tmp_path / "v")) == 2
    for answer in (together[0], together[2], together[3]):
        assert np.abs(answer.future.astype(int) - alone.future).max() <= 1
    assert not np.array_equal(together[1].future, alone.future)
    assert np.array_equal(video_run.predict(path, steps=7).future[:2], alone.future)


def test_bad_inputs_of_predict_are_reported_and_the_others_answered(video_run, tmp_path, capsys):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("hello " * 99)
    write_sound(tmp_path / "sound.mp4")
    write_gif(tmp_path / "short.gif", moving_square(frames=2))
    sizes = write_frames(tmp_path / "sizes", moving_square(frames=3))
    write_frames(sizes, moving_square(frames=1, width=40), "frame9.png")
    good = write_gif(tmp_path / "good.gif", moving_square(frames=5))
    names = ["empty.mp4", "text.mp4", "sound.mp4", "short.gif", "sizes", "none.mp4", "good.gif"]
    words = ["predict", str(video_run.path), *(str(tmp_path / name) for name in names), "--json"]
    assert main(words) == DataError.exit_code
    captured = capsys.readouterr()
    rows = json.loads(captured.out.splitlines()[-1])["predictions"]
    errors = [row.get("error", "") for row in rows]
    expected = ["is empty", "not a video", "no video", "2 frames, 3 are observed", "several sizes", "no such file", ""]
    assert all(word in error for word, error in zip(expected, errors, strict=True)) and rows[-1]["frames"] == 2
    assert good.exists() and "Traceback" not in captured.err


def test_predict_writes_paths_in_the_columns_of_the_table(track_run, folder, tmp_path, capsys):
    table = write_tracks(tmp_path / "new.csv", things=2, rows=12, start=3)
    assert main(["predict", str(track_run.path), str(table), "--out", str(tmp_path / "out")]) == 0
    assert "2 things, after 4 steps: car3" in capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "new.csv").read_text())))
    assert len(rows) == 8 and rows[0].keys() == {"id", "time", "x", "y"}
    assert [row["time"] for row in rows[:4]] == ["6", "6.5", "7", "7.5"] and rows[4]["id"] == "car4"
    assert (tmp_path / "out" / "new.svg").read_text().startswith("<svg")


def test_each_thing_is_answered_as_if_it_were_alone(track_run, tmp_path):
    both = track_run.predict(write_tracks(tmp_path / "both.csv", things=2, rows=12))
    alone = track_run.predict(write_tracks(tmp_path / "one.csv", things=1, rows=12))
    assert np.allclose(both.paths[0].future, alone.paths[0].future, atol=1e-5)
    further = track_run.predict(tmp_path / "one.csv", steps=9)
    assert np.allclose(further.paths[0].future[:4], alone.paths[0].future) and len(further.paths[0].future) == 9


def test_short_tracks_are_answered_and_single_positions_said(track_run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,time,x,y\na,0,1,1\na,0.5,2,1\nb,0,5,5\n")
    answer = track_run.predict(path)
    assert [one.thing for one in answer.paths] == ["a"]
    assert "1 thing has a single position" in answer.note and "fewer than 5 positions" in answer.note


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["a,0,1,1", "a,0,2,2"], "in two places at the time 0"),
        (["a,0,1,1", "b,0,2,2"], "no thing with two positions"),
        (["a,0,1,1", "a,0.5,x,2", *(f"a,{k},1,1" for k in range(1, 12))], "not a number"),
        ([], "no rows"),
    ],
)
def test_bad_tables_are_errors_with_their_row(track_run, tmp_path, capsys, rows, problem):
    path = tmp_path / "a.csv"
    path.write_text("id,time,x,y\n" + "\n".join(rows) + "\n")
    assert main(["predict", str(track_run.path), str(path)]) == DataError.exit_code
    assert problem in capsys.readouterr().err
    with pytest.raises(DataError):
        build(**TRACKS, data=str(path))


def test_one_thing_of_two_rows_cannot_be_learned_from(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("id,time,x,y\na,0,1,1\na,1,2,2\n")
    words = ["train", "motion", "--data", str(path), "--runs-folder", str(tmp_path / "runs")]
    assert main(words) == DataError.exit_code
    assert "has 2 positions" in capsys.readouterr().err


def test_networks_that_see_neighbors_do_not_see_further_than_they_learned(folder, tmp_path):
    table = write_tracks(tmp_path / "a.csv")
    run = axone.train("motion", data=str(table), neighbors=2, runs_folder=tmp_path / "runs", **TRACKS)
    assert len(run.predict(table).paths) == 6
    with pytest.raises(SettingsError, match="steps cannot be '5'"):
        run.predict(table, steps=5)


def test_evaluate_repeats_the_metrics_and_has_those_of_other_data(track_run, video_run, tmp_path):
    for run in (track_run, video_run):
        assert run.evaluate()["test"] == pytest.approx(run.results["test"], rel=1e-5)
    other = track_run.evaluate(data=str(write_tracks(tmp_path / "a.csv", things=2)))
    assert other["test"]["displacement_error"] > 0


def test_the_module_of_tracks_is_exported_at_several_lengths(track_run):
    module = motion.answering(track_run.model, track_run.settings, track_run.facts).eval()
    batch, steps = torch.export.Dim("batch"), torch.export.Dim("steps", min=3)

    def example(count, length):
        generator = torch.Generator().manual_seed(length)
        past = torch.randn(count, length, 2, generator=generator, dtype=torch.float64).cumsum(1)
        return past, torch.empty(count, length, 0, 2, dtype=torch.float64)

    shapes = ({0: batch, 1: steps}, {0: batch, 1: steps})
    with dynamic_steps():
        program = torch.export.export(module, example(3, 5), dynamic_shapes=shapes).module()
    for count, length in ((1, 5), (4, 9), (2, 4)):
        past, nearby = example(count, length)
        assert torch.allclose(program(past, nearby), module(past, nearby), atol=1e-6)


def test_the_report_has_films_paths_and_errors_by_horizon(video_run, track_run):
    names = {path.name for path in (video_run.path / "figures").iterdir()}
    assert {"film-1-final.gif", "strip-final.png", "horizon-final.svg"} <= names
    assert "data:image/gif" in (video_run.path / "report.html").read_text()
    assert {"paths-final.svg", "horizon-final.svg"} <= {path.name for path in (track_run.path / "figures").iterdir()}


def test_frames_on_a_device_are_in_channels_last_memory():
    settings, experiment = build(**SCENES)
    fit(experiment, settings, MemoryRecorder())
    assert isinstance(experiment.learner, FrameLearner)
    weights = [parameter for parameter in experiment.learner.network.parameters() if parameter.ndim == 5]
    assert weights and all(w.is_contiguous(memory_format=torch.channels_last_3d) for w in weights)
