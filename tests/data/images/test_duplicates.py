import torch

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.duplicates import Occurrence, describe_duplicates, find_duplicates

CLASSES = ("cat", "dog", "eel")


def parts(train, test=(), validation=(), labels=None):
    """Parts whose pictures are numbers: equal numbers, equal pictures."""
    numbers = [*train, *test, *validation]
    pixels = torch.tensor(numbers, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 2, 2, 1)
    made = ImageDataset.from_pixels(pixels, torch.tensor(labels or [0] * len(numbers), dtype=torch.int64))
    named = ImageDataset(made.pixels, made.labels, made.hashes, made.statistics, lambda row: f"file{row}")
    borders = torch.tensor([len(train), len(train) + len(test)])
    return {
        "train": Subset(named, torch.arange(borders[0])),
        "test": Subset(named, torch.arange(*borders)),
        "validation": Subset(named, torch.arange(borders[1], len(numbers))),
    }


def test_nothing_to_say():
    assert find_duplicates(parts([1, 2, 3, 3], [4, 5, 5], [6])) == []
    assert find_duplicates({}) == [] and find_duplicates(parts([])) == []
    assert describe_duplicates([], CLASSES) == []


def test_every_occurrence_is_named():
    (group,) = find_duplicates(parts([1, 2, 9, 9], [9, 3], [4]))
    assert group == [Occurrence("train", 0, "file2"), Occurrence("train", 0, "file3"), Occurrence("test", 0, "file4")]


def test_validation_and_test_are_told_apart():
    groups = find_duplicates(parts([1, 2, 3], [1, 2], [3]))
    told = describe_duplicates(groups, CLASSES)
    assert len(told) == 2
    assert told[0].startswith("1 validation image is also a training image") and "such as file5" in told[0]
    assert told[1].startswith("2 test images are also training images") and "such as file3" in told[1]


def test_two_classes():
    groups = find_duplicates(parts([1, 1, 2, 2, 3, 3], labels=[0, 2, 1, 1, 2, 0]))
    assert [[copy.label for copy in group] for group in groups] == [[0, 2], [2, 0]]
    (told,) = describe_duplicates(groups, CLASSES)
    assert told == "2 images are filed under two classes (such as cat and eel)."


def test_copies_outside_training_leak_nothing():
    assert find_duplicates(parts([1], [2], [2])) == []


def test_many_pictures_in_any_order():
    generator = torch.Generator().manual_seed(0)
    numbers = torch.randint(0, 200, (300,), generator=generator).tolist()
    found = {tuple(copy.name for copy in group) for group in find_duplicates(parts(numbers[:200], numbers[200:]))}
    expected = set()
    for number in set(numbers[:200]) & set(numbers[200:]):
        expected.add(tuple(f"file{place}" for place, other in enumerate(numbers) if other == number))
    assert found == expected and found
