"""The generator of shapes: its networks, bit-exact resuming, generated shapes, and meshes of the user."""

import json

import numpy as np
import pytest
import torch
import trimesh

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
from axone.tasks.shapes.data import to_volumes
from axone.tasks.shapes.generate import answering, generate_solids, sample_noise
from axone.train import resume, train
from axone.use import load
from tests.helpers.runs.stop_at import StopAt

TINY = {
    **{"resolution": 16, "channels": (16, 8), "latent": 8, "limit": 60, "validation": 0.2, "batch_size": 16},
    **{"epochs": 2, "threads": 1, "precision": "float32"},
}


def build(**changes):
    settings = resolve(gan3d.Settings, {**TINY, **changes})
    torch.manual_seed(settings.seed)
    return settings, gan3d.build(settings, BuildContext())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("axone.tasks.shapes.data.TRAIN", 160)
        patch.setattr("axone.tasks.shapes.data.TEST", 20)
        patch.setattr("axone.tasks.shapes.figures.MEASURED", 40)
        # More epochs than TINY: with fewer, the running variances of the batch norms hide the effect of the noise.
        return train("gan3d", runs_folder=tmp_path_factory.mktemp("runs"), **{**TINY, "limit": 0, "epochs": 12})


@pytest.fixture(autouse=True)
def _small_data(monkeypatch):
    monkeypatch.setattr("axone.tasks.shapes.data.TRAIN", 160)
    monkeypatch.setattr("axone.tasks.shapes.data.TEST", 20)
    monkeypatch.setattr("axone.tasks.shapes.figures.MEASURED", 40)


def test_the_discriminator_halves_the_sides_that_the_generator_doubles():
    settings, facts = resolve(gan3d.Settings, {}), gan3d.EXAMPLE_FACTS
    generator, discriminator = gan3d.model(settings, facts), gan3d.discriminator(settings, facts)
    sizes = [node.shape for node in generator.nodes if len(node.shape) == 4]
    expected = [(64, 4, 4, 4), (32, 8, 8, 8), (16, 16, 16, 16), (8, 16, 16, 16), (1, 32, 32, 32)]
    assert list(dict.fromkeys(sizes)) == expected
    assert [node.shape for node in discriminator.nodes if node.kind == "Conv3d"] == [(32, 8, 8, 8), (64, 4, 4, 4)]
    assert discriminator.output_shapes == ((4,),) and generator.output_shapes == ((1, 32, 32, 32),)


def test_depth_to_space_inverts_space_to_depth():
    voxels = Input(1, 8, 8, 8)
    blocks = gan3d.space_to_depth(voxels)
    to_blocks, identity = Model(voxels, blocks), Model(voxels, gan3d.depth_to_space(blocks))
    values = torch.arange(512.0).reshape(1, 1, 8, 8, 8)
    assert torch.equal(identity(values), values)
    assert torch.equal(to_blocks(values)[0, :, 1, 2, 3], values[0, 0, 2:4, 4:6, 6:8].flatten())


def test_a_resolution_that_doubling_does_not_reach_is_refused():
    with pytest.raises(SettingsError, match="resolution cannot be '20'") as refused:
        build(resolution=20)
    assert "multiple of 8" in refused.value.expected


def test_the_discriminator_receives_the_voxels_of_the_solids():
    _settings, experiment = build()
    batch = next(iter(experiment.train.batches(1)))
    volumes = to_volumes(batch.inputs)
    assert volumes.shape == (16, 1, 16, 16, 16) and set(volumes.unique().tolist()) == {0.0, 1.0}
    solids, labels = make_furniture(180, 16)
    for volume, index, label in zip(volumes, batch.index.tolist(), batch.targets.tolist(), strict=True):
        assert np.array_equal(volume[0].numpy() > 0.5, solids[index]) and labels[index] == label


def test_only_the_score_of_the_class_of_a_shape_is_trained():
    _settings, experiment = build()
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
def test_a_stopped_and_resumed_training_ends_with_the_same_bits(readings):
    whole, parts = MemoryRecorder(), MemoryRecorder()
    settings, experiment = build(schedule="one-cycle")
    fit(experiment, settings, whole)
    settings, experiment = build(schedule="one-cycle")
    with pytest.raises(Stopped):
        fit(experiment, settings, parts, stop=StopAt(readings))
    settings, experiment = build(schedule="one-cycle")
    fit(experiment, settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, again = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert {name.split(".")[0] for name in expected} == {"network", "discriminator"}
        assert all(torch.equal(expected[name], again[name]) for name in expected)
    for name in ("generator_optimizer", "discriminator_optimizer"):
        ended, resumed = (recorder.checkpoints["last"][1]["learner"][name] for recorder in (whole, parts))
        assert ended["calls"] == resumed["calls"] == 4
        for one, two in zip(ended["torch_optimizers"], resumed["torch_optimizers"], strict=True):
            for key, values in one["state"].items():
                assert all(torch.equal(value, two["state"][key][part]) for part, value in values.items())


def test_the_report_has_samples_neighbors_interpolations_and_metrics():
    settings, experiment = build()
    recorder = MemoryRecorder()
    fit(experiment, settings, recorder)
    final = {figure.name: figure for figure, epoch in recorder.figures if epoch is None}
    assert final.keys() >= {"samples", "training", "neighbors", "interpolations", "metrics"}
    assert {figure.name for figure, epoch in recorder.figures if epoch == 1} == {"samples"}
    rows = {row[0]: row for row in final["metrics"].rows}
    assert rows["generated"][1] == 40 and rows["generated: chair"][1] == 10 and rows["held out"][1] == 20
    assert rows["held out"][2:5] == [1.0, 1.0, 1.0]  # all furniture is valid


def test_generate_from_the_run_folder_alone(run, tmp_path, monkeypatch):
    monkeypatch.setattr("axone.tasks.shapes.data.make_furniture", None)  # the training data are not needed
    shapes = load(run.path).generate(6, seed=3)
    assert [shape.label for shape in shapes] == ["bed", "chair", "shelf", "table", "bed", "chair"]
    assert all(np.array_equal(one.solid, two.solid) for one, two in zip(shapes, load(run.path).generate(3, seed=3)))
    assert any(not np.array_equal(one.solid, two.solid) for one, two in zip(shapes, load(run.path).generate(6, seed=4)))
    with pytest.raises(UsageError, match="no class 'boat'"):
        run.generate(1, label="boat")


def test_generated_shapes_are_the_largest_connected_components(run):
    network, classes = load(run.path).model, len(run.facts["classes"])
    noise = sample_noise(8, run.settings.latent, 5)
    solids = generate_solids(network, noise, torch.arange(8) % classes, classes)
    generated = np.stack([shape.solid for shape in run.generate(8, seed=5)])
    assert np.array_equal(generated, largest_component(solids))
    assert (is_connected(generated) | ~generated.any((1, 2, 3))).all()


def test_axone_generate_writes_meshes_and_drawings(run, tmp_path, capsys):
    out = tmp_path / "generated"
    words = ["generate", str(run.path), "--count", "3", "--class", "chair", "--seed", "7", "--out", str(out), "--json"]
    assert main(words) == 0
    output = json.loads(capsys.readouterr().out.splitlines()[-1])
    names = {path.name for path in out.iterdir()}
    assert names == {f"seed7-{k}{end}" for k in range(3) for end in (".obj", ".stl", ".png")} | {"seed7-sheet.png"}
    assert all(one["label"] == "chair" and one["voxels"] >= 0 and len(one["files"]) == 3 for one in output["examples"])
    solid = run.generate(3, label="chair", seed=7)[0].solid
    for name in ("seed7-0.obj", "seed7-0.stl"):
        if solid.any():
            assert trimesh.load_mesh(out / name).is_watertight


def test_evaluate_repeats_the_metrics_of_the_run(run):
    again = run.evaluate()
    assert again["test"] == pytest.approx(run.results["test"])
    assert set(again["validation"]) == {"matching_distance", "shape_coverage", "valid", "connected"}


def write_meshes(root, count=16, classes=("ball", "block")):
    for name in classes:
        folder = root / name if len(classes) > 1 else root
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            mesh = trimesh.creation.box((1, 1 + number / 9, 2)) if name == "block" else trimesh.creation.icosphere(1)
            mesh.apply_scale([1, 1, 1 + number / 7])
            mesh.export(folder / f"{number:02}.stl")
    return root


@pytest.mark.parametrize("classes", [("ball", "block"), ("block",)])
def test_meshes_of_the_user_with_and_without_classes(tmp_path, classes):
    root = write_meshes(tmp_path / "data", classes=classes)
    hole = trimesh.creation.icosphere(2)
    hole.update_faces(np.arange(len(hole.faces)) > 40)
    folder = root / "ball" if len(classes) > 1 else root
    hole.export(folder / "open.stl")
    (folder / "broken.obj").write_bytes(b"\x00")
    run = train(
        "gan3d", runs_folder=tmp_path / "runs", **{**TINY, "data": str(root), "limit": 0, "resolution": 8, "epochs": 1}
    )
    events = (run.path / "events.jsonl").read_text()
    assert "not closed" in events and "broken.obj" in events
    assert run.facts["classes"] == (list(classes) if len(classes) > 1 else ["data"])
    shape = load(run.path).generate(2)[0]
    assert shape.solid.shape == (8, 8, 8) and shape.label == ("ball" if len(classes) > 1 else "")
    finished = resume(run.path, epochs=2)
    assert finished.results["epochs"] == 2


@pytest.mark.parametrize("count", [1, 9])
def test_fewer_than_ten_training_meshes_are_refused(tmp_path, count):
    root = write_meshes(tmp_path / "data", count=count, classes=("block",))
    with pytest.raises(DataError, match="training shape") as refused:
        build(data=str(root), limit=0, resolution=8)
    assert "at least 10" in refused.value.expected


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="contains no meshes"):
        build(data=str(tmp_path / "empty"))


def test_training_in_bfloat16_stays_finite():
    settings, experiment = build()
    outcome = fit(experiment, settings, MemoryRecorder(), dtype=torch.bfloat16)
    assert all(np.isfinite(entry["train"]["loss"]) for entry in outcome.progress.history)


def test_the_answering_module_can_be_exported(run):
    module, batch = answering(run.model, run.settings, run.facts), torch.export.Dim("batch")
    noise, labels = sample_noise(5, run.settings.latent, 0), torch.tensor([0, 1, 2, 3, 1])
    program = torch.export.export(module, (noise[:2], labels[:2]), dynamic_shapes=({0: batch}, {0: batch})).module()
    voxels = program(noise, labels)
    assert voxels.dtype == torch.bool and voxels.shape == (5, 16, 16, 16)
    assert np.array_equal(voxels.numpy(), generate_solids(run.model, noise, labels, 4))
