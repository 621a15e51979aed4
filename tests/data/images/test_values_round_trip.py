"""Images in random types, sizes and ranges, written to files and read again: the order of their values is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from axone.data.images.in_memory.collection import to_byte_images
from axone.data.images.in_memory.item import prepare_image
from axone.data.images.load import load_images
from axone.data.images.scale.scale import Scale
from axone.tasks.images.inputs import load_image

FORMATS = {"uint8": "png", "uint16": "png", "int32": "tif", "float32": "tif"}


@st.composite
def image_sets(draw):
    """Return images of one type and size, with values in a range that is narrow or wide, and may be negative."""
    kind = draw(st.sampled_from(sorted(FORMATS)))
    shape = (draw(st.integers(4, 6)), draw(st.integers(8, 12)), draw(st.integers(8, 12)))
    if kind == "float32":
        center = draw(st.sampled_from([0.0, 0.5, 1.0, 100.0, -40.0, 295.0, 1e6]))
        width = draw(st.sampled_from([0.5, 1.0, 12.0, 300.0, 1e5]))
        unit = draw(arrays.arrays(np.float32, shape, elements=st.floats(-1, 1, width=32)))
        return np.float32(center) + np.float32(width) * unit
    limits = {"uint8": (0, 255), "uint16": (0, 65_535), "int32": (-70_000, 70_000)}[kind]
    low, high = sorted(draw(st.tuples(st.integers(*limits), st.integers(*limits))))
    return draw(arrays.arrays(kind, shape, elements=st.integers(low, high)))


def write(root: Path, images: np.ndarray) -> None:
    for number, image in enumerate(images):
        folder = root / "ab"[number % 2]
        folder.mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.{FORMATS[image.dtype.name]}")


def require_scaled(values: np.ndarray, pixels: np.ndarray, scale: Scale | None) -> None:
    """Check that pixels are the values by the stated scale, which never changes their order."""
    if scale is None:
        assert np.array_equal(pixels, values)
        return
    assert np.array_equal(pixels, scale.to_bytes(values))
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(pixels.reshape(-1)[order].astype(int)) >= 0).all()


@settings(max_examples=30, deadline=None)
@given(images=image_sets())
def test_a_folder_an_array_and_single_images_have_the_same_scale(images):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "photos"
        root.mkdir()
        write(root, images)
        data = load_images(str(root))
        dataset = data.train.dataset
        numbers = [int(Path(dataset.name(row)).stem) for row in range(len(images))]
        values, pixels = images[numbers], dataset.pixels[..., 0].numpy()
        require_scaled(values, pixels, data.scale)
        from_array, scale, _notes = to_byte_images(images)
        assert scale == data.scale and np.array_equal(from_array[numbers][..., 0], pixels)
        facts = {"input": [1, *images.shape[1:]]} | ({"scale": scale.to_facts()} if scale else {})
        for row, number in enumerate(numbers):
            single, note = load_image(next(root.glob(f"*/{number}.*")), facts)
            assert np.array_equal(single[..., 0], pixels[row])
            assert np.array_equal(prepare_image(images[number], facts)[0], single)
            assert (note == "") is (scale is None or scale.share_outside(images[number]) == 0)
