"""Tensors on their way to a file and back, exactly: nested state, canonical hashes, the check for NaN.

A training's state is a nest of dicts and lists with tensors in it. It is stored as a flat set of named
tensors (safetensors) and a skeleton (JSON) that says where each one belongs; nothing that loading could
execute. What JSON lacks is spelt as an object with one key that starts with "$".
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from safetensors.torch import load as _deserialize
from safetensors.torch import save as _serialize
from torch import Tensor

from axone.errors import DivergedError
from axone.messages import _

# Figures, not weights: the best loss so far may rightly be infinite.
_MAY_BE_INFINITE = {"best", "metrics", "history"}


def flatten_state(state: Any) -> tuple[dict[str, Tensor], Any]:
    """Split nested state into named tensors and a JSON skeleton; `restore_state` is the exact way back.

    State is made of dict (with keys of any plain kind), list, tuple, Tensor, int, float, str, bool and None.
    Raises TypeError, naming the place, for anything else.
    """
    tensors: dict[str, Tensor] = {}
    return tensors, _flatten(state, "", tensors)


def restore_state(tensors: Mapping[str, Tensor], skeleton: Any) -> Any:
    """Put named tensors back into their places. Raises ValueError or KeyError when they do not belong together."""
    if isinstance(skeleton, list):
        return [restore_state(tensors, item) for item in skeleton]
    if not isinstance(skeleton, dict):
        return skeleton
    if len(skeleton) != 1 or not next(iter(skeleton)).startswith("$"):
        return {key: restore_state(tensors, item) for key, item in skeleton.items()}
    kind, value = next(iter(skeleton.items()))
    if kind == "$tensor":
        return _strided(tensors[value[0]], value[1]) if isinstance(value, list) else tensors[value]
    if kind == "$tuple":
        return tuple(restore_state(tensors, item) for item in value)
    if kind == "$dict":
        return {restore_state(tensors, key): restore_state(tensors, item) for key, item in value}
    if kind == "$float" and value in ("nan", "inf", "-inf"):
        return float(value)
    raise ValueError(f"unknown kind {kind}")


def to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Serialize tensors as safetensors; shared, strided and device tensors come out as plain values."""
    plain = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu()
        # A view of something larger, or of the same memory as another one, is copied: files share nothing.
        whole = tensor.is_contiguous() and tensor.untyped_storage().nbytes() == tensor.nbytes
        plain[name] = tensor if whole else tensor.clone(memory_format=torch.contiguous_format)
    seen: set[int] = set()
    for name, tensor in plain.items():
        address = tensor.untyped_storage().data_ptr()
        if address in seen and address:
            plain[name] = tensor.clone(memory_format=torch.contiguous_format)
        seen.add(address)
    return _serialize(plain, metadata={"format": "pt"})


def from_bytes(data: bytes) -> dict[str, Tensor]:
    """Read safetensors. Raises ValueError for anything that is not."""
    try:
        return _deserialize(data)
    except Exception as error:  # the library's own errors, and KeyError for number formats torch lacks
        raise ValueError(f"{type(error).__name__}: {error}") from None


def weights_sha256(weights: Mapping[str, Tensor]) -> str:
    """Hash weights by name, dtype, shape and value: the same on every machine, whatever the file's layout."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{len(name.encode())} {name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def require_finite(weights: Mapping[str, Tensor], state: Any) -> None:
    """Raise DivergedError, naming the tensor, when a value is NaN or infinite: none reaches a checkpoint.

    Tensors of `state` under a key "best", "metrics" or "history" are figures, which may be infinite.
    """
    for name, tensor in (*weights.items(), *_state_tensors(state, "")):
        if not (tensor.is_floating_point() or tensor.is_complex()):
            continue
        small = tensor.is_floating_point() and torch.finfo(tensor.dtype).bits < 16
        if not torch.isfinite(tensor.detach().float() if small else tensor.detach()).all():
            raise DivergedError(
                _("'{name}' holds a value that is not a number; it is not saved.", name=name),
                hint=_("Lower the learning rate (--learning-rate), or clip gradients (--gradient-clip 1)."),
            )


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
        return {"$tensor": name if _plainly_laid(value) else [name, list(value.stride())]}
    if isinstance(value, (list, tuple)):
        items = [_flatten(item, f"{path}/{index}" if path else str(index), tensors) for index, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, Mapping):
        items = [(key, _flatten(item, f"{path}/{key}" if path else str(key), tensors)) for key, item in value.items()]
        if all(type(key) is str and not key.startswith("$") for key, _item in items):
            return dict(items)
        return {"$dict": [[_flatten(key, f"{path}/key", tensors), item] for key, item in items]}
    raise TypeError(f"state {path!r} is a {type(value).__name__}: turn it into tensors and plain values")


def _plainly_laid(tensor: Tensor) -> bool:
    """Say whether default strides will do; others (channels_last) are kept when they are dense."""
    default = torch.empty(tensor.shape, device="meta").stride()
    return tensor.stride() == default or not _dense(tuple(tensor.shape), tensor.stride())


def _dense(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Say whether strides walk over each element of a block of memory exactly once."""
    expected = 1
    for stride, size in sorted((stride, size) for size, stride in zip(shape, strides) if size > 1):
        if stride != expected:
            return False
        expected *= size
    return 0 not in shape and all(0 <= stride < 2**62 for stride in strides)


def _strided(tensor: Tensor, strides: list[int]) -> Tensor:
    """Lay a tensor out with given strides: fused optimizers walk weights and their state side by side."""
    if len(strides) != tensor.dim() or not _dense(tuple(tensor.shape), tuple(strides)):
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
