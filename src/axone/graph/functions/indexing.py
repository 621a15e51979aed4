"""Indices and slices of nodes: `h[:, 0]`, `h[..., :2]`, `h[:, ::2]`, `h[:, None]`. The first dimension is the batch.

A file holds the index as it is written between the brackets: Index(":, 0").
"""

from __future__ import annotations

import re
from numbers import Integral
from typing import Annotated, Any

from jaxtyping import Shaped
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import MAXIMUM
from axone.graph.nodes.layer import Layer
from axone.graph.padding import ReceptiveWindow, WindowGeometry
from axone.messages import _

MAXIMUM_ITEMS = 1_000  # of one list of positions
_NUMBER = r"-?\d{1,10}"
_ITEM = re.compile(
    rf"\.\.\.|None|{_NUMBER}|(?:{_NUMBER})?:(?:{_NUMBER})?(?::(?:{_NUMBER})?)?|\[{_NUMBER}(?:, ?{_NUMBER})*\]"
)
_SEPARATOR = re.compile(r", ?(?![^\[]*\])")


def _write_item(item: Any) -> str:
    """Return one part of an index as it is written; raise ValueError for anything but a number, slice, list or None."""
    if item is Ellipsis:
        return "..."
    if item is None:
        return "None"
    if isinstance(item, slice):
        start, stop, step = ("" if part is None else _write_number(part) for part in (item.start, item.stop, item.step))
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    if isinstance(item, list) and item and len(item) <= MAXIMUM_ITEMS:
        return f"[{', '.join(_write_number(part) for part in item)}]"
    return _write_number(item)


def _write_number(value: Any) -> str:
    if isinstance(value, Integral) and not isinstance(value, bool) and abs(int(value)) <= MAXIMUM:
        return str(int(value))
    raise ValueError(_("integers, slices, None, ... and lists of integers, such as h[:, 0] or h[..., :2]"))


def _check_index(value: Any) -> str:
    """Return an index as text: what was between the brackets, or the text that a file holds."""
    if isinstance(value, str):
        value = tuple(_parse_item(item) for item in _SEPARATOR.split(value)) if len(value) < 10_000 else value
    items = value if isinstance(value, tuple) else (value,)
    return ", ".join(_write_item(item) for item in items)


def _parse_item(text: str) -> Any:
    if not _ITEM.fullmatch(text):
        raise ValueError(_('an index as it is written between brackets, such as ":, 0"'))
    if text in ("...", "None"):
        return Ellipsis if text == "..." else None
    if text.startswith("["):
        return [int(part) for part in text[1:-1].split(",")]
    if ":" in text:
        return slice(*(int(part) if part else None for part in text.split(":")))
    return int(text)


class _IndexModule(nn.Module):
    def __init__(self, index: str) -> None:
        super().__init__()
        self.text = index
        self.index = tuple(_parse_item(item) for item in _SEPARATOR.split(index))

    def forward(self, input: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
        return input[self.index]

    def source(self, module: str, input: str) -> str:
        return f"{input}[{self.text}]"

    def extra_repr(self) -> str:
        return self.text


class Index(Layer):
    """A part of each example, as an index of torch's: Index(":, 0") is `h[:, 0]`. The first dimension is the batch."""

    index: Annotated[str, _check_index]

    batch_sizes = (2, 3)

    @property
    def batch_hint(self) -> str | None:
        """The first dimension is the batch."""
        return _("The first dimension is the batch: write h[:, ...].")

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the indexing module. Raises GraphError for an index of the batch."""
        first, *others = self._items
        if first not in (Ellipsis, slice(None)):
            raise GraphError(_("{layer} would take examples out of a batch.", layer=self.label()), hint=self.batch_hint)
        if any(isinstance(item, slice) and item.step is not None and item.step < 1 for item in others):
            raise GraphError(
                _("{layer}: the step of a slice must be at least 1.", layer=self.label()),
                hint=_("Write torch.flip(h, [1]) to reverse a dimension."),
            )
        if sum(item is Ellipsis for item in self._items) > 1:
            raise GraphError(_('{layer} has more than one "...".', layer=self.label()))
        return _IndexModule(self.index)

    @property
    def _items(self) -> tuple[Any, ...]:
        return tuple(_parse_item(item) for item in _SEPARATOR.split(self.index))

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow | None:
        """A slice keeps positions apart by its step; other indices may exchange dimensions, so nothing is known."""
        items = list(self._items)
        if Ellipsis in items:
            place = items.index(Ellipsis)
            items[place : place + 1] = [slice(None)] * (len(shape) + 2 - len(items))
        items += [slice(None)] * (len(shape) + 1 - len(items))
        if len(items) != len(shape) + 1 or not all(isinstance(item, slice) for item in items):
            return None
        steps = [item.step or 1 for item in items[2:]]
        return tuple(WindowGeometry(step, 0) for step in steps) if any(step > 1 for step in steps) else ()

    def __repr__(self) -> str:
        return f"[{self.index}]"
