"""Transfer learning as a user does it: commands, runs, exit codes, resumption."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

import axone
from axone import cli
from axone.runs import checkpoints
from axone.runs.status import read_run
from axone.tasks.classification.backbones.data import IMAGENET

# An eighth of the published channels, with the published stem.
SMALL = {
    "width": 0.125,
    "stem": "imagenet",
    "batch_size": 8,
    "threads": 1,
    "device": "cpu",
    "precision": "float32",
    "validation": 0.2,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of color images of 32 x 32 pixels, red or green."""
    root, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for channel, name in enumerate(("red", "green")):
        (root / name).mkdir()
        for number in range(24):
            image = random.integers(0, 90, (32, 32, 3), dtype=np.uint8)
            image[..., channel] += 120
            Image.fromarray(image).save(root / name / f"{number}.png")
    return root


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file with the weights of a network for ten classes."""
    torch.manual_seed(0)
    network = axone.network("resnet", input=(3, 32, 32), classes=10, width=0.125, stem="imagenet")
    file = tmp_path_factory.mktemp("weights") / "resnet18.pth"
    torch.save(network.state_dict(), file)
    return file


def train(data, place, **changes):
    return axone.train("resnet", data=str(data), runs_folder=place, **{**SMALL, **changes})


def test_a_frozen_network_keeps_its_initial_weights(data, weights, tmp_path):
    events = []
    run = train(data, tmp_path, weights=str(weights), freeze=True, epochs=8, listener=events.append)
    initial = torch.load(weights, weights_only=True)
    final = {name: value for name, value in run.model.state_dict().items() if not name.startswith("fc.")}
    assert all(torch.equal(value, initial[name]) for name, value in final.items())
    assert (run.facts["mean"], run.facts["std"]) == (list(IMAGENET[0]), list(IMAGENET[1]))
    notes = " ".join(next(event["notes"] for event in events if event["kind"] == "data"))
    assert "resnet18.pth" in notes and "fc" in notes
    assert run.results["test"]["accuracy"] > 0.8  # random features suffice for red and green


def test_a_run_resumes_and_predicts_without_the_file_of_its_initial_weights(data, weights, tmp_path):
    options = {
        "schedule": "constant",
        "unfreeze_every": 1,
        "layer_decay": 0.7,
        "optimizer": "adamw",
        "learning_rate": 0.003,
    }
    copy = tmp_path / "copy.pth"
    copy.write_bytes(weights.read_bytes())
    whole = train(data, tmp_path / "whole", weights=str(copy), epochs=4, **options)
    short = train(data, tmp_path / "short", weights=str(copy), epochs=2, **options)
    copy.unlink()
    again = axone.resume(short.path, epochs=4)
    initial = torch.load(weights, weights_only=True)
    final = {
        name.removeprefix("network."): value for name, value in checkpoints.load(whole.path, "last").weights.items()
    }
    body = {name: value for name, value in final.items() if not name.startswith("fc.")}
    changed = {name for name, value in body.items() if not torch.equal(value, initial[name])}
    # One layer group more is trained in each epoch: by epoch 4 the first groups have not been, the last ones have.
    assert not any(name.startswith(("conv1", "bn1", "layer1")) for name in changed)
    assert any(name.startswith("layer3") for name in changed) and any(name.startswith("layer4") for name in changed)
    assert again.evaluate()["test"]["accuracy"] == again.results["test"]["accuracy"]
    assert len(again.predict(np.zeros((2, 32, 32, 3), np.uint8))) == 2
    # The schedule is constant, so four epochs in two parts are the same as four epochs in one.
    assert again.results["weights_sha256"] == whole.results["weights_sha256"]
    for name, value in checkpoints.load(again.path, "last").weights.items():
        assert torch.equal(value, final[name.removeprefix("network.")])


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["vgg", "--image-size", "7"], 2, "8x8"),
        (["vgg", "--image-size", "31", "--stem", "imagenet"], 2, "32x32"),
        (["inception", "--image-size", "7"], 2, "8x8"),
        (["inception", "--image-size", "74", "--stem", "imagenet"], 2, "75x75"),
        (["resnet", "--variant", "17"], 2, "18, 34, 50, 101, 152"),
        (["resnet", "--layer-decay", "0"], 2, "above 0"),
        (["resnet", "--weights", "none.pth"], 4, "none.pth"),
        (["resnet", "--weights", "WEIGHTS", "--variant", "50", "--width", "0.125"], 4, "layer1.0."),
        (["resnet", "--weights", "WEIGHTS"], 4, "bn1.bias: (8,) / (64,)"),
        (["mobilenet", "--variant", "v1", "--weights", "imagenet"], 4, "no published weights"),
        (["resnet", "--weights", "imagenet"], 5, "no network"),
    ],
)
def test_impossible_settings_are_errors_with_their_exit_codes_and_no_run_succeeds(
    words, code, message, data, weights, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    words = [str(weights) if word == "WEIGHTS" else word for word in words]
    exit_code = cli.main(["train", *words, "--data", str(data), "--limit", "16", "--epochs", "1"])
    output = capsys.readouterr()
    assert exit_code == code, output.err
    assert message in output.err and "Traceback" not in output.err
    assert all(read_run(path).status == "failed" for path in (tmp_path / "runs").glob("*/*"))


def test_without_a_network_published_weights_are_refused_before_images_are_read(tmp_path, monkeypatch, capsys):
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "not-an-image.png").write_bytes(b"no image")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["train", "resnet", "--weights", "imagenet", "--data", "data"]) == 5
    assert "pip install 'axone[pretrained]'" in capsys.readouterr().err


def test_graph_shows_a_network_without_training_or_downloading(capsys):
    words = ["graph", "resnet", "--variant", "50", "--input", "3x224x224", "--classes", "1000", "--json"]
    assert cli.main(words) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["parameters"] == 25_557_032
    assert cli.main(["graph", "vgg", "--preset", "transfer", "--classes", "5"]) == 0  # its weights are not downloaded
    assert "classifier.6" in capsys.readouterr().out
