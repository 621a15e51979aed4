"""Patterns of file names that name a part of them: "{label}_*" finds the class in `7_jackson_32.wav`.

`*` is any text, `{label}` or `{group}` is the text that is looked for, both as short as possible; a pattern without
"/" is compared with the name of the file, another one with its path below the folder; the ending is left out.
"""

from __future__ import annotations

import re

from axone.errors import SettingsError
from axone.messages import _


def is_pattern(text: str | None, field: str) -> bool:
    """Return whether a setting is a pattern with `{field}` rather than the name of a column."""
    return text is not None and "{" + field + "}" in text


class NamePattern:
    """A pattern with one field.

    Args:
        text: The pattern.
        field: The name of its field, "label" or "group".

    Raises SettingsError when the pattern has not exactly one such field.
    """

    def __init__(self, text: str, field: str) -> None:
        if text.count("{" + field + "}") != 1 or text.count("{") != 1:
            raise SettingsError(
                _("'{pattern}' is no pattern of file names.", pattern=text),
                expected=_("expected one {field} in it, such as {example}", field="{" + field + "}",
                           example="{" + field + "}_*" if field == "label" else "*_{" + field + "}_*"),
            )  # fmt: skip
        self.text = text
        before, after = text.split("{" + field + "}")
        parts = [".*?".join(map(re.escape, part.split("*"))) for part in (before, after)]
        self._expression = re.compile(f"{parts[0]}([^/]+?){parts[1]}")

    def find(self, name: str) -> str | None:
        """Return the field in the name of a file (a path with "/"); None where the name does not match."""
        stem = name.rpartition(".")[0] if "." in name.rpartition("/")[2] else name
        match = self._expression.fullmatch(stem if "/" in self.text else stem.rpartition("/")[2])
        return match.group(1) if match else None
