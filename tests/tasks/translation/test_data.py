"""The images of two domains: edges and their images, halves without pairs, sizes that fit both."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.images.edges import detect_edges
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError
from axone.settings import resolve
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.translation.data import read_domains
from tests.helpers.data.images import folder


def read(data, target="", paired=False, context=None, **settings):
    settings = resolve(ImageDataSettings, {"data": str(data), "batch_size": 4, **settings})
    return read_domains(settings, context or BuildContext(), str(target), paired)


@pytest.fixture
def images(tmp_path):
    return folder(tmp_path / "images", {"a": 24}, side=16, channels=1) / "a"


def edges_of(images):
    pixels = ((images + 1) * 127.5).round().to(torch.uint8).movedim(1, -1)
    return detect_edges(pixels).movedim(-1, 1).float() / 127.5 - 1


def test_with_pairs_each_batch_has_images_and_their_edges(images):
    for batch in read(images, paired=True).train.batches(1):
        assert torch.allclose(edges_of(batch.targets), batch.inputs, atol=1e-5)


def test_the_notes_count_what_is_used(images):
    notes = read(images, paired=True, limit=16).notes
    assert "14 training, 2 validation and 4 test pairs." in notes
    assert "14 training, 2 validation and 4 test images of 16 x 16 pixels, gray." in notes
    assert "Training images: 7 of the source domain, 7 of the target domain." in read(images, limit=16).notes


def test_without_pairs_no_training_image_is_used_together_with_its_edges(images):
    domains = read(images)
    source, target = domains.train.source, domains.train.target
    edges = {image.numpy().tobytes() for image in detect_edges(target.pixels[target.indices])}
    assert edges.isdisjoint(image.numpy().tobytes() for image in source.pixels[source.indices])
    assert domains.facts["has_targets"]  # of held-out images, which are pairs


def test_two_folders_have_one_size_and_one_number_of_channels(tmp_path, images):
    target = folder(tmp_path / "target", {"b": 20}, side=22) / "b"
    domains = read(images, target)
    assert domains.facts["input"] == [3, 16, 16] and not domains.facts["has_targets"]
    assert domains.facts["samples"]["source"]["train"] > domains.facts["samples"]["target"]["train"]


def test_the_scale_of_each_domain_is_kept_and_used_again(tmp_path, images):
    values = np.linspace(300, 400, 20 * 16 * 16, dtype=np.float32).reshape(20, 16, 16)
    (tmp_path / "target" / "b").mkdir(parents=True)
    for number, image in enumerate(values):
        Image.fromarray(image).save(tmp_path / "target" / "b" / f"{number}.tif")
    facts = read(images, tmp_path / "target" / "b").facts
    assert "scale" not in facts and facts["target_scale"]["low"] == 300
    edges = read(tmp_path / "target" / "b")
    assert "scale" not in edges.facts and edges.facts["target_scale"] == facts["target_scale"]
    again = read(tmp_path / "target" / "b", context=BuildContext(facts=edges.facts))
    assert again.facts["target_scale"] == facts["target_scale"]
    assert again.facts["fingerprint"] == edges.facts["fingerprint"]


def test_a_restored_run_reads_other_images_at_its_own_size(images):
    context = BuildContext(facts={"input": [3, 20, 20], "mean": [0.5] * 3, "std": [0.5] * 3})
    assert read(images, context=context).facts["input"] == [3, 20, 20]


@pytest.mark.parametrize("side", [30, 8])
def test_a_side_that_cannot_be_halved_twice_is_refused(side):
    with pytest.raises(SettingsError) as refused:
        read("nowhere", image_size=side)
    assert "multiple of 4, at least 16" in refused.value.expected


def test_a_missing_folder_is_refused(images, tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        read(images, tmp_path / "nowhere")
