"""The two players of `gan3d`: their networks, resuming to the bit, what is generated, and meshes of one's own."""

import json

import numpy as np
import pytest
import torch
import trimesh

from axone import catalogue
from axone.cli import main
from axone.data.datasets.furniture import make_furniture
from axone.data.voxels.voxels import is_connected, largest_component
from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import DataError, SettingsError, Stopped, UsageError
from axone.graph import Input, Model
from axone.settings import resolve
from axone.systems import gan3d
from axone.tasks.shapes.data import read_solids, solids_of, volumes
from axone.tasks.shapes.generate import noise_for, one_hot, solids_from
from axone.train import resume, train
from axone.use import load
from tests.helpers.stop_at import StopAt

TINY = {
    **{"resolution": 16, "channels": (16, 8), "latent": 8, "limit": 60, "validation": 0.2, "batch_size": 16},
    **{"epochs": 2, "threads": 1, "precision": "float32"},
}


def built(**given):
    settings = resolve(gan3d.Settings, {**TINY, **given})
    torch.manual_seed(settings.seed)
    return settings, gan3d.build(settings, BuildContext())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("axone.tasks.shapes.data.TRAIN", 160)
        patch.setattr("axone.tasks.shapes.data.TEST", 20)
        patch.setattr("axone.tasks.shapes.figures.MEASURED", 40)
        # A few more steps than TINY has: before that the norms' running variances drown what noise makes different.
        return train("gan3d", runs_folder=tmp_path_factory.mktemp("runs"), **{**TINY, "limit": 0, "epochs": 12})


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr("axone.tasks.shapes.data.TRAIN", 160)
    monkeypatch.setattr("axone.tasks.shapes.data.TEST", 20)
    monkeypatch.setattr("axone.tasks.shapes.figures.MEASURED", 40)


def test_what_the_generator_doubles_the_discriminator_halves():
    settings, facts = resolve(gan3d.Settings, {}), gan3d.EXAMPLE_FACTS
    maker, judge = gan3d.model(settings, facts), gan3d.discriminator(settings, facts)
    sizes = [node.shape for node in maker.nodes if len(node.shape) == 4]
    growing = [(64, 4, 4, 4), (32, 8, 8, 8), (16, 16, 16, 16), (8, 16, 16, 16), (1, 32, 32, 32)]
    assert list(dict.fromkeys(sizes)) == growing
    assert [node.shape for node in judge.nodes if node.kind == "Conv3d"] == [(32, 8, 8, 8), (64, 4, 4, 4)]
    assert judge.output_shapes == ((4,),) and maker.output_shapes == ((1, 32, 32, 32),)


def test_packing_keeps_neighbors_together_and_is_undone():
    voxels = Input(1, 8, 8, 8)
    together = gan3d.packed(voxels)
    there, again = Model(voxels, together), Model(voxels, gan3d.unpacked(together))
    given = torch.arange(512.0).reshape(1, 1, 8, 8, 8)
    assert torch.equal(again(given), given)
    assert torch.equal(there(given)[0, :, 1, 2, 3], given[0, 0, 2:4, 4:6, 6:8].flatten())


def test_a_cube_that_is_not_doubled_to_is_refused():
    with pytest.raises(SettingsError, match="resolution cannot be '20'") as refused:
        built(resolution=20)
    assert "multiple of 8" in refused.value.expected


def test_what_the_discriminator_sees_are_the_solids_themselves():
    _settings, experiment = built()
    batch = next(iter(experiment.train.batches(1)))
    seen = volumes(batch.inputs)
    assert seen.shape == (16, 1, 16, 16, 16) and set(seen.unique().tolist()) == {0.0, 1.0}
    solids, labels = make_furniture(180, 16)
    for volume, index, label in zip(seen, batch.index.tolist(), batch.targets.tolist(), strict=True):
        assert np.array_equal(volume[0].numpy() > 0.5, solids[index]) and labels[index] == label


def test_only_the_score_of_the_class_asked_for_counts():
    _settings, experiment = built()
    learner = experiment.learner
    batch = next(iter(experiment.train.batches(1)))
    batch = batch._replace(targets=torch.zeros_like(batch.targets))
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 10))
    last = [parameter for parameter in learner.discriminator.parameters()][-2]
    before = last.detach().clone()
    with learner.training():
        learner.train_step(batch)
    changed = (last.detach() != before).any(1)
    assert changed.tolist() == [True, False, False, False]


@pytest.mark.parametrize("readings", [1, 3, 4])
def test_stopped_and_resumed_both_players_end_with_the_same_bits(readings):
    whole, parts = MemoryRecorder(), MemoryRecorder()
    settings, experiment = built(schedule="one-cycle")
    fit(experiment, settings, whole)
    settings, experiment = built(schedule="one-cycle")
    with pytest.raises(Stopped):
        fit(experiment, settings, parts, stop=StopAt(readings))
    settings, experiment = built(schedule="one-cycle")
    fit(experiment, settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, found = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert {name.split(".")[0] for name in expected} == {"network", "discriminator"}
        assert all(torch.equal(expected[name], found[name]) for name in expected)
    for name in ("create", "judge"):
        ended, resumed = (recorder.checkpoints["last"][1]["learner"][name] for recorder in (whole, parts))
        assert ended["calls"] == resumed["calls"] == 4
        for one, two in zip(ended["optimizers"], resumed["optimizers"], strict=True):
            for key, values in one["state"].items():
                assert all(torch.equal(value, two["state"][key][part]) for part, value in values.items())


def test_the_report_shows_walls_neighbors_ways_and_measures():
    settings, experiment = built()
    recorder = MemoryRecorder()
    fit(experiment, settings, recorder)
    final = {exhibit.name: exhibit for exhibit, epoch in recorder.figures if epoch is None}
    assert final.keys() >= {"shapes", "training", "nearest", "ways", "measures"}
    assert {exhibit.name for exhibit, epoch in recorder.figures if epoch == 1} == {"shapes"}
    rows = {row[0]: row for row in final["measures"].rows}
    assert rows["made"][1] == 40 and rows["made: chair"][1] == 10 and rows["held out"][1] == 20
    assert rows["held out"][2:5] == [1.0, 1.0, 1.0]  # furniture itself is valid


def test_generate_from_the_run_folder_alone(run, tmp_path, monkeypatch):
    monkeypatch.setattr("axone.tasks.shapes.data.make_furniture", None)  # nothing is drawn again
    some = load(run.path).generate(6, seed=3)
    assert [made.label for made in some] == ["bed", "chair", "shelf", "table", "bed", "chair"]
    assert all(np.array_equal(one.solid, two.solid) for one, two in zip(some, load(run.path).generate(3, seed=3)))
    assert any(not np.array_equal(one.solid, two.solid) for one, two in zip(some, load(run.path).generate(6, seed=4)))
    with pytest.raises(UsageError, match="no class 'boat'"):
        run.generate(1, label="boat")


def test_what_is_generated_hangs_together(run):
    network, classes = load(run.path).model, len(run.facts["classes"])
    raw = solids_from(network, noise_for(8, run.settings.latent, 5), one_hot(torch.arange(8) % classes, classes))
    made = np.stack([one.solid for one in run.generate(8, seed=5)])
    assert np.array_equal(made, largest_component(raw))
    assert (is_connected(made) | ~made.any((1, 2, 3))).all()


def test_the_verb_writes_meshes_pictures_and_a_wall(run, tmp_path, capsys):
    out = tmp_path / "made"
    words = ["generate", str(run.path), "--count", "3", "--class", "chair", "--seed", "7", "--out", str(out), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    names = {path.name for path in out.iterdir()}
    assert names == {f"seed7-{k}{end}" for k in range(3) for end in (".obj", ".stl", ".png")} | {"seed7-sheet.png"}
    assert all(
        made["label"] == "chair" and made["voxels"] >= 0 and len(made["files"]) == 3 for made in told["examples"]
    )
    solid = run.generate(3, label="chair", seed=7)[0].solid
    for name in ("seed7-0.obj", "seed7-0.stl"):
        if solid.any():
            assert trimesh.load_mesh(out / name).is_watertight


def test_what_is_measured_again_is_what_was_measured(run):
    again = run.evaluate()
    assert again["test"] == pytest.approx(run.results["test"])
    assert set(again["validation"]) == {"distance", "coverage", "valid", "in one piece"}


def meshes(root, count=16, classes=("ball", "block")):
    for name in classes:
        folder = root / name if len(classes) > 1 else root
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            mesh = trimesh.creation.box((1, 1 + number / 9, 2)) if name == "block" else trimesh.creation.icosphere(1)
            mesh.apply_scale([1, 1, 1 + number / 7])
            mesh.export(folder / f"{number:02}.stl")
    return root


@pytest.mark.parametrize("classes", [("ball", "block"), ("block",)])
def test_meshes_of_ones_own_with_classes_and_without(tmp_path, classes):
    root = meshes(tmp_path / "data", classes=classes)
    hole = trimesh.creation.icosphere(2)
    hole.update_faces(np.arange(len(hole.faces)) > 40)
    folder = root / "ball" if len(classes) > 1 else root
    hole.export(folder / "open.stl")
    (folder / "broken.obj").write_bytes(b"\x00")
    run = train(
        "gan3d", runs_folder=tmp_path / "runs", **{**TINY, "data": str(root), "limit": 0, "resolution": 8, "epochs": 1}
    )
    told = (run.path / "events.jsonl").read_text()
    assert "not closed" in told and "broken.obj" in told
    assert run.facts["classes"] == (list(classes) if len(classes) > 1 else ["data"])
    made = load(run.path).generate(2)
    assert made[0].solid.shape == (8, 8, 8) and made[0].label == ("ball" if len(classes) > 1 else "")
    finished = resume(run.path, epochs=2)
    assert finished.results["epochs"] == 2


@pytest.mark.parametrize("count", [1, 9])
def test_hardly_any_mesh_is_refused(tmp_path, count):
    root = meshes(tmp_path / "data", count=count, classes=("block",))
    with pytest.raises(DataError, match="to learn from") as refused:
        built(data=str(root), limit=0, resolution=8)
    assert "at least 10" in refused.value.expected


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no meshes"):
        built(data=str(tmp_path / "empty"))


def test_its_line_and_settings_are_read_without_torch():
    system = catalogue.find("gan3d")
    assert catalogue.read_light_settings_class(system.path) is not None and len(system.summary) < 100


def test_bfloat16_learns_the_same_game():
    settings, experiment = built()
    outcome = fit(experiment, settings, MemoryRecorder(), dtype=torch.bfloat16)
    assert all(np.isfinite(entry["train"]["loss"]) for entry in outcome.progress.history)


def test_solids_of_a_part_are_what_was_drawn():
    parts = read_solids(resolve(gan3d.Settings, TINY), BuildContext(), 16, "z")
    solids = solids_of(parts.train)
    drawn, _labels = make_furniture(180, 16)
    assert np.array_equal(solids, drawn[parts.train.indices.numpy()])
    assert parts.facts["stands"] == [True] * 4
