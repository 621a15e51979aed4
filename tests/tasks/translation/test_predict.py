"""Translation of images: both directions in one call, errors in their places, inputs that are read, and export."""

import numpy as np
import pytest
import torch
from torch import nn

from axone.data.images.scale.scale import Scale
from axone.errors import DataError, UsageError
from axone.settings import Settings
from axone.tasks.translation.predict import ReverseInput, Translator, answering, predict, read_inputs
from tests.helpers.data.images import folder

FACTS = {"input": [1, 8, 8], "mean": [0.5], "std": [0.5]}
IMAGES = np.arange(3 * 64, dtype=np.uint8).reshape(3, 8, 8, 1)


class Multiply(nn.Module):
    """Multiplies images by a number; -1 inverts their brightness."""

    def __init__(self, factor):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(float(factor)))

    def forward(self, images):
        return self.factor * images


def translate(inputs):
    return predict(Translator(Multiply(-1), Multiply(1)), Settings(), FACTS, inputs)


def test_source_images_are_translated_to_target_images():
    assert all(np.array_equal(answer.pixels, 255 - image) for answer, image in zip(translate(list(IMAGES)), IMAGES))


def test_both_directions_are_answered_in_one_call_in_order():
    answers = translate([IMAGES[0], ReverseInput(IMAGES[1]), IMAGES[2]])
    expected = [255 - IMAGES[0], IMAGES[1], 255 - IMAGES[2]]
    assert all(np.array_equal(answer.pixels, pixels) for answer, pixels in zip(answers, expected, strict=True))


def test_an_unreadable_image_has_its_error_in_its_place(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"not an image")
    first, second, third = translate([IMAGES[0], ReverseInput(tmp_path / "broken.png"), IMAGES[1]])
    assert isinstance(second, DataError)
    assert np.array_equal(first.pixels, 255 - IMAGES[0]) and np.array_equal(third.pixels, 255 - IMAGES[1])


def test_each_domain_has_its_own_scale():
    facts = {**FACTS, "scale": Scale(0.0, 510.0).to_facts(), "target_scale": Scale(100.0, 355.0).to_facts()}
    values = IMAGES[0, :, :, 0].astype(np.float64)
    forward, backward = predict(
        Translator(Multiply(-1), Multiply(1)), Settings(), facts, [values * 2, ReverseInput(values + 101)]
    )
    assert np.array_equal(forward.pixels, 255 - IMAGES[0]) and forward.note == ""
    assert np.array_equal(backward.pixels, IMAGES[0] + 1)
    (clipped,) = predict(Translator(Multiply(-1), Multiply(1)), Settings(), facts, [values * 20])
    assert "clipped" in clipped.text() and "clipped" in clipped.to_json()["note"]


@pytest.mark.parametrize("reverse", [False, True])
def test_the_module_can_be_exported_with_a_dynamic_batch(reverse):
    module = answering(Translator(Multiply(-1), Multiply(1)), Settings(), FACTS, reverse=reverse)
    images = torch.from_numpy(IMAGES)
    program = torch.export.export(module, (images[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},)).module()
    assert torch.equal(program(images), images if reverse else 255 - images)


def test_a_network_that_is_no_translator_is_refused():
    with pytest.raises(TypeError, match="Translator"):
        answering(Multiply(1), Settings(), FACTS)


def test_reverse_inputs_are_a_file_a_folder_or_an_array(tmp_path):
    images = folder(tmp_path, {"a": 3}) / "a"
    (file,), single = read_inputs(f"reverse={images / '0.png'}", FACTS)
    assert single and file == ReverseInput(images / "0.png")
    files, single = read_inputs(f"reverse={images}", FACTS)
    assert not single and files == [ReverseInput(images / f"{number}.png") for number in range(3)]
    (array,), single = read_inputs({"reverse": IMAGES[0]}, FACTS)
    assert single and np.array_equal(array.image, IMAGES[0])
    arrays, single = read_inputs({"reverse": IMAGES}, FACTS)
    assert not single and len(arrays) == 3


def test_other_inputs_are_left_to_the_reader_of_images():
    assert read_inputs("image.png", FACTS) is None and read_inputs(IMAGES[0], FACTS) is None


def test_other_names_are_refused():
    with pytest.raises(UsageError, match="not a known input") as refused:
        read_inputs({"forward": IMAGES[0]}, FACTS)
    assert "reverse=IMAGE" in refused.value.expected
