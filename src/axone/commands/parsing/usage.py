"""How a verb is used: errors about its flags and the number of its words."""

from __future__ import annotations

from collections.abc import Sequence

from axone.commands.parsing.verbs import COMMON, VERBS
from axone.errors import UsageError, closest
from axone.messages import _


def require_word_count(verb: str, words: Sequence[str]) -> None:
    """Raise UsageError unless a verb takes this number of words."""
    if not {"*": True, "+": len(words) >= 2, "1": len(words) == 1, "0": not words}[VERBS[verb].words]:
        raise make_usage_error(verb)


def make_usage_error(verb: str) -> UsageError:
    """Return the error that says how a verb is used."""
    return UsageError(_("usage: axone {verb} {words}", verb=verb, words=VERBS[verb].usage), hint=_help_hint(verb))


def make_unknown_flag_error(verb: str, flag: str, own: Sequence[str] = ()) -> UsageError:
    """Return the error for a flag that a verb does not have, with the nearest one; `own` are those of a system."""
    known = [f"--{known.name}" for known in (*VERBS[verb].flags, *COMMON)]
    near = closest(flag.split("=")[0], [*known, *(f"--{name.replace('_', '-')}" for name in own)])
    return UsageError(
        _("'{verb}' has no flag {flag}.", verb=verb, flag=flag)
        + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
        hint=_help_hint(verb),
    )


def _help_hint(verb: str) -> str:
    return _("type: axone {verb} --help", verb=verb)
