"""The error of an invalid network: an argument, a shape, a name or a file that does not fit."""

from __future__ import annotations

from axone.errors import SettingsError


class GraphError(SettingsError):
    """The network cannot be built as written. The message names the node and its shapes, and says how to correct it."""
