"""Streams, facts and notes of the data of an autoencoder; excluded classes; data that cannot be used."""

import numpy as np
import polars
import pytest
from PIL import Image

from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError
from axone.settings import resolve
from axone.tasks.reconstruction.data import read_examples
from axone.tasks.reconstruction.settings import ReconstructionSettings


def read(*, facts=None, frame=None, **settings):
    if frame is not None:
        settings["data"] = "(from Python)"
    chosen = resolve(ReconstructionSettings, {"validation": 0.1, "batch_size": 50, **settings})
    return read_examples(chosen, BuildContext(facts=facts, data=frame))


def write_images(folder, count, side=20):
    random = np.random.default_rng(0)
    for k in range(count):
        pixels = random.integers(0, 256, (side, side + k % 3, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{k}.png")


def labels_of(stream):
    return {int(label) for batch in stream.batches(1) for label in batch.targets}


def test_pixels_are_numbers_from_0_to_1_and_classes_are_only_labels():
    examples = read(limit=200)
    batch = next(examples.train.batches(1))
    assert batch.inputs.min() == 0 and 0.9 < batch.inputs.max() <= 1
    assert "classes" not in examples.facts and len(examples.facts["labels"]) == 10


def test_an_excluded_class_is_in_the_test_set_alone():
    examples = read(limit=300, exclude_class="Sneaker")
    sneaker = examples.facts["labels"].index("Sneaker")
    assert sneaker not in labels_of(examples.train) | labels_of(examples.validation)
    assert sneaker in labels_of(examples.test)
    assert examples.facts["exclude_class"] == "Sneaker" and any("left out" in note for note in examples.notes)
    assert examples.facts["samples"]["train"] < 270


def test_a_class_of_a_table_can_be_excluded():
    frame = polars.DataFrame({"a": range(60), "b": range(60), "kind": ["x", "y", "y"] * 20})
    examples = read(frame=frame, target="kind", exclude_class="x")
    excluded = examples.facts["labels"].index("x")
    assert labels_of(examples.train) == {1 - excluded} and excluded in labels_of(examples.test)


def test_an_unknown_class_is_named_with_a_similar_one(tmp_path):
    with pytest.raises(SettingsError, match="Did you mean 'Sneaker'"):
        read(exclude_class="Sneakers")
    write_images(tmp_path, 12)
    with pytest.raises(SettingsError, match="There is no class") as caught:
        read(data=str(tmp_path), exclude_class="cats")
    assert "no classes" in caught.value.expected


def test_other_data_of_a_restored_run_need_not_have_the_excluded_class(tmp_path):
    write_images(tmp_path, 12)
    facts = {"input": [1, 28, 28], "mean": [0.0], "std": [1.0]}
    assert read(data=str(tmp_path), exclude_class="Sneaker", facts=facts).test is not None


def test_rows_are_vectors_and_the_target_is_no_input():
    examples = read(data="wine")
    width = len(examples.facts["columns"])
    assert examples.facts["input"] == [width] and next(examples.train.batches(1)).inputs.shape[1] == width
    assert [target["name"] for target in examples.facts["targets"]] == ["grower"] and examples.facts["labels"]
    assert any("Not an input: grower" in note for note in examples.notes)


def test_new_data_are_scaled_as_those_of_the_restored_run():
    first = read(data="wine", scaling="all")
    again = read(data="wine", facts=first.facts, limit=50)
    assert again.facts["columns"] == first.facts["columns"]


def test_a_table_of_one_column_is_refused():
    with pytest.raises(DataError, match="a single column"):
        read(frame=polars.DataFrame({"a": [k % 7 for k in range(30)]}))


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_training_example_is_refused(tmp_path, count):
    write_images(tmp_path, count)
    with pytest.raises(DataError, match="only one example"):
        read(data=str(tmp_path))
