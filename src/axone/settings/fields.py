"""What the field of a setting accepts, in words: its kind, its choices, its limits."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from axone.messages import _

AUTO = "auto"
"""The value of a setting that leaves the choice to the system."""

_LARGEST_LIMIT = 2**53  # a larger one, which is not a limit for people, is not written on help pages


def expected_value(field: FieldInfo) -> str:
    """Return what a value of a setting must be: "expected a whole number, 1 to 15"."""
    if choices := choices_of(field):
        if auto_rule_of(field):
            choices = tuple(dict.fromkeys((*choices, AUTO)))
        return _("expected one of: {choices}", choices=", ".join(choices))
    kinds = {
        "integer": _("a whole number"),
        "number": _("a number"),
        "switch": _("true or false"),
        "list": _("whole numbers with commas between them")
        if get_args(field.annotation)[:1] == (int,)
        else _("numbers with commas between them"),
        "text": _("text"),
    }
    limits = limits_of(field)
    pattern = next((m.pattern for m in field.metadata if getattr(m, "pattern", None)), None)
    wanted = kinds[kind_of(field)] + (f", {limits}" if limits else "")
    if auto_rule_of(field):
        wanted = _("{wanted}, or auto", wanted=wanted)
    if pattern:  # the help of such a setting lists what it accepts
        wanted += f" ({_(field.description or '')})"
    return _("expected {wanted}", wanted=wanted)


def kind_of(field: FieldInfo) -> str:
    """Return the kind of a setting: "integer", "number", "text", "switch", "choice" or "list"."""
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) is tuple:
        return "list"
    return {int: "integer", float: "number", bool: "switch"}.get(annotation, "text")  # type: ignore[arg-type]


def choices_of(field: FieldInfo) -> tuple[str, ...]:
    """Return the values that a setting may have, where they are listed; an empty tuple otherwise."""
    annotation: Any = field.annotation
    one = get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    return get_args(one) if get_origin(one) is Literal else ()


def auto_rule_of(field: FieldInfo) -> str:
    """Return how a value is chosen by the data where none was set; "" where the system does not choose."""
    extra = field.json_schema_extra
    return str(extra.get(AUTO, "")) if isinstance(extra, dict) else ""


def limits_of(field: FieldInfo) -> str:
    """Return the limits of a setting: "1 to 15", "above 0"; "" where it has none."""
    limits: dict[str, Any] = {}
    for constraint in field.metadata:
        for key in ("ge", "gt", "le", "lt"):
            limit = getattr(constraint, key, None)
            if limit is not None and abs(limit) < _LARGEST_LIMIT:
                limits[key] = limit
    if "ge" in limits and "le" in limits:
        return _("{low} to {high}", low=limits["ge"], high=limits["le"])
    words = {
        "ge": _("at least {limit}", limit=limits.get("ge")),
        "gt": _("above {limit}", limit=limits.get("gt")),
        "le": _("at most {limit}", limit=limits.get("le")),
        "lt": _("below {limit}", limit=limits.get("lt")),
    }
    return ", ".join(words[key] for key in ("ge", "gt", "le", "lt") if key in limits)
