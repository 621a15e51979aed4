"""Exact serialization of nested state with tensors, hashes of weights, and the check for NaN.

The state of a training is made of nested dicts and lists that hold tensors. It is stored as named tensors (safetensors)
and a skeleton (JSON) with a reference in the place of each one; loading executes nothing. A value that JSON lacks is an
object with one key that starts with "$".
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from safetensors.torch import load as _deserialize
from torch import Tensor, nn

from axone.errors import DivergedError
from axone.messages import _

# Keys of metrics, not weights: the best loss so far may be infinite.
_MAY_BE_INFINITE = {"best", "metrics", "history"}
_DTYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.complex64: "C64",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
    torch.uint64: "U64", torch.uint32: "U32", torch.uint16: "U16", torch.uint8: "U8", torch.bool: "BOOL",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
}  # fmt: skip


def flatten_state(state: Any) -> tuple[dict[str, Tensor], Any]:
    """Split nested state into named tensors and a JSON skeleton; `restore_state` is its exact inverse.

    A state is made of dict (with keys of any plain type), list, tuple, Tensor, int, float, str, bool and None.
    Raises TypeError, naming the key, for any other type.
    """
    tensors: dict[str, Tensor] = {}
    return tensors, _flatten(state, "", tensors)


def restore_state(tensors: Mapping[str, Tensor], skeleton: Any) -> Any:
    """Return the nested state from its named tensors and its skeleton.

    Raises ValueError, KeyError or TypeError when they do not fit together.
    """
    if isinstance(skeleton, list):
        return [restore_state(tensors, item) for item in skeleton]
    if not isinstance(skeleton, dict):
        return skeleton
    if len(skeleton) != 1 or not next(iter(skeleton)).startswith("$"):
        return {key: restore_state(tensors, item) for key, item in skeleton.items()}
    kind, value = next(iter(skeleton.items()))
    if kind == "$tensor":
        return _copy_strided(tensors[value[0]], value[1]) if isinstance(value, list) else tensors[value]
    if kind == "$tuple":
        return tuple(restore_state(tensors, item) for item in value)
    if kind == "$dict":
        return {restore_state(tensors, key): restore_state(tensors, item) for key, item in value}
    if kind == "$float" and value in ("nan", "inf", "-inf"):
        return float(value)
    raise ValueError(f"unknown kind {kind}")


def to_buffers(tensors: Mapping[str, Tensor]) -> list[bytes | memoryview]:
    """Serialize tensors in the format safetensors: the buffers of a file, in order, without copying CPU memory.

    Shared, strided and device tensors are stored as plain values. The buffers are valid until the tensors change.
    Raises TypeError for a data type that the format lacks.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    buffers, position = [], 0
    # Larger elements first, so that each tensor is aligned to the size of its elements.
    for name, tensor in sorted(plain.items(), key=lambda item: (-item[1].element_size(), item[0])):
        if tensor.dtype not in _DTYPES:
            raise TypeError(f"{name!r} is of {tensor.dtype}, which safetensors cannot store")
        end = position + tensor.nbytes
        header[name] = {"dtype": _DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [position, end]}
        buffers.append(tensor.reshape(-1).view(torch.uint8).numpy().data)
        position = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return [struct.pack("<Q", len(text)) + text, *buffers]


def to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Serialize tensors in the format safetensors, as one value."""
    return b"".join(to_buffers(tensors))


def from_bytes(data: bytes) -> dict[str, Tensor]:
    """Read tensors in the format safetensors. Raises ValueError for other data."""
    try:
        return _deserialize(data)
    except Exception as error:  # the library's errors, and KeyError for data types that torch lacks
        raise ValueError(f"{type(error).__name__}: {error}") from None


def weights_sha256(weights: Mapping[str, Tensor]) -> str:
    """Hash weights by name, dtype, shape and value: equal on every machine, whatever the layout of the file."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{len(name.encode())} {name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def require_finite(weights: Mapping[str, Tensor], state: Any) -> None:
    """Raise DivergedError, naming the tensor, when a value is NaN or infinite, so that none reaches a checkpoint.

    Tensors of `state` under a key "best", "metrics" or "history" are metrics, which may be infinite.
    """
    for name, tensor in (*weights.items(), *_state_tensors(state, "")):
        if not (tensor.is_floating_point() or tensor.is_complex()):
            continue
        small = tensor.is_floating_point() and torch.finfo(tensor.dtype).bits < 16
        if not torch.isfinite(tensor.detach().float() if small else tensor.detach()).all():
            raise DivergedError(
                _("'{name}' has a value that is NaN or infinite; it is not saved.", name=name),
                hint=_("Lower the learning rate (--learning-rate), or clip gradients (--gradient-clip 1)."),
            )


def describe_misfits(network: nn.Module, weights: Mapping[str, Tensor]) -> str:
    """Name the first weights that do not fit a network, each with both shapes; "" when all of them fit."""
    own = network.state_dict()
    misfits = [
        f"{name}: {tuple(weights[name].shape) if name in weights else _('missing')}"
        f" / {tuple(own[name].shape) if name in own else _('unknown')}"
        for name in sorted(own.keys() | weights.keys())
        if name not in own or name not in weights or own[name].shape != weights[name].shape
    ]
    return "; ".join(misfits[:3])


def _flatten(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, Tensor):
        name, number = path or "value", 1
        while name in tensors:
            number += 1
            name = f"{path}#{number}"
        tensors[name] = value
        return {"$tensor": name if _has_default_strides(value) else [name, list(value.stride())]}
    if isinstance(value, (list, tuple)):
        items = [_flatten(item, f"{path}/{index}" if path else str(index), tensors) for index, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, Mapping):
        items = [(key, _flatten(item, f"{path}/{key}" if path else str(key), tensors)) for key, item in value.items()]
        if all(type(key) is str and not key.startswith("$") for key, _item in items):
            return dict(items)
        return {"$dict": [[_flatten(key, f"{path}/key", tensors), item] for key, item in items]}
    raise TypeError(f"state {path!r} is a {type(value).__name__}: turn it into tensors and plain values")


def _has_default_strides(tensor: Tensor) -> bool:
    """Return whether the tensor is restored with default strides; dense others (channels_last) are recorded."""
    default = torch.empty(tensor.shape, device="meta").stride()
    return tensor.stride() == default or not _is_dense(tuple(tensor.shape), tensor.stride())


def _is_dense(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Return whether strides visit each element of a block of memory exactly once."""
    expected = 1
    for stride, size in sorted((stride, size) for size, stride in zip(shape, strides) if size > 1):
        if stride != expected:
            return False
        expected *= size
    return 0 not in shape and all(0 <= stride < 2**62 for stride in strides)


def _copy_strided(tensor: Tensor, strides: list[int]) -> Tensor:
    """Copy a tensor to strides: fused optimizers need weights and their state in the same memory format."""
    if len(strides) != tensor.dim() or not _is_dense(tuple(tensor.shape), tuple(strides)):
        raise ValueError("impossible strides")
    return torch.empty_strided(tensor.shape, strides, dtype=tensor.dtype).copy_(tensor)


def _state_tensors(value: Any, path: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _MAY_BE_INFINITE:
                yield from _state_tensors(item, f"{path}/{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _state_tensors(item, f"{path}/{index}")
