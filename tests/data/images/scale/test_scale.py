import numpy as np
import pytest

from axone.data.images.scale.scale import Scale, kind_of, parse_scale, read_scale


def test_values_become_bytes_by_a_linear_map_and_are_clipped():
    scale = Scale(280.0, 305.5)
    values = np.array([280.0, 280.1, 305.5, 292.75, 200.0, 400.0, np.nan, np.inf, -np.inf])
    assert scale.to_bytes(values).tolist() == [0, 1, 255, 128, 0, 255, 0, 255, 0]
    assert scale.share_outside(values) == pytest.approx(5 / 9)


def test_a_16_bit_image_of_full_range_is_divided_by_257():
    values = np.arange(65_536, dtype=np.uint16)
    assert np.array_equal(Scale(0, 65_535, "uint16").to_bytes(values), np.rint(values / 257).astype(np.uint8))


def test_bytes_as_floats_give_the_same_bytes():
    values = np.arange(256)
    for kind in (np.float16, np.float32, np.float64):
        assert np.array_equal(Scale(0, 1).to_bytes((values / 255).astype(kind)), values)
        assert np.array_equal(Scale(0, 255).to_bytes(values.astype(kind)), values)


def test_units_are_the_inverse_of_each_other():
    scale, values = Scale(-5, 15), np.array([-5.0, 0.0, 15.0])
    assert np.allclose(scale.from_unit(scale.to_unit(values)), values, atol=1e-5)
    assert scale.to_unit(np.array([-9.0, np.nan, 99.0])).tolist() == [0, 0, 1]


def test_a_scale_is_kept_in_the_facts_of_a_run():
    scale = Scale(1, 2, "uint16", has_bytes=True)
    assert read_scale(scale.to_facts()) == scale
    assert read_scale(None) is None


def test_the_setting_is_two_ascending_numbers():
    assert parse_scale("") is None
    assert parse_scale("-10:1e3") == Scale(-10.0, 1000.0, has_bytes=True)


def test_types_of_values():
    kinds = [kind_of(np.zeros(1, kind)) for kind in ("u1", "<u2", ">u2", "i1", "i2", "u4", "i8", "f2", "f8")]
    assert kinds == ["byte", "uint16", "uint16", "integer", "integer", "integer", "integer", "float", "float"]
