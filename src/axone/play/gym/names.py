"""The environments of Gymnasium by id."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import gymnasium

from axone.errors import UsageError
from axone.messages import _


def find_environment(name: str) -> Any:
    """Return the specification of an environment by its id.

    Raises:
        UsageError: There is no such id.
    """
    if ":" in name:
        # Gymnasium would import the module before the colon: a name that comes from a run must not.
        raise UsageError(
            _("'{name}' names a module: only ids of environments that are installed are opened.", name=name),
            expected=_("expected an id, such as LunarLander-v3"),
        )
    if name in gymnasium.registry:
        return gymnasium.registry[name]
    lower = {known.lower(): known for known in gymnasium.registry}
    near = [lower[match] for match in get_close_matches(name.lower(), list(lower), n=3, cutoff=0.7)]
    raise UsageError(
        _("Gymnasium has no environment '{name}'.", name=name),
        expected=_("closest: {names}", names=", ".join(near)) if near else None,
        hint=_("all ids: python -c 'import gymnasium; gymnasium.pprint_registry()'"),
    )
