from axone.data.images.scale.notes import describe_bytes, describe_scale
from axone.data.images.scale.scale import Scale


def test_the_scale_is_said_and_what_it_costs():
    assert describe_scale(Scale(283, 307), 250) == [
        "One scale for all images: values of 283 ... 307 become 0 ... 255 (--scale LOW:HIGH sets another)."
    ]
    notes = "\n".join(describe_scale(Scale(0, 16), 17, 0.25, not_finite=3, byte_images=2))
    for part in ("25.00\u202f%", "Only 17 levels", "3 pixels are NaN", "2 images have 8 bits"):
        assert part in notes
    assert "< 0.01\u202f%" in describe_scale(Scale(0, 16), 99, 1e-7)[1]


def test_images_of_8_bits_with_few_levels_are_mentioned():
    assert describe_bytes(0, 255) == describe_bytes(100, 140) == []
    (note,) = describe_bytes(0, 4)
    assert "between 0 and 4" in note
