"""The error of a network that cannot be: a layer's argument, a shape, a name or a file that does not fit."""

from __future__ import annotations

from axone.errors import SettingsError


class GraphError(SettingsError):
    """A network cannot be built as written: the message names the node, its shapes and the mend."""
