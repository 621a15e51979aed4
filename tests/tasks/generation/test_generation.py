"""What inventing pictures begins with: portions of a set, chance by number, sides that halve, and bad folders."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.images.dataset import ImageDataset, Subset
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError, UsageError
from axone.graph import Concatenate, Embedding, Flatten, Input, Linear, Model, Reshape
from axone.settings import resolve
from axone.tasks.generation import generation
from axone.tasks.generation.evaluator import Examiner, Seen
from axone.tasks.generation.generation import Examination, Real, Ticks, evenly, generate, make, read
from axone.tasks.generation.latents import sample_latents
from axone.tasks.images.settings import ImageDataSettings
from tests.helpers.images import folder, noise


def reading(data, **given):
    return read(resolve(ImageDataSettings, {"data": str(data), **given}), BuildContext())


def ticks(count, **options):
    pixels = torch.arange(count, dtype=torch.uint8)[:, None, None, None]
    return Ticks.from_pixels(pixels, torch.zeros(count, dtype=torch.int64), seed=3, **options)


@pytest.mark.parametrize(("count", "tick", "batch", "size"), [
    (100, 30, 10, 30), (100, 37, 10, 30), (100, 0, 10, 100), (100, 500, 8, 96), (20, 5, 8, 8), (5, 3, 8, 5),
    (1, 0, 4, 1),
])  # fmt: skip
def test_a_tick_is_a_portion_in_whole_batches(count, tick, batch, size):
    stream = ticks(count, tick=tick, batch_size=batch)
    assert stream.samples == size == sum(len(each.inputs) for each in stream.batches(1))
    assert len(stream) == len(list(stream.batches(1)))


def test_the_ticks_of_a_passage_hold_each_picture_once():
    stream = ticks(60, tick=20, batch_size=10)
    seen = [torch.cat([batch.index for batch in stream.batches(epoch)]) for epoch in range(1, 7)]
    for passage in (seen[:3], seen[3:]):
        assert torch.cat(passage).sort().values.tolist() == list(range(60))
    assert seen[0].tolist() != seen[3].tolist()
    later = [batch.index.tolist() for batch in stream.batches(5, 1)]
    assert later == [batch.index.tolist() for batch in stream.batches(5)][1:]


def generator(classes=3):
    torch.manual_seed(1)
    chance, number = Input(5), Input(1, dtype="int64")
    h = Concatenate()(chance, Flatten()(Embedding(classes, 5)(number)))
    return Model([chance, number], Reshape((1, 4, 4))(Linear(16, activation="tanh")(h)))


FACTS = {"classes": ["a", "b", "c"], "input": [1, 4, 4]}


def test_classes_are_made_in_turn_or_one_on_request():
    found = list(generate(generator(), FACTS, count=7, label=None, seed=7))
    assert [picture.label for picture in found] == ["a", "b", "c", "a", "b", "c", "a"]
    assert found[0].pixels.shape == (4, 4, 1) and found[0].pixels.dtype == np.uint8
    again = list(generate(generator(), FACTS, count=2, label=None, seed=7))
    assert all((one.pixels == other.pixels).all() for one, other in zip(again, found))
    of_b = list(generate(generator(), FACTS, count=7, label="b", seed=7))
    assert {picture.label for picture in of_b} == {"b"} and (of_b[1].pixels == found[1].pixels).all()
    other = list(generate(generator(), FACTS, count=7, label=None, seed=8))
    assert any((one.pixels != two.pixels).any() for one, two in zip(other, found))


def test_a_generator_without_classes_is_asked_for_none():
    chance = Input(5)
    network = Model(chance, Reshape((1, 4, 4))(Linear(16, activation="tanh")(chance)))
    assert [picture.label for picture in generate(network, FACTS, count=2, label=None, seed=0)] == ["", ""]
    with pytest.raises(UsageError, match="taught no classes"):
        list(generate(network, FACTS, count=2, label="b", seed=0))


def test_pictures_fill_the_bytes():
    network = generator()
    made = make(network, 50 * sample_latents(40, 5, 0), torch.arange(40) % 3)
    assert int(made.min()) == 0 and int(made.max()) == 255


def test_mixed_sizes_are_brought_to_one_that_halves(tmp_path):
    for number in range(24):
        size = (14, 18) if number % 2 else (30, 13)
        Image.fromarray(noise(*size, channels=1, seed=number)).save(tmp_path / f"{number}.png")
    parts = reading(tmp_path)
    channels, height, width = parts.facts["input"]
    assert channels == 1 and height == width and height % 4 == 0
    assert any("halves well" in note for note in parts.notes)
    assert reading(tmp_path, image_size=20).facts["input"] == [1, 20, 20]


@pytest.mark.parametrize("side", [30, 4, 6])
def test_a_side_that_does_not_halve_is_refused_before_anything_is_read(side):
    with pytest.raises(SettingsError, match="multiple of 4"):
        reading("nowhere", image_size=side)


def test_an_empty_folder_and_too_few_pictures_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty"):
        reading(tmp_path / "empty")
    for count in (1, 2, 11):  # of eleven some are held out
        data = folder(tmp_path / str(count), {"a": count})
        with pytest.raises(DataError, match="to learn from"):
            reading(data)


def test_few_pictures_are_told(tmp_path):
    parts = reading(folder(tmp_path, {"a": 20, "b": 20}))
    assert any("by heart" in note for note in parts.notes)


def pieces(count, seed=0):
    pixels = torch.from_numpy(np.stack([noise(8, 8, 1, seed=1000 * seed + n)[..., None] for n in range(count)]))
    return Subset.all(ImageDataset.from_pixels(pixels, torch.arange(count) * 4 // count))


class Bright(Examiner):
    """Sees the brightness of each quarter, and names the brightest."""

    def __init__(self):
        super().__init__("quarters", generator(), "", "", [0.0], [1.0], True)

    def look(self, pixels):
        features = torch.nn.functional.adaptive_avg_pool2d(pixels.float().movedim(3, 1), 2).flatten(1)
        return Seen(features, features.argmax(1))


def test_real_pictures_beside_themselves_and_beside_gray_ones():
    images = pieces(200)
    real = Real(Bright(), images, ["a", "b", "c", "d"], 150)
    assert len(real.images) == 150
    same = real.compare(real.images.pixels, real.seen.answers)
    assert float(same["FID (quarters)"]) < 1e-6
    assert [float(same[name]) for name in ("precision", "recall", "class coverage", "class agreement")] == [1, 1, 1, 1]
    gray = real.compare(torch.zeros_like(real.images.pixels), torch.zeros(150, dtype=torch.int64))
    assert float(gray["FID (quarters)"]) > 1000
    assert [float(gray[name]) for name in ("precision", "class coverage", "class agreement")] == [0, 0.25, 1]


def test_a_check_asks_for_the_classes_that_real_pictures_have():
    examination = Examination(Real(Bright(), pieces(200), ["a", "b", "c", "d"], 100), 300)
    (question,) = examination.batches(1)
    assert question.labels.bincount().tolist() == pytest.approx([75] * 4, abs=2)
    assert list(examination.batches(1, 1)) == [] and len(examination) == 1 and examination.samples == 300


def test_a_part_that_is_too_small_gives_way_to_the_training_part(tmp_path):
    parts = reading(folder(tmp_path, {"a": 20, "b": 20}))
    found = generation.examination(Bright(), parts, parts.validation, 5)
    assert set(found.real.images.indices.tolist()) <= set(parts.train.indices.tolist())


def test_evenly_keeps_the_ends():
    assert evenly(torch.arange(100), 5).tolist() == [0, 25, 50, 74, 99]
    assert evenly(torch.arange(3), 5).tolist() == [0, 1, 2]
