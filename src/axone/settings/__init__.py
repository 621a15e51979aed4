"""Typed settings: one declaration gives the flags, `--help`, the TOML file, the JSON Schema and the validation.

    class Settings(axone.settings.Settings):
        PRESETS = {"default": {}, "fast": {"epochs": 12}}
        kernel_size: int = option(3, "side of the convolution's kernel, in pixels", ge=1, le=15)

Order of precedence, lowest first: the declared default, the preset, the TOML file, the command line.
Settings are frozen. An unknown name is an error that suggests the nearest known one.

A setting with `auto` is one that a system may choose by the data (`complete` of the system) unless it was set
explicitly. `model_fields_set` of resolved settings contains the names that were set explicitly.
"""

from __future__ import annotations

from axone.settings.declaration import Options, Settings, offered_fields, option
from axone.settings.description import Group, Setting, describe, json_schema
from axone.settings.fields import AUTO, auto_rule_of
from axone.settings.resolution import read_flags, resolve, resolve_options
from axone.settings.toml import read_toml, to_toml

__all__ = [
    "AUTO",
    "Group",
    "Options",
    "Setting",
    "Settings",
    "auto_rule_of",
    "describe",
    "json_schema",
    "offered_fields",
    "option",
    "read_flags",
    "read_toml",
    "resolve",
    "resolve_options",
    "to_toml",
]
