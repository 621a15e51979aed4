from __future__ import annotations

import json
import math

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.errors import DivergedError
from axone.runs.storage.tensors import (
    describe_misfits,
    flatten_state,
    from_bytes,
    require_finite,
    restore_state,
    to_buffers,
    to_bytes,
    weights_sha256,
)

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.uint8, torch.bool]


def round_trip(state):
    tensors, skeleton = flatten_state(state)
    return restore_state(from_bytes(to_bytes(tensors)), json.loads(json.dumps(skeleton, allow_nan=False)))


def assert_same(a, b):
    assert type(a) is type(b)
    if isinstance(a, torch.Tensor):
        assert a.dtype == b.dtype and a.shape == b.shape and a.stride() == b.stride()
        assert torch.equal(a.view(-1) if a.dim() == 0 else a, b.view(-1) if b.dim() == 0 else b)
    elif isinstance(a, dict):
        assert [(type(key), key) for key in a] == [(type(key), key) for key in b]
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for one, other in zip(a, b):
            assert_same(one, other)
    elif isinstance(a, float):
        assert (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))
    else:
        assert a == b


@st.composite
def tensors(draw):
    shape = draw(st.lists(st.integers(0, 3), max_size=4))
    dtype = draw(st.sampled_from(DTYPES))
    tensor = torch.randint(0, 2, shape, generator=torch.Generator().manual_seed(draw(st.integers(0, 9)))).to(dtype)
    order = draw(st.permutations(range(len(shape))))
    return tensor.permute(order).contiguous().permute([order.index(axis) for axis in range(len(shape))])


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = st.text() | st.integers() | st.sampled_from(["$tensor", "$dict", "$", "a/b", "a", 0, "0", "value"])
STATES = st.recursive(
    PLAIN | tensors(),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(STATES)
def test_any_state_is_restored_exactly(state):
    assert_same(state, round_trip(state))


def test_optimizer_state_is_restored_exactly_with_its_memory_format():
    layer = torch.nn.Conv2d(3, 8, 3).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(layer.parameters(), betas=(0.8, 0.99))
    layer(torch.randn(2, 3, 5, 5)).sum().backward()
    optimizer.step()
    state = optimizer.state_dict()
    assert state["state"][0]["exp_avg"].stride() != (27, 9, 3, 1), "the case of this test"
    assert_same(state, round_trip(state))


def test_shared_sliced_and_expanded_tensors_keep_their_values():
    base = torch.arange(12.0).reshape(3, 4)
    state = {"base": base, "same": base, "row": base[1], "column": base[:, 2], "wide": base[:1].expand(5, 4)}
    back = round_trip(state)
    for name, tensor in state.items():
        assert torch.equal(back[name], tensor)
    back["base"][0, 0] = 99
    assert back["same"][0, 0] == 0, "restored tensors share no memory"


def test_parameters_are_restored_as_plain_tensors():
    back = round_trip({"w": torch.nn.Parameter(torch.ones(2))})
    assert type(back["w"]) is torch.Tensor and not back["w"].requires_grad


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", {"deep": [print]}])
def test_values_of_other_types_are_refused(value):
    with pytest.raises(TypeError, match="plain values"):
        flatten_state({"here": value})


@pytest.mark.parametrize(
    "skeleton",
    [
        {"$tensor": "none"},
        {"$tensor": ["a", [1]]},
        {"$tensor": ["a", [0, 0]]},
        {"$tensor": ["a", [2**70, 1]]},
        {"$tensor": ["a", "xy"]},
        {"$tensor": {}},
        {"$float": "1"},
        {"$float": []},
        {"$dict": 3},
        {"$dict": [1]},
        {"$dict": [[[], 1]]},
        {"$tuple": None},
        {"$code": "print()"},
    ],
)
def test_hostile_skeletons_raise_the_documented_errors(skeleton):
    with pytest.raises((ValueError, KeyError, TypeError)):
        restore_state({"a": torch.ones(2, 2)}, skeleton)


def test_hash_depends_on_name_dtype_shape_and_value_and_on_nothing_else():
    weights = {"b": torch.arange(6.0).reshape(2, 3), "a": torch.tensor(1)}
    same = {"a": torch.tensor(1), "b": torch.arange(6.0).reshape(2, 3).t().contiguous().t()}
    assert weights_sha256(weights) == weights_sha256(same)
    for other in (
        {**weights, "b": torch.arange(6.0).reshape(3, 2)},
        {**weights, "b": torch.arange(6).reshape(2, 3)},
        {"c": weights["b"], "a": weights["a"]},
        {**weights, "a": torch.tensor(2)},
        {**weights, "c": torch.empty(0)},
    ):
        assert weights_sha256(other) != weights_sha256(weights)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float8_e5m2, torch.complex64])
def test_values_that_are_not_finite_are_found(bad, dtype):
    tensor = torch.tensor([1.0, bad]).to(dtype)
    with pytest.raises(DivergedError, match=r"layer\.weight"):
        require_finite({"layer.weight": tensor}, {})
    with pytest.raises(DivergedError, match="optimizer/state/0/exp_avg"):
        require_finite({}, {"optimizer": {"state": {0: {"exp_avg": tensor}}}})
    with pytest.raises(DivergedError, match="ema/1"):
        require_finite({}, {"ema": [torch.ones(1), tensor]})
    require_finite({}, {"best": tensor, "history": [tensor], "loop": {"metrics": (tensor,)}, "rate": bad})
    require_finite({"count": torch.tensor(3), "flag": torch.tensor(True)}, {})


def test_files_are_read_by_the_library_and_each_tensor_is_aligned():
    tensors = {
        "half é": torch.arange(3, dtype=torch.float16),
        "byte": torch.tensor([1, 2, 3], dtype=torch.uint8),
        "double": torch.ones(1, dtype=torch.float64),
        "flag": torch.tensor(True),
        "empty": torch.empty(0, 3),
        "strided": torch.arange(12.0).reshape(3, 4).t()[:, 1],
        "complex": torch.tensor([1 + 2j]),
    }
    data = to_bytes(tensors)
    read = safetensors.torch.load(data)
    assert set(read) == set(tensors)
    for name, tensor in tensors.items():
        assert read[name].dtype == tensor.dtype and torch.equal(read[name], tensor), name
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert length % 8 == 0 and header.pop("__metadata__") == {"format": "pt"}
    for name, entry in header.items():
        assert entry["data_offsets"][0] % max(1, tensors[name].element_size()) == 0, name


def test_serialization_does_not_copy_contiguous_tensors_of_the_processor():
    tensor = torch.zeros(1000)
    _header, buffer = to_buffers({"w": tensor})
    tensor[0] = 1.0
    assert bytes(buffer[:4]) == b"\x00\x00\x80\x3f"


def test_a_data_type_that_the_format_lacks_is_refused_by_name():
    with pytest.raises(TypeError, match=r"'w' is of torch\.complex128"):
        to_buffers({"w": torch.ones(1, dtype=torch.complex128)})


def test_weights_that_do_not_fit_a_network_are_named_with_both_shapes():
    network = torch.nn.Linear(3, 2)
    assert describe_misfits(network, network.state_dict()) == ""
    weights = {"weight": torch.zeros(4, 3), "extra": torch.zeros(1)}
    assert describe_misfits(network, weights) == (
        "bias: missing / (2,); extra: (1,) / unknown; weight: (4, 3) / (2, 3)"
    )
