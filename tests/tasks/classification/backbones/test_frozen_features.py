"""The head learns on features that the frozen layers compute once; the run keeps the whole network."""

import pytest
import torch

import axone
from axone.data.images.stream import ImageStream
from axone.settings import resolve
from axone.systems import mobilenet
from axone.tasks.classification.backbones.frozen_features import CHUNK, FeatureStream, HeadClassifier, can_compute_once
from tests.helpers.runs.trainings import shapes

FROZEN = {"freeze": True, "flip": False, "shift": 0, "variant": "efficientnet-lite0", "width": 0.1, "stem": "imagenet"}


def make_settings(**changes):
    return resolve(mobilenet.Settings, {**FROZEN, **changes})


def make_network(settings):
    return mobilenet.model(settings, {"input": [3, 16, 16], "classes": ["a", "b"]})


def make_images(count=60, batch_size=8):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, 16, 16, 3), dtype=torch.uint8, generator=generator)
    return ImageStream.from_pixels(pixels, torch.arange(count) % 2, batch_size=batch_size, drop_last=True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"freeze": False}, False),
        ({"unfreeze_every": 1}, False),
        ({"flip": True}, False),
        ({"augment": "light"}, False),
        ({"shift": 1}, False),
        ({"mixup": 0.2}, False),
        ({"dropout": 0.1}, False),
        ({"variant": "v3-small"}, False),  # its last layer group has two dense layers
        ({"variant": "v2"}, True),
    ],
)
def test_features_are_computed_once_where_only_the_head_learns_from_unchanged_images(changes, expected):
    settings = make_settings(**changes)
    assert can_compute_once(make_network(settings), settings) == expected


def test_batches_have_the_features_of_the_images_that_they_would_have():
    settings = make_settings()
    learner = HeadClassifier(make_network(settings), settings)
    images, computed = make_images(), []

    def compute(inputs):
        computed.append(len(inputs))
        return learner.compute_features(inputs)

    stream = FeatureStream(images, compute, lambda *_progress: None)
    assert len(stream) == len(images) == 7 and stream.samples == images.samples == 56
    learner.network.eval()
    for epoch in (1, 2):
        for batch, expected in zip(stream.batches(epoch), images.batches(epoch), strict=True):
            assert torch.equal(batch.targets, expected.targets) and torch.equal(batch.index, expected.index)
            logits = learner.network(expected.inputs)
            torch.testing.assert_close(learner.compute_outputs(batch.inputs), logits, rtol=1e-4, atol=1e-5)
    assert computed == [CHUNK, CHUNK, 10]
    (last,) = stream.batches(1, start=6)
    assert torch.equal(last.index, list(images.batches(1))[6].index)


def test_only_the_head_learns_and_a_resumed_run_ends_with_the_same_bits(tmp_path):
    data = shapes(tmp_path / "shapes", each=20)
    options = {**FROZEN, "data": str(data), "batch_size": 8, "threads": 1, "device": "cpu", "schedule": "constant"}
    whole = axone.train("mobilenet", **options, epochs=4, runs_folder=tmp_path / "whole")
    short = axone.train("mobilenet", **options, epochs=2, runs_folder=tmp_path / "short")
    resumed = axone.resume(short.path, epochs=4)
    assert resumed.results["weights_sha256"] == whole.results["weights_sha256"]
    torch.manual_seed(0)
    initial = mobilenet.model(whole.settings, whole.facts).state_dict()
    final = whole.model.state_dict()
    changed = {name for name in final if not torch.equal(final[name], initial[name])}
    assert changed == {"classifier.weight", "classifier.bias"}
    assert whole.evaluate()["test"] == pytest.approx(whole.results["test"])
