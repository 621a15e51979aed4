"""Data that are handed over in Python instead of named: a frame, an array, rows.

Settings are text, because a run keeps them; data cannot be. So the settings say HANDED, and the data themselves wait
here while the experiment is built. Whoever goes on with such a run hands them over again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from axone.errors import DataError
from axone.messages import _

HANDED = "(from Python)"
P = ParamSpec("P")
R = TypeVar("R")
_waiting: ContextVar[Any] = ContextVar("waiting", default=None)


@contextmanager
def handing_over(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Around the building of an experiment: yield settings that are text, and let `take` find data that are none."""
    data = given.get("data")
    if data is None or isinstance(data, str):
        yield dict(given)
    elif isinstance(data, Path):
        yield {**given, "data": str(data)}
    else:
        token = _waiting.set(data)
        try:
            yield {**given, "data": HANDED}
        finally:
            _waiting.reset(token)


def hands_over(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function's keyword `data` be the data themselves as well as their name."""

    @wraps(function)
    def wrapped(*args: P.args, **given: P.kwargs) -> R:
        with handing_over(given) as told:
            return function(*args, **told)

    return wrapped


def take(name: Any) -> Any:
    """Return what `--data` names: the name itself, or the data that were handed over. Raises DataError."""
    if not isinstance(name, str) or name != HANDED:
        return name
    if (found := _waiting.get()) is None:
        raise DataError(
            _("The data of this run were handed over in Python, and are not in its folder."),
            hint=_("hand them over again: axone.resume(run, data=...), or run.evaluate(data=...)"),
        )
    return found
