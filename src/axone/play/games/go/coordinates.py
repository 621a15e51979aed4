"""The names of the points of a Go board: a letter for the column, without I, and the row counted from below."""

from __future__ import annotations

from axone.errors import UsageError
from axone.messages import _

LETTERS = "ABCDEFGHJKLMNOPQRST"  # I is left out, as on printed boards: it looks like J
PASS = "pass"


def name_actions(size: int) -> tuple[str, ...]:
    """Return the name of each action, such as "D4", as in the Go Text Protocol; the last one is "pass"."""
    rows = range(size, 0, -1)
    return (*(f"{letter}{row}" for row in rows for letter in LETTERS[:size]), PASS)


def parse_action(text: str, size: int) -> int:
    """Return the action with a name, in upper or lower case.

    Raises:
        UsageError: No point of a board of this size has that name.
    """
    names = name_actions(size)
    lowered = text.strip().lower()
    for action, name in enumerate(names):
        if name.lower() == lowered:
            return action
    raise UsageError(
        _("'{text}' is no point of a board of size {size}.", text=text.strip(), size=size),
        hint=_("Points are from {first} to {last}, without the letter I; or type '{word}'.",
               first="A1", last=f"{LETTERS[size - 1]}{size}", word=PASS),
    )  # fmt: skip
