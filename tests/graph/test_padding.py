"""Output sizes and values with "valid" and "same" padding, against sizes by hand and against scipy and numpy."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d

from axone.graph import AvgPool2d, Conv2d, GraphError, Input, Layer, MaxPool2d, Model
from axone.graph.padding import same_padding, same_transposed_padding, symmetric_padding
from tests.helpers.networks.graph import build_model, run_layer


def run_on_image(layer: Layer, image: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return run_layer(layer, torch.from_numpy(image)[None, None].float())[0, 0].numpy()


def test_max_pooling_of_the_course_example() -> None:
    rows = np.array([[1, 4, 5, 8], [5, 3, 6, 8], [1, 2, 8, 9], [6, 3, 3, 2]])
    assert run_on_image(MaxPool2d(2), rows).tolist() == [[5, 8], [6, 9]]


# kernel (2, 2): input size, stride, padding, output size
SIZES = [
    (5, 1, "valid", 4), (6, 1, "valid", 5), (7, 1, "valid", 6), (28, 1, "valid", 27),
    (5, 2, "valid", 2), (6, 2, "valid", 3), (7, 2, "valid", 3), (28, 2, "valid", 14),
    (5, 1, "same", 5), (6, 1, "same", 6), (7, 1, "same", 7), (28, 1, "same", 28),
    (5, 2, "same", 3), (6, 2, "same", 3), (7, 2, "same", 4), (28, 2, "same", 14),
]  # fmt: skip


@pytest.mark.parametrize(("size", "stride", "padding", "expected"), SIZES)
def test_output_sizes_by_hand(size: int, stride: int, padding: str, expected: int) -> None:
    for layer in (
        Conv2d(3, (2, 2), stride, padding),
        MaxPool2d((2, 2), stride, padding),
        AvgPool2d((2, 2), stride, padding),
    ):
        x = Input(3, size, size)
        y = layer(x)
        assert y.shape == (3, expected, expected)
        assert Model(x, y)(torch.rand(1, 3, size, size)).shape == (1, 3, expected, expected)


def test_output_sizes_with_numbers_and_dilation_by_hand() -> None:
    x = Input(1, 7, 10)
    assert Conv2d(1, 3)(x).shape == (1, 5, 8)
    assert Conv2d(1, 3, padding=1)(x).shape == (1, 7, 10)
    assert Conv2d(1, 3, 2, 1)(x).shape == (1, 4, 5)
    assert Conv2d(1, (3, 5), (2, 3), (0, 2))(x).shape == (1, 3, 4)
    assert Conv2d(1, 3, dilation=2)(x).shape == (1, 3, 6)
    assert Conv2d(1, 3, 3, "same", dilation=2)(x).shape == (1, 3, 4)
    assert MaxPool2d(3, 2, 1)(x).shape == (1, 4, 5)


def test_an_odd_padding_is_added_after() -> None:
    assert same_padding(5, 2, 2, 1) == (0, 1)
    assert same_padding(6, 3, 2, 1) == (0, 1)
    assert same_padding(7, 3, 2, 1) == (1, 1)
    assert same_padding(6, 4, 1, 1) == (1, 2)
    assert same_padding(5, 1, 3, 1) == (0, 0)
    assert same_padding(7, 3, 1, 2) == (2, 2)


def pad_image(image: np.ndarray, kernel: tuple[int, int], stride: int, fill: float) -> np.ndarray:
    """Pad as "same" requires, computed independently of the package."""
    padding = []
    for size, side in zip(image.shape, kernel):
        positions = int(np.ceil(size / stride))
        total = max(0, (positions - 1) * stride + side - size)
        padding.append((total // 2, total - total // 2))
    return np.pad(image, padding, constant_values=fill)


WINDOWS = [((2, 2), 1), ((2, 2), 2), ((3, 3), 1), ((3, 3), 2), ((3, 2), 2), ((4, 4), 1), ((5, 3), 3), ((1, 1), 2)]


@pytest.mark.parametrize("size", [(5, 5), (6, 6), (7, 7), (28, 28), (6, 9)])
@pytest.mark.parametrize(("kernel", "stride"), WINDOWS)
def test_same_values_against_scipy_and_numpy(size, kernel, stride) -> None:
    generator = np.random.default_rng(1)
    # All values are negative, so that a zero of the padding would be the maximum.
    image = -generator.random(size, dtype=np.float32) - 1
    model = build_model((1, *size), Conv2d(1, kernel, stride, "same", bias=False, name="conv"))
    weight = model.conv.weight
    expected = correlate2d(pad_image(image, kernel, stride, 0.0), weight[0, 0].detach().numpy(), "valid")
    output = model(torch.from_numpy(image)[None, None])[0, 0].detach().numpy()
    np.testing.assert_allclose(output, expected[::stride, ::stride], rtol=1e-4, atol=1e-5)
    windows = np.lib.stride_tricks.sliding_window_view(pad_image(image, kernel, stride, np.nan), kernel)
    windows = windows[::stride, ::stride]
    np.testing.assert_array_equal(run_on_image(MaxPool2d(kernel, stride, "same"), image), np.nanmax(windows, (2, 3)))
    np.testing.assert_allclose(
        run_on_image(AvgPool2d(kernel, stride, "same"), image), np.nanmean(windows, (2, 3)), rtol=1e-5
    )


@pytest.mark.filterwarnings("ignore:Using padding=")
def test_same_equals_torch_same_at_stride_1() -> None:
    for kernel, dilation in ((3, 1), (4, 1), (3, 2), ((2, 5), (1, 3))):
        model = build_model((2, 9, 8), Conv2d(3, kernel, padding="same", dilation=dilation, name="conv"))
        plain = torch.nn.Conv2d(2, 3, kernel, padding="same", dilation=dilation)
        plain.load_state_dict(model.conv.state_dict())
        images = torch.rand(2, 2, 9, 8)
        torch.testing.assert_close(model(images), plain(images))


def test_a_window_larger_than_the_input_is_refused_with_suggestions() -> None:
    with pytest.raises(GraphError) as caught:
        MaxPool2d(2)(Input(64, 1, 1))
    assert str(caught.value).startswith("MaxPool2d(2) needs at least 2x2, got (64, 1, 1).")
    assert "larger input" in str(caught.value) and caught.value.exit_code == 2
    with pytest.raises(GraphError, match=r"Conv2d\(8, 3, padding=1, dilation=4\) needs at least 7x7"):
        Conv2d(8, 3, padding=1, dilation=4)(Input(1, 6, 9))
    with pytest.raises(GraphError, match="half the window"):
        MaxPool2d(2, padding=2)(Input(1, 8, 8))


def test_symmetric_padding_exists_where_both_sides_are_equal_at_any_size() -> None:
    assert symmetric_padding("valid", (3, 3), (1, 1), (1, 1)) == (0, 0)
    assert symmetric_padding(2, (3, 5), (1, 1), (1, 1)) == (2, 2)
    assert symmetric_padding("same", (3, 5), (1, 1), (1, 2)) == (1, 4)
    assert symmetric_padding("same", (3, 4), (1, 1), (1, 1)) is None  # an even kernel
    assert symmetric_padding("same", (3, 3), (2, 2), (1, 1)) is None  # it depends on the size


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "expected"),
    [(4, 2, 1, (1, 0)), (3, 2, 1, (1, 1)), (2, 3, 1, (0, 1)), (3, 1, 1, (1, 0)), (4, 1, 1, None)],
)
def test_transposed_padding_by_hand(kernel: int, stride: int, dilation: int, expected) -> None:
    assert same_transposed_padding(kernel, stride, dilation) == expected
