"""What image classifiers share: figures against scikit-learn, the worst mistakes, views, and the split."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from axone import catalogue
from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.settings import resolve
from axone.tasks.classification.metrics import confusion_counts, find_worst_mistakes, tabulate_classes
from axone.tasks.classification.predict import predict
from axone.tasks.classification.settings import ImageClassificationSettings
from sklearn import metrics


@pytest.fixture
def answers():
    generator = torch.Generator().manual_seed(4)
    targets = torch.randint(0, 4, (300,), generator=generator)
    chances = (torch.randn(300, 5, generator=generator) + 2 * torch.nn.functional.one_hot(targets, 5)).softmax(1)
    return targets, chances  # the fifth class never occurs: its figures must not divide by zero


def test_confusion_and_figures_agree_with_scikit_learn(answers):
    targets, chances = answers
    counts = confusion_counts(targets, chances.argmax(1), 5)
    assert (counts.numpy() == metrics.confusion_matrix(targets, chances.argmax(1), labels=range(5))).all()
    expected = metrics.precision_recall_fscore_support(targets, chances.argmax(1), labels=range(5), zero_division=0)
    table = tabulate_classes(counts, list("abcde"))
    assert [row[0] for row in table.rows] == list("abcde")
    np.testing.assert_allclose(np.array([row[1:] for row in table.rows]).T, np.array(expected), atol=5e-5)


def test_the_worst_mistakes_are_wrong_and_in_order(answers):
    targets, chances = answers
    wrong = find_worst_mistakes(targets, chances, 10)
    truth = chances[wrong, targets[wrong]]
    assert (chances[wrong].argmax(1) != targets[wrong]).all()
    assert (truth.diff() >= 0).all()
    others = (chances.argmax(1) != targets).nonzero().squeeze(1)
    assert truth.max() <= chances[others, targets[others]].sort().values[9]


def build(**given):
    module = catalogue.load(catalogue.find("cnn"))
    return module.build(resolve(module.Settings, given), BuildContext())


@pytest.fixture
def uneven(tmp_path):
    """Dark and bright pictures whose levels overlap; of the bright ones there are few to train on.

    Levels 20 apart that spread by 12: the best border between equally many calls 80 % of the bright ones so,
    the best border between ten times as many dark ones 29 %.
    """
    chance = np.random.default_rng(0)
    counts = {("train", "bright"): 40, ("train", "dark"): 400, ("test", "bright"): 60, ("test", "dark"): 60}
    for (part, name), count in counts.items():
        (tmp_path / "uneven" / part / name).mkdir(parents=True)
        level = 120 if name == "bright" else 100
        for number in range(count):
            picture = np.clip(chance.normal(level + chance.normal(0, 12), 8, (12, 12)), 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(tmp_path / "uneven" / part / name / f"{number}.png")
    return str(tmp_path / "uneven")


def recall_of_the_rare(balance, data):
    module = catalogue.load(catalogue.find("cnn"))
    given = {"data": data, "balance": balance, "epochs": 10, "batch_size": 20, "learning_rate": 0.01, "threads": 1,
             "channels": (4,), "dense": (8,), "device": "cpu", "precision": "float32", "validation": 0.0}  # fmt: skip
    settings = resolve(module.Settings, given)
    torch.manual_seed(0)
    experiment, recorder = module.build(settings, BuildContext()), MemoryRecorder()
    fit(experiment, settings, recorder)
    (table,) = [shown for shown, epoch in recorder.figures if shown.name == "classes" and epoch is None]
    assert table.rows[0][0] == "bright"
    return table.rows[0][2], experiment


def test_balance_finds_more_of_the_rare_class(uneven):
    plain, experiment = recall_of_the_rare("none", uneven)
    assert any("--balance weights" in note for note in experiment.notes)
    for balance in ("weights", "sampling"):
        balanced, experiment = recall_of_the_rare(balance, uneven)
        assert balanced >= plain + 0.3, balance
        assert not any("--balance" in note for note in experiment.notes)


def test_balance_weighs_as_much_in_all_as_without(uneven):
    module = catalogue.load(catalogue.find("cnn"))
    weights, sampling = (
        module.build(resolve(module.Settings, {"data": uneven, "balance": balance, "channels": (4,)}), BuildContext())
        for balance in ("weights", "sampling")
    )
    found = weights.train.labels[weights.train.indices]
    assert weights.learner.class_weights[found].mean().item() == pytest.approx(1)
    drawn = sampling.train.labels[sampling.train.order(1)].double().mean().item()
    assert drawn == pytest.approx(0.5, abs=0.12)  # as many of each class, whatever their numbers


def test_the_report_counts_the_parts_as_they_are_used(uneven):
    module = catalogue.load(catalogue.find("cnn"))
    experiment = module.build(
        resolve(module.Settings, {"data": uneven, "limit": 200, "validation": 0.25}), BuildContext()
    )
    parts = experiment.report["parts"]
    assert parts["train"]["images"] + parts["validation"]["images"] == 200
    assert {part: entry["images"] for part, entry in parts.items()} == experiment.facts["samples"]
    assert parts["test"]["classes"] == {"bright": 60, "dark": 60}


def test_a_folder_is_divided_without_copying_it(uneven):
    module = catalogue.load(catalogue.find("cnn"))
    experiment = module.build(resolve(module.Settings, {"data": uneven}), BuildContext())
    streams = (experiment.train, experiment.validation, experiment.test)
    assert len({stream.pixels.data_ptr() for stream in streams}) == 1
    members = torch.cat([stream.indices for stream in streams])
    assert members.sort().values.tolist() == list(range(560))


def test_batches_are_the_same_from_a_mapped_pack(uneven, monkeypatch):
    module = catalogue.load(catalogue.find("cnn"))
    settings = resolve(module.Settings, {"data": uneven, "augment": "light"})
    read = module.build(settings, BuildContext())
    monkeypatch.setattr("axone.data.images.folder.READ_AT_ONCE", 0)
    mapped = module.build(settings, BuildContext())
    assert mapped.train.verify is not None and read.train.verify is None
    assert mapped.facts == read.facts
    for one, other in zip(read.train.batches(1), mapped.train.batches(1), strict=True):
        assert torch.equal(one.inputs, other.inputs) and torch.equal(one.targets, other.targets)


def test_a_run_meets_other_data_as_it_met_its_own(uneven, tmp_path):
    for path in Path(uneven).glob("*/*/*.png"):
        target = tmp_path / "larger" / path.relative_to(uneven)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.open(path).resize((20, 20)).convert("RGB").save(target)
    module = catalogue.load(catalogue.find("cnn"))
    own = module.build(resolve(module.Settings, {"data": uneven}), BuildContext())
    facts = {**own.facts, "mean": [0.3], "std": [0.1]}
    larger = resolve(module.Settings, {"data": str(tmp_path / "larger")})
    other = module.build(larger, BuildContext(facts=facts))
    assert other.facts["input"] == own.facts["input"] == [1, 12, 12]
    assert (other.test.transform.mean, other.test.transform.std) == ([0.3], [0.1])


def test_views_are_averaged_before_the_softmax():
    class LeftMinusRight(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.nothing = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x):
            halves = x.flatten(2).unflatten(2, (2, 2)).sum((1, 2))
            return torch.stack([halves[:, 0], halves[:, 1]], 1) + self.nothing

    facts = {"input": [1, 2, 2], "classes": ["left", "right"], "mean": [0.0], "std": [1.0]}
    picture = np.array([[255, 0], [255, 0]], dtype=np.uint8)
    (alone,) = predict(LeftMinusRight(), ImageClassificationSettings(), facts, [picture])
    (both,) = predict(LeftMinusRight(), ImageClassificationSettings(flip=True), facts, [picture])
    assert alone.label == "left" and alone.probability == pytest.approx(np.exp(2) / (np.exp(2) + 1), rel=1e-5)
    assert both.probability == pytest.approx(0.5)
    assert [name for name, _chance in alone.top(2)] == ["left", "right"]
