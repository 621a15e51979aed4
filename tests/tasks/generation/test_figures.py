"""What is shown of a generator, and that one which copies its training pictures is found out."""

import numpy as np
import pytest
import torch

from axone.data.images.dataset import ImageDataset, Subset
from axone.graph import Concatenate, Embedding, Flatten, Input, Linear, Model, Reshape
from axone.tasks.generation import figures
from axone.tasks.generation.evaluator import Examiner, Seen
from axone.tasks.generation.figures import arc, beside, by_heart, interpolation, measures, per_class, wall
from axone.tasks.generation.generation import Real

CLASSES = ["a", "b", "c", "d"]


def generator(taught=True):
    torch.manual_seed(1)
    chance, number = Input(6), Input(1, dtype="int64")
    h = Concatenate()(chance, Flatten()(Embedding(4, 6)(number))) if taught else chance
    made = Reshape((1, 8, 8))(Linear(64, activation="tanh")(h))
    return Model([chance, number] if taught else [chance], made).eval()


class Quarters(Examiner):
    """Sees the brightness of each quarter, and names the brightest."""

    def __init__(self):
        super().__init__("quarters", generator(), "", "", [0.0], [1.0], True)

    def look(self, pixels):
        features = torch.nn.functional.adaptive_avg_pool2d(pixels.float().movedim(3, 1), 2).flatten(1)
        return Seen(features, features.argmax(1))


def pictures(count, seed):
    pixels = torch.randint(0, 256, (count, 8, 8, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
    return Subset.all(ImageDataset.from_pixels(pixels, Quarters().look(pixels).answers))


def test_the_wall_has_a_column_for_each_class_and_is_the_same_for_the_same_weights():
    network = generator()
    shown = wall(network, CLASSES, 3)
    assert shown.name == "wall" and "a, b, c, d" in shown.caption
    again, other = wall(network, CLASSES, 3), wall(network, CLASSES, 4)
    assert shown.image.tobytes() == again.image.tobytes() != other.image.tobytes()
    assert wall(generator(taught=False), CLASSES, 3).caption == ""


def test_a_way_goes_from_one_end_to_the_other_along_the_sphere():
    one, other = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 3.0, 0.0])
    way = arc(one, other, 5)
    assert torch.allclose(way[0], one) and torch.allclose(way[-1], other, atol=1e-6)
    assert torch.allclose(way.norm(dim=1), torch.tensor(3.0))
    assert torch.allclose(way[2], torch.tensor([1.0, 1.0, 0.0]) * 3 / 2**0.5)
    assert torch.allclose(arc(one, one, 4), one.expand(4, 3), atol=1e-3)
    assert interpolation(generator(), CLASSES, 0).image.width > 0


def test_real_and_made_stand_side_by_side_also_where_a_class_is_rare():
    images = pictures(9, 0)
    sheet = beside(generator(), images, CLASSES, 0)
    assert "a, b, c, d" in sheet.caption and sheet.image.width > sheet.image.height


def shares_too_near(monkeypatch, make):
    monkeypatch.setattr(figures, "make", make)
    found = list(by_heart(generator(), pictures(400, 0), pictures(400, 1), Quarters(), CLASSES, 0))
    assert [exhibit.name for exhibit in found] == ["neighbors", "by_heart"]
    (_who, _median, usual), (_made, _distance, share) = found[1].rows
    assert 0 < usual <= 0.02
    return share


def test_a_generator_that_copies_is_found_out_and_one_that_does_not_is_not(monkeypatch):
    copies, fresh = pictures(400, 0).pixels, pictures(400, 2).pixels
    assert shares_too_near(monkeypatch, lambda network, chance, labels: copies[torch.arange(len(labels)) % 400]) == 1.0
    assert shares_too_near(monkeypatch, lambda network, chance, labels: fresh[torch.arange(len(labels)) % 400]) < 0.05


def test_without_held_out_pictures_only_the_nearest_are_shown():
    found = list(by_heart(generator(), pictures(12, 0), None, Quarters(), CLASSES, 0))
    assert [exhibit.name for exhibit in found] == ["neighbors"]


def test_classes_are_counted(monkeypatch):
    real = pictures(300, 0)

    def always_b(network, chance, labels):
        made = torch.zeros(len(labels), 8, 8, 1, dtype=torch.uint8)
        made[:, :4, 4:] = 200
        return made

    monkeypatch.setattr(figures, "make", always_b)
    table = per_class(generator(), real, Quarters(), CLASSES, 0)
    assert [row[2] for row in table.rows] == [0, 1, 0, 0]
    assert [row[3] for row in table.rows] == [0, 1, 0, 0]
    assert sum(row[1] for row in table.rows) == pytest.approx(1, abs=1e-3)


def test_training_pictures_in_the_place_of_made_ones_are_the_best_that_can_be_asked_for():
    rows = {
        row[0]: row[1:]
        for row in measures(generator(), pictures(400, 0), Real(Quarters(), pictures(300, 1), CLASSES, 300)).rows
    }
    made, real = rows["FID (quarters)"]
    assert real < 0.1 * made
    assert rows["precision"][1] > 0.9 and np.isfinite(made)
