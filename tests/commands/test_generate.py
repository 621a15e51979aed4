"""`axone generate`, `run.generate` and `axone predict --out`: files in the run or elsewhere, and usage errors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import axone
from axone import cli
from axone.errors import UsageError
from axone.runs.storage.verification import verify

# A system whose answers are images: it inverts them, and generates noise.
OWN = '''
"""A system that inverts images."""

import numpy as np
import torch

from axone.engine.optimization.optimizer import Optimizer
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.settings import Settings as Common
from axone.tasks.answers import GeneratedImage


class Settings(Common):
    """Nothing of its own."""


class Numbers:
    samples = 8

    def __len__(self):
        return 2

    def batches(self, epoch, start=0):
        for _number in range(start, 2):
            yield torch.ones(4, 1)

    def to(self, device):
        return self

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


class Other(Learner):
    def __init__(self, settings):
        self.network, self.second = torch.nn.Linear(1, 1), torch.nn.Linear(1, 2)
        self.optimizer = Optimizer(self.network, settings)

    def train_step(self, batch):
        loss = self.network(batch).square().mean()
        self.optimizer.step(loss)
        return {"loss": loss}


def model(settings, facts):
    return torch.nn.Linear(1, 1)


def build(settings, context):
    facts = {"classes": ["left", "right"], "input": [1, 8, 8]}
    return Experiment(learner=Other(settings), train=Numbers(), facts=facts)


def predict(network, settings, facts, inputs):
    from axone.data.images.decode.file import read_image
    return [GeneratedImage(255 - read_image(one, size=(8, 8), channels=1)) for one in inputs]


def generate(network, settings, facts, *, count, label, seed):
    chance = np.random.default_rng(seed)
    for number in range(count):
        pixels = chance.integers(0, 256, (8, 8, 1), dtype=np.uint8)
        yield GeneratedImage(pixels, label or facts["classes"][number % 2])
'''


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    file = folder / "inverted.py"
    file.write_text(OWN)
    return axone.train(file, epochs=1, runs_folder=folder / "runs", name="run")


def typed(capsys, run, verb, *words, code=0):
    line = [verb, str(run.path), *map(str, words), "--system", str(run.system.path), "--language", "en"]
    assert cli.main(line) == code
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err + printed.out
    return printed


def test_examples_are_written_into_the_run_and_its_manifest(run, capsys):
    printed = typed(capsys, run, "generate", "--count", 3, "--seed", 7, "--class", "right", "--json")
    answer = json.loads(printed.out.splitlines()[-1])
    assert answer["seed"] == 7 and [one["label"] for one in answer["examples"]] == ["right"] * 3
    files = [Path(one["files"][0]) for one in answer["examples"]]
    assert [file.name for file in files] == ["seed7-0.png", "seed7-1.png", "seed7-2.png"]
    assert all(file.parent == run.path / "samples" for file in files)
    expected = run.generate(3, label="right", seed=7)
    assert all((np.asarray(Image.open(file)) == one.pixels[..., 0]).all() for file, one in zip(files, expected))
    assert Image.open(answer["sheet"]).width > 3 * 8 and verify(run.path) == []


def test_examples_are_written_into_the_folder_of_out(run, capsys, tmp_path):
    printed = typed(capsys, run, "generate", "--count", 12, "--out", tmp_path / "made")
    assert printed.out.strip() == f"12 examples written: {tmp_path / 'made'}"
    names = sorted(file.name for file in (tmp_path / "made").iterdir())
    assert names == [*(f"seed0-{number:02}.png" for number in range(12)), "seed0-sheet.png"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--class", "lef"], ["There is no class 'lef'.", "left, right"]),
        (["--count", "0"], ["--count cannot be '0'.", "at least 1"]),
        (["--seed", "-1"], ["--seed cannot be '-1'."]),
        (["--many", "3"], ["'generate' has no flag --many."]),
    ],
)
def test_usage_errors_are_explained(run, capsys, words, parts):
    printed = typed(capsys, run, "generate", *words, code=2)
    assert all(part in printed.err for part in parts)


def test_a_system_that_does_not_generate_is_an_error(run, monkeypatch):
    monkeypatch.setitem(run.__dict__, "system", replace(run.system, generate=None))
    with pytest.raises(UsageError, match="does not generate"):
        run.generate()


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "gray.png"
    Image.fromarray(np.full((8, 8), 55, np.uint8)).save(path)
    return path


def test_an_output_image_is_written_to_the_path_of_out(run, capsys, image, tmp_path):
    printed = typed(capsys, run, "predict", image, "--out", tmp_path / "out.png")
    assert printed.out.strip() == f"{image}: 8 x 8 pixels -> {tmp_path / 'out.png'}"
    assert (np.asarray(Image.open(tmp_path / "out.png")) == 200).all()
    typed(capsys, run, "predict", image, image, "--out", tmp_path / "folder")
    assert sorted(file.name for file in (tmp_path / "folder").iterdir()) == ["gray-2.png", "gray.png"]
    printed = typed(capsys, run, "predict", image, image, "--out", tmp_path / "one.png", code=2)
    assert "there are 2 inputs" in printed.err and "--out cleaned/" in printed.err


def test_an_output_image_is_written_into_the_run_by_default(run, capsys, image):
    printed = typed(capsys, run, "predict", image, "--json")
    (row,) = json.loads(printed.out.splitlines()[-1])["predictions"]
    assert Path(row["files"][0]) == run.path / "predictions" / "gray.png" and verify(run.path) == []


def test_the_report_names_the_verbs_of_the_system(run):
    page = (run.path / "report.html").read_text("utf-8")
    assert "axone generate" in page and "axone predict" in page and "axone explain" not in page
