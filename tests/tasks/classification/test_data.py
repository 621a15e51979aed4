"""The data of a classifier: class balance, notes, the report, and how another data set is read for a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.settings import resolve
from axone.systems import cnn
from axone.tasks.classification.data import read_data


def read(context=None, **changes):
    return read_data(resolve(cnn.Settings, changes), context or BuildContext())


@pytest.fixture
def imbalanced(tmp_path):
    """A folder of dark and bright images whose brightness overlaps, with few bright ones in the training set.

    The means are 20 apart and the standard deviation is 12: the best threshold for balanced classes has a recall of
    80 % for the bright ones, that for ten times as many dark ones 29 %.
    """
    random = np.random.default_rng(0)
    counts = {("train", "bright"): 40, ("train", "dark"): 400, ("test", "bright"): 60, ("test", "dark"): 60}
    for (part, name), count in counts.items():
        (tmp_path / "imbalanced" / part / name).mkdir(parents=True)
        level = 120 if name == "bright" else 100
        for number in range(count):
            image = np.clip(random.normal(level + random.normal(0, 12), 8, (12, 12)), 0, 255).astype(np.uint8)
            Image.fromarray(image).save(tmp_path / "imbalanced" / part / name / f"{number}.png")
    return str(tmp_path / "imbalanced")


def train_and_get_recall(balance, data):
    options = {"data": data, "balance": balance, "epochs": 10, "batch_size": 20, "learning_rate": 0.01, "threads": 1,
             "channels": (4,), "dense": (8,), "device": "cpu", "precision": "float32", "validation": 0.0}  # fmt: skip
    settings = resolve(cnn.Settings, options)
    torch.manual_seed(0)
    experiment, recorder = cnn.build(settings, BuildContext()), MemoryRecorder()
    fit(experiment, settings, recorder)
    (table,) = [figure for figure, epoch in recorder.figures if figure.name == "classes" and epoch is None]
    assert table.rows[0][0] == "bright"
    return table.rows[0][2], experiment


def test_balancing_raises_the_recall_of_the_rare_class(imbalanced):
    plain, experiment = train_and_get_recall("none", imbalanced)
    assert any("--balance weights" in note for note in experiment.notes)
    for balance in ("weights", "sampling"):
        balanced, experiment = train_and_get_recall(balance, imbalanced)
        assert balanced >= plain + 0.3, balance
        assert not any("--balance" in note for note in experiment.notes)


def test_class_weights_have_a_mean_of_1_and_sampling_draws_classes_equally(imbalanced):
    weights, sampling = (read(data=imbalanced, balance=balance) for balance in ("weights", "sampling"))
    labels = weights.train.labels[weights.train.indices]
    assert weights.class_weights[labels].mean().item() == pytest.approx(1)
    drawn = sampling.train.labels[sampling.train.order(1)].double().mean().item()
    assert drawn == pytest.approx(0.5, abs=0.12)


def test_the_report_counts_the_images_of_each_split(imbalanced):
    data = read(data=imbalanced, limit=200, validation=0.25)
    parts = data.report["splits"]
    assert parts["train"]["images"] + parts["validation"]["images"] == 200
    assert {part: entry["images"] for part, entry in parts.items()} == data.facts["samples"]
    assert parts["test"]["classes"] == {"bright": 60, "dark": 60}


def test_the_splits_of_a_folder_share_its_pixels(imbalanced):
    data = read(data=imbalanced)
    streams = (data.train, data.validation, data.test)
    assert len({stream.pixels.data_ptr() for stream in streams}) == 1
    indices = torch.cat([stream.indices for stream in streams])
    assert indices.sort().values.tolist() == list(range(560))


def test_batches_are_the_same_from_a_memory_mapped_cache(imbalanced, monkeypatch):
    loaded = read(data=imbalanced, augment="light")
    monkeypatch.setattr("axone.data.memory.READ_TOGETHER", 0)
    mapped = read(data=imbalanced, augment="light")
    assert mapped.train.verify is not None and loaded.train.verify is None
    assert mapped.facts == loaded.facts
    for one, other in zip(loaded.train.batches(1), mapped.train.batches(1), strict=True):
        assert torch.equal(one.inputs, other.inputs) and torch.equal(one.targets, other.targets)


def test_a_run_reads_other_data_as_it_read_its_own(imbalanced, tmp_path):
    for path in Path(imbalanced).glob("*/*/*.png"):
        target = tmp_path / "larger" / path.relative_to(imbalanced)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.open(path).resize((20, 20)).convert("RGB").save(target)
    own = read(data=imbalanced)
    facts = {**own.facts, "mean": [0.3], "std": [0.1]}
    other = read(BuildContext(facts=facts), data=str(tmp_path / "larger"))
    assert other.facts["input"] == own.facts["input"] == [1, 12, 12]
    assert (other.test.transform.mean, other.test.transform.std) == ([0.3], [0.1])


def test_characters_are_not_mirrored_and_a_note_reports_it(tmp_path):
    for name in ("6", "9"):
        (tmp_path / name).mkdir()
        for number in range(8):
            Image.new("L", (12, 12), 10 * number).save(tmp_path / name / f"{number}.png")
    assert any("single characters" in note for note in read(data=str(tmp_path), augment="course").notes)
    assert not any("single characters" in note for note in read(data=str(tmp_path)).notes)
