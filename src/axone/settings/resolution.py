"""From what was typed to validated settings: defaults, preset, TOML file and flags are merged and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from axone.errors import SettingsError
from axone.messages import _
from axone.settings.declaration import Options, Settings
from axone.settings.fields import AUTO, auto_rule_of, expected_value
from axone.settings.names import find_field, find_name, read_preset
from axone.settings.toml import read_toml


def read_flags(settings_class: type[Options], tokens: Iterable[str]) -> dict[str, Any]:
    """Turn `--epochs 5`, `--epochs=5`, `epochs=5`, `--flag` and `--no-flag` into typed values.

    Raises SettingsError for an unknown flag (with the nearest known one), a missing or a mistyped value.
    """
    words = list(tokens)
    values: dict[str, Any] = {}
    while words:
        word = words.pop(0)
        key, has_value, text = word.partition("=")
        if not key.startswith("--") and not has_value:
            raise SettingsError(
                _("'{word}' is not a setting.", word=word), expected=_("expected --name VALUE or name=VALUE")
            )
        name = find_name(settings_class, key.removeprefix("--").replace("-", "_"))
        negated = name.removeprefix("no_")
        if name not in settings_class.model_fields and negated in settings_class.model_fields and not has_value:
            name, has_value, text = negated, "=", "false"
        field = find_field(settings_class, name, key)
        if not has_value:
            if field.annotation is bool:
                text = "true"
            elif words:
                text = words.pop(0)
            else:
                raise SettingsError(_("{flag} needs a value.", flag=key), expected=expected_value(field))
        values[name] = _parse(name, field, text)
    return values


def resolve(
    settings_class: type[Settings], values: Mapping[str, Any] | None = None, file: str | Path | None = None
) -> Settings:
    """Merge the defaults, the preset, a TOML file and `values` into validated, frozen settings.

    Their `model_fields_set` contains the names of `values` and of the file, without those whose value is "auto".

    Raises SettingsError for a name that is not a setting, with the nearest one, and for a value that does not fit.
    """
    typed = {find_name(settings_class, name): value for name, value in (values or {}).items()}
    from_file = {find_name(settings_class, name): value for name, value in (read_toml(file) if file else {}).items()}
    for name, value in (*from_file.items(), *typed.items()):
        # A run of another version may hold the default of a setting that is not used any more.
        if name not in settings_class.UNUSED or value != settings_class.model_fields[name].default:
            find_field(settings_class, name, name)
    typed, from_file = (_without_auto(settings_class, values) for values in (typed, from_file))
    preset = typed.get("preset", from_file.get("preset", settings_class.model_fields["preset"].default))
    merged = {**read_preset(settings_class, preset), **from_file, **typed, "preset": preset}
    # TOML and JSON have only lists; settings have tuples, which cannot be changed.
    merged = {name: tuple(value) if isinstance(value, list) else value for name, value in merged.items()}
    for name, value in merged.items():
        if isinstance(value, str):
            _require_utf8(name, value)
    try:
        settings = settings_class.model_validate(merged, strict=True)
    except ValidationError as error:
        raise _to_settings_error(settings_class, error, merged) from None
    return settings_class.model_construct({*from_file, *typed}, **dict(settings))


def resolve_options(options_class: type[Options], values: Mapping[str, Any]) -> Options:
    """Return validated, frozen options of a verb.

    Raises SettingsError for a name that is not an option, with the nearest one, and for a value that does not fit.
    """
    typed = {find_name(options_class, name): value for name, value in values.items()}
    for name, value in typed.items():
        find_field(options_class, name, name)
        if isinstance(value, str):
            _require_utf8(name, value)
    try:
        return options_class.model_validate(typed, strict=True)
    except ValidationError as error:
        raise _to_settings_error(options_class, error, typed) from None


def _without_auto(settings_class: type[Settings], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without those that leave the choice to the system."""
    fields = settings_class.model_fields
    return {
        name: value
        for name, value in values.items()
        if not (isinstance(value, str) and value == AUTO and auto_rule_of(fields[name]))
    }


def _parse(name: str, field: FieldInfo, text: str) -> Any:
    annotation: Any = field.annotation
    if text == AUTO and auto_rule_of(field):
        return AUTO
    try:
        if get_origin(annotation) is tuple:
            member = TypeAdapter(get_args(annotation)[0])
            return tuple(member.validate_strings(part.strip()) for part in text.split(",") if part.strip())
        return TypeAdapter(annotation).validate_strings(text)
    except ValidationError:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name=name, value=text[:80]), expected=expected_value(field)
        ) from None


def _to_settings_error(
    settings_class: type[Options], error: ValidationError, values: Mapping[str, Any]
) -> SettingsError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if name not in settings_class.model_fields:  # a system's own validation of several settings together
        return SettingsError(first["msg"].removeprefix("Value error, "))
    value = str(values.get(name, first.get("input")))[:80]
    return SettingsError(
        _("{name} cannot be '{value}'.", name=name, value=value),
        expected=expected_value(settings_class.model_fields[name]),
    )


def _require_utf8(name: str, value: str) -> None:
    """Raise SettingsError for text that no file can hold: Python's form of a path that is not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name=name, value=value[:80]),
            expected=_("expected text in UTF-8"),
            hint=_("a terminal without UTF-8 cannot type other letters than ASCII: set LC_ALL=C.UTF-8"),
        ) from None
