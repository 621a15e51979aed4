"""Images that are in training and in evaluation, or in two classes: found, named and described."""

import torch

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.duplicates import Occurrence, describe_duplicates, find_copies, find_duplicates

CLASSES = ("cat", "dog", "eel")


def splits(train, test=(), validation=(), labels=None):
    """Splits whose images are numbers: equal numbers, equal images."""
    numbers = [*train, *test, *validation]
    pixels = torch.tensor(numbers, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 2, 2, 1)
    dataset = ImageDataset.from_pixels(pixels, torch.tensor(labels or [0] * len(numbers), dtype=torch.int64))
    named = ImageDataset(dataset.pixels, dataset.labels, dataset.hashes, dataset.statistics, lambda row: f"file{row}")
    borders = torch.tensor([len(train), len(train) + len(test)])
    return {
        "train": Subset(named, torch.arange(borders[0])),
        "test": Subset(named, torch.arange(*borders)),
        "validation": Subset(named, torch.arange(borders[1], len(numbers))),
    }


def find(subsets):
    return find_duplicates(find_copies(subsets.values()), subsets)


def test_copies_within_one_split_and_class_are_not_reported():
    assert find(splits([1, 2, 3, 3], [4, 5, 5], [6])) == []
    assert find({}) == [] and find(splits([])) == []
    assert describe_duplicates([], CLASSES) == []


def test_every_occurrence_is_named():
    (group,) = find(splits([1, 2, 9, 9], [9, 3], [4]))
    assert group == [Occurrence("train", 0, "file2"), Occurrence("train", 0, "file3"), Occurrence("test", 0, "file4")]


def test_leaks_into_validation_and_test_are_counted_apart():
    groups = find(splits([1, 2, 3], [1, 2], [3]))
    notes = describe_duplicates(groups, CLASSES)
    assert len(notes) == 2
    assert notes[0].startswith("1 validation image is also a training image") and "for example file5" in notes[0]
    assert notes[1].startswith("2 test images are also training images") and "for example file3" in notes[1]


def test_an_image_in_two_classes_is_reported():
    groups = find(splits([1, 1, 2, 2, 3, 3], labels=[0, 2, 1, 1, 2, 0]))
    assert [[one.label for one in group] for group in groups] == [[0, 2], [2, 0]]
    (note,) = describe_duplicates(groups, CLASSES)
    assert note == "2 images are in two classes (for example cat and eel)."


def test_copies_outside_training_are_no_leak():
    assert find(splits([1], [2], [2])) == []


def test_all_copies_among_many_images_are_found():
    generator = torch.Generator().manual_seed(0)
    numbers = torch.randint(0, 200, (300,), generator=generator).tolist()
    groups = {tuple(one.name for one in group) for group in find(splits(numbers[:200], numbers[200:]))}
    expected = set()
    for number in set(numbers[:200]) & set(numbers[200:]):
        expected.add(tuple(f"file{place}" for place, other in enumerate(numbers) if other == number))
    assert groups == expected and groups


def test_copies_are_searched_in_the_splits_as_they_are_used():
    loaded = splits([1, 2, 1, 3], [4])
    copies = find_copies(loaded.values())
    dataset = loaded["train"].dataset
    train, validation = Subset(dataset, torch.tensor([3, 1, 0])), Subset(dataset, torch.tensor([2]))
    (group,) = find_duplicates(copies, {"train": train, "validation": validation, "test": loaded["test"]})
    assert group == [Occurrence("train", 0, "file0"), Occurrence("validation", 0, "file2")]
    assert find_duplicates(copies, {"train": train, "test": loaded["test"]}) == []  # the other copy is not used
