"""A run of every system: it resumes to the same bits, and every verb that it offers works."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.export import Dim, export
from torch.utils._pytree import tree_leaves

import axone
from axone import catalogue
from axone.data.images.dataset import Subset
from axone.data.images.load import load_images
from axone.data.notes.cadences import make_cadences
from axone.data.tokens.encoder import TextEncoder
from axone.data.tokens.stream import gather_texts
from axone.settings import offered_fields
from axone.tasks.generation.evaluator import Counts
from axone.tasks.music.tokens import encode, pad
from tests.helpers.data.images import noise
from tests.helpers.data.recordings import ensure_tones, tone
from tests.helpers.self_play import TINY as TINY_GAME
from tests.helpers.self_play import shorten_measurements

FASHION = {"limit": 120, "batch_size": 20}
BACKBONE = {"limit": 60, "batch_size": 20, "width": 0.125}
# A training of a second or two for each system. The learning rate must not depend on the number of epochs.
TINY: dict[str, dict[str, Any]] = {
    "alphazero": {name: value for name, value in TINY_GAME.items() if name not in ("epochs", "threads")},
    "autoencoder": {**FASHION, "preset": "variational", "channels": (4, 4), "dense": (8,), "latent": 4},
    "cnn": {**FASHION, "channels": (4, 8), "dense": (16,)},
    "cnn_xgboost": {**FASHION, "channels": (4, 8), "rounds": 3, "tree_depth": 2},
    "denoiser": {**FASHION, "channels": (4, 8), "blocks": 1},
    "gan": {"limit": 300, "batch_size": 20, "width": 4, "latent": 8},
    "gan3d": {"limit": 100, "batch_size": 10, "resolution": 16, "channels": (8, 8), "latent": 8},
    "image_to_image": {"limit": 200, "batch_size": 20, "width": 2, "blocks": 1},
    "inception": BACKBONE,
    "language_model": {
        "data": axone.system.__file__,
        "limit": 3000,
        "units": 16,
        "embedding": 8,
        "window": 16,
        "batch_size": 8,
    },
    "mlp": {"preset": "table", "data": "wine", "units": (8, 8), "members": 2},
    "mobilenet": BACKBONE,
    "motion": {
        "limit": 40,
        "batch_size": 10,
        "image_size": 16,
        "past": 3,
        "future": 2,
        "channels": 4,
        "width": 8,
        "blocks": 1,
    },
    "music": {"data": "cadences", "limit": 20, "batch_size": 5, "units": 8, "embedding": 4},
    "perceptron": {"limit": 100},
    "dqn": {
        "seeds": 2,
        "copies": 4,
        "steps": 8,
        "rollouts": 2,
        "batch_size": 16,
        "units": (4,),
        "episodes": 2,
        "test_episodes": 3,
        "updates": 2,
        "start": 20,
        "priority": 0.0,  # its weights depend on the length of the whole training
    },
    "ppo": {
        "seeds": 2,
        "copies": 4,
        "steps": 8,
        "rollouts": 2,
        "batch_size": 16,
        "units": (4,),
        "episodes": 2,
        "test_episodes": 3,
        "passes": 2,
    },
    "resnet": BACKBONE,
    "skirmish": {
        "copies": 4,
        "steps": 8,
        "rollouts": 2,
        "batch_size": 16,
        "units": (4,),
        "battles": 2,
        "test_battles": 3,
    },
    "speech": {"data": str(ensure_tones()), "batch_size": 16, "units": 8, "channels": 8},
    "series": {"limit": 60, "batch_size": 20, "units": 8, "learning_rate": 0.01},
    "text_classifier": {"batch_size": 16, "units": 4, "embedding": 4, "ngram_bits": 8},
    "vgg": {**BACKBONE, "variant": "11-bn"},
}


# Settings that the engine reads for every system, also where a system does not offer them.
READ_BY_THE_ENGINE = {"accumulate", "data", "shards"}
# Settings that a system reads with other data or with another network than here, or through `model_dump`.
TABLE_SETTINGS = {"columns", "missing", "target"}
IMAGE_SETTINGS = {"augment", "cutmix", "fit", "flip", "image_size", "mixup", "scale", "shift"}
READ_ELSEWHERE: dict[str, set[str]] = {
    "alphazero": {"ownership_weight", "pool", "score_weight"},
    "autoencoder": {*TABLE_SETTINGS, "scaling", "test"},
    "denoiser": {"scale", "views"},
    "image_to_image": {"l1_weight"},
    "mlp": {*IMAGE_SETTINGS, "balance", "threshold"},
    "motion": {
        "bidirectional",
        "cell",
        "color",
        "columns",
        "every",
        "hidden",
        "layers",
        "neighbors",
        "positions",
        "test",
        "validation",
    },
    "perceptron": {*TABLE_SETTINGS, "fit", "scale"},
    "dqn": {"channels", "passes", "trace"},
    "ppo": {"hidden", "channels"},
    "skirmish": {"hidden"},
    "series": {"context", "horizon"},
}


@contextmanager
def record_reads(settings_class):
    """Within the block, add the names of the settings of this class that are read to the set that is returned."""
    names, get = set(), settings_class.__getattribute__

    def get_and_record(self, name):
        if name in settings_class.model_fields:
            names.add(name)
        return get(self, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings_class, "__getattribute__", get_and_record)
        yield names


@pytest.fixture(autouse=True)
def _evaluate_few(monkeypatch):
    """A real run evaluates or generates thousands of examples, which takes longer than these trainings."""

    def load_few(*sources, **options):
        data = load_images(*sources, **options)
        return replace(data, test=Subset(data.test.dataset, data.test.indices[:60]))

    for module in ("images.splits", "translation.data"):
        monkeypatch.setattr(f"axone.tasks.{module}.load_images", load_few)
    monkeypatch.setattr("axone.data.datasets.language_words.LANGUAGES", {"fi": "Finnish", "fr": "French"})
    monkeypatch.setattr("axone.data.datasets.language_words.LEAST_LETTERS", 12)
    monkeypatch.setattr("axone.tasks.generation.pretrained_evaluator.COUNTS", Counts(60, 60, 60, 60))
    monkeypatch.setattr("axone.tasks.generation.pretrained_evaluator.RECOGNIZED", 60)
    monkeypatch.setattr("axone.tasks.shapes.data.TEST", 40)
    shorten_measurements(monkeypatch)
    monkeypatch.setattr("axone.tasks.shapes.figures.MEASURED", 40)
    monkeypatch.setattr("axone.tasks.skirmish.figures.COMPARED", 8)


def train(name, folder, epochs):
    return axone.train(name, **TINY[name], epochs=epochs, schedule="constant", threads=1, runs_folder=folder)


def example_inputs(facts):
    """Return three inputs of `predict` for the facts of a run."""
    if facts.get("task") == "language":
        return ["def f(x):\n", "import", "\u6771 "]
    if facts.get("task") == "control":
        return [np.full(facts["input"], 0.1 * k) for k in range(3)]
    if facts.get("task") == "game":
        return ["b2 a1", "", "c3"]
    if facts.get("task") == "recording-classification":
        return [(tone(0.2 + 0.1 * k), facts["rate"]) for k in range(3)]
    if facts.get("task") == "music":
        return make_cadences(3)
    if "channels" in facts:
        return [torch.randn(20 + 5 * k, len(facts["channels"])) for k in range(3)]
    if facts.get("task") == "frames":
        _channels, height, width = facts["input"]
        return [np.stack([noise(height, width, 1, seed=9 * seed + k) for k in range(4)]) for seed in range(3)]
    if facts.get("task") == "text-classification":
        return ["bonjour", "kaikille", "quelqu'un d'autre"]
    if "columns" not in facts:
        return [noise(28, 28, 1, seed=seed) for seed in range(3)]
    columns = [{"name": fact, "kind": "number", "center": 1.0} if isinstance(fact, str) else fact
               for fact in facts["columns"]]  # fmt: skip
    return [
        {fact["name"]: fact["levels"][0] if fact["kind"] == "category" else fact["center"] + k for fact in columns}
        for k in range(3)
    ]


def raw_inputs(facts, settings, count):
    """Return a batch of what the module of `answering` takes: noise and classes, bytes of images, or values of rows."""
    if facts.get("task") == "text-classification":
        encoded = TextEncoder.from_facts(facts).encode(["bonjour", "kaikille"] * 4)
        return tuple(gather_texts(encoded, torch.arange(count)).values())
    if facts.get("task") == "skirmish":
        return torch.randn(count, *facts["input"]), torch.ones(count, len(facts["actions"]), dtype=torch.bool)
    if facts.get("task") in ("control", "game"):
        return (torch.randn(count, *facts["input"]),)
    if facts.get("task") == "recording-classification":
        return torch.randn(count, 3000), torch.arange(3000, 3000 - count, -1)
    if facts.get("task") in ("generation", "shapes"):
        return torch.randn(count, settings.latent), torch.arange(count) % len(facts["classes"])
    if facts.get("task") == "language":
        return (torch.arange(12 * count).view(count, 12) % facts["vocabulary"]["size"],)
    if facts.get("task") == "music":
        tokens = pad([encode(piece)[0] for piece in make_cadences(count)])
        return tuple(part[:, :40] for part in tokens)
    if "channels" in facts:
        return torch.randn(count, 16, len(facts["channels"])), torch.full((count,), 16).sub(torch.arange(count) % 3)
    if "columns" not in facts:
        channels, height, width = facts["input"]
        if facts.get("task") == "frames":
            return (torch.randint(0, 256, (count, facts["past"], height, width, channels), dtype=torch.uint8),)
        return (torch.randint(0, 256, (count, height, width, channels), dtype=torch.uint8),)
    if all(isinstance(fact, str) for fact in facts["columns"]):
        return (torch.randn(count, len(facts["columns"]), dtype=torch.float64),)
    categories = [fact for fact in facts["columns"] if fact["kind"] == "category"]
    numbers = torch.randn(count, len(facts["columns"]) - len(categories), dtype=torch.float64)
    return numbers, torch.zeros(count, len(categories), dtype=torch.int64)


def check(answer):
    """Check the contract of an answer."""
    assert answer.text() and "\n" not in answer.text() and json.dumps(answer.to_json())
    files = answer.files()
    assert all(suffix.startswith(".") and content for suffix, content in files.items())
    assert files or answer.output == "text"


def test_every_system_is_here():
    assert TINY.keys() == {system.name for system in catalogue.list_systems()}


@pytest.mark.parametrize("name", TINY)
def test_a_resumed_run_has_the_same_bits_and_offers_its_verbs(name, tmp_path):
    torch.manual_seed(0)
    settings_class = catalogue.load(catalogue.find_builtin(name)).Settings
    with record_reads(settings_class) as names:
        whole = train(name, tmp_path, epochs=2)
    # What is offered is read, and what is not read is not offered.
    assert offered_fields(settings_class).keys() - names <= READ_ELSEWHERE.get(name, set()) | {"preset"}
    assert not settings_class.UNUSED & (names - READ_BY_THE_ENGINE)
    part = train(name, tmp_path, epochs=1)
    resumed = axone.resume(part.path, epochs=2)
    assert resumed.results["weights_sha256"] == whole.results["weights_sha256"]
    assert resumed.results["test"] == whole.results["test"]

    assert whole.evaluate()["test"] == pytest.approx(whole.results["test"], rel=1e-4)
    verbs = whole.system.list_verbs(whole.settings)
    assert verbs
    if "predict" in verbs:
        inputs = example_inputs(whole.facts)
        answers = whole.predict(inputs)
        assert len(answers) == len(inputs)
        for one, answer in zip(inputs, answers, strict=True):
            check(answer)
            (alone,) = whole.predict([one])
            for together, single in zip(numbers(answer), numbers(alone), strict=True):
                assert together == pytest.approx(single, rel=1e-3, abs=1e-4)
    if "generate" in verbs:
        examples, again = whole.generate(2, seed=3), whole.generate(2, seed=3)
        assert len(examples) == 2
        for example, same in zip(examples, again, strict=True):
            check(example)
            assert example.files() == same.files()
    if whole.system.answering is not None:
        module = whole.system.answering(whole.model, whole.settings, whole.facts)
        example = raw_inputs(whole.facts, whole.settings, 3)
        program = export(module, example, dynamic_shapes=tuple({0: Dim("batch")} for _ in example))
        batch = raw_inputs(whole.facts, whole.settings, 5)
        for answer, exported in zip(tree_leaves(module(*batch)), tree_leaves(program.module()(*batch)), strict=True):
            torch.testing.assert_close(exported, answer, rtol=1e-4, atol=1e-4)


def numbers(answer):
    """Return the numbers in the JSON of an answer."""
    leaves = tree_leaves(answer.to_json())
    return [float(leaf) for leaf in leaves if isinstance(leaf, int | float | np.number) and not isinstance(leaf, bool)]
