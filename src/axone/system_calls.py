"""Calls of a user's own system: an error names the line of their file, and what a function returns is checked.

A built-in system is called as it is, because an exception in it is a bug of ours. In a user's own file, an exception,
or a value of another type than the contract says, is theirs to mend, so it becomes a UsageError with the place.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axone.settings
from axone.errors import AxoneError, UsageError
from axone.messages import _
from axone.own_module import find_line

CONTRACT = "docs/your-own-system.md"


@contextmanager
def locate_errors_in(path: Path) -> Iterator[None]:
    """Turn an exception that passes through the file `path` into a UsageError that names the file and the line."""
    try:
        yield
    except AxoneError:
        raise
    except Exception as error:
        line = find_line(error, path)
        if line is None:
            raise
        raise UsageError(
            _("'{path}' failed in line {line}: {kind}: {error}",
              path=path, line=line, kind=type(error).__name__, error=error),
            hint=_("type the same with --debug to see the traceback"),
        ) from error  # fmt: skip


def wrap(function: Callable[..., Any], name: str, path: Path) -> Callable[..., Any]:
    """Return a function of a user's own file that locates its errors and checks what it returns."""
    check = _CHECKS.get(name)

    @functools.wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        with locate_errors_in(path):
            result = function(*arguments, **keywords)
            if name == "generate":  # it may be a generator, whose code runs when it is iterated
                result = list(result) if isinstance(result, Iterator) else result
        if check is not None:
            check(result, path, arguments)
        return result

    return call


def require_json(value: Any, name: str, path: Path) -> None:
    """Raise UsageError, which names the file, unless a value consists of dicts, lists, strings, numbers and None."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(
            _("{name} of '{path}' cannot be written as JSON: {error}.", name=name, path=path, error=error),
            expected=_("expected only dicts, lists, strings, numbers, booleans and None"),
            hint=_("convert tensors and arrays with .tolist(), numbers of NumPy with float() or int()"),
        ) from None


def make_return_error(name: str, path: Path, value: object, expected: str) -> UsageError:
    """Return the error for a function that returned a value of another type than the contract says."""
    return UsageError(
        _("{name} in '{path}' returned {kind}.", name=name, path=path, kind=_describe(value)),
        expected=expected,
        hint=_("the contract is in {page}; a commented example: axone new my_system", page=CONTRACT),
    )


def _describe(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, list | tuple) and value:
        return _("a {kind} of {count} ({first}, ...)", kind=type(value).__name__, count=len(value),
                 first=type(value[0]).__name__)  # fmt: skip
    return type(value).__name__


def _check_model(result: Any, path: Path, arguments: Sequence[Any]) -> None:
    from torch import nn

    if not isinstance(result, nn.Module):
        raise make_return_error("model", path, result, _("expected a torch.nn.Module"))


def _check_complete(result: Any, path: Path, arguments: Sequence[Any]) -> None:
    if not isinstance(result, axone.settings.Settings):
        raise make_return_error("complete", path, result, _("expected the settings"))


def _check_verbs(result: Any, path: Path, arguments: Sequence[Any]) -> None:
    if isinstance(result, str) or not set(result or ()) <= {"predict", "generate"}:
        raise make_return_error("verbs", path, result, _('expected a list of "predict" and "generate"'))


def _check_read_inputs(result: Any, path: Path, arguments: Sequence[Any]) -> None:
    if result is not None and not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], list)):
        raise make_return_error(
            "read_inputs", path, result, _("expected (list of inputs, whether it was a single one), or None")
        )


def _check_predict(result: Any, path: Path, arguments: Sequence[Any]) -> None:
    inputs = arguments[3]
    if not isinstance(result, Sequence) or isinstance(result, str) or len(result) != len(inputs):
        raise make_return_error(
            "predict", path, result, _("expected a list with an answer for each of {count} inputs", count=len(inputs))
        )
    _check_answers("predict", path, [answer for answer in result if not isinstance(answer, AxoneError)])


def _check_generate(result: Any, path: Path, arguments: Sequence[Any]) -> None:
    if not isinstance(result, Sequence) or isinstance(result, str):
        raise make_return_error("generate", path, result, _("expected an iterable of answers"))
    _check_answers("generate", path, result)


def _check_answers(name: str, path: Path, answers: Sequence[Any]) -> None:
    from axone.tasks.answers import Answer

    for answer in answers:
        if not isinstance(answer, Answer):
            raise make_return_error(
                name, path, answer,
                _("expected answers with the methods of axone.tasks.answers.Answer: inherit from it, and write text() "
                  "and to_json()"),
            )  # fmt: skip


_CHECKS: Mapping[str, Callable[[Any, Path, Sequence[Any]], None]] = {
    "model": _check_model,
    "complete": _check_complete,
    "verbs": _check_verbs,
    "read_inputs": _check_read_inputs,
    "predict": _check_predict,
    "generate": _check_generate,
}
