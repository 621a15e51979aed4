"""The pages of `axone --help`, `axone VERB --help` and `axone train SYSTEM --help`."""

from __future__ import annotations

from collections.abc import Sequence

from axone.commands.help.columns import format_columns
from axone.commands.parsing.verbs import COMMON, VERBS, Flag
from axone.messages import _


def format_help() -> str:
    """Return the page of `axone --help`."""
    commands = [(f"{name} {verb.usage}".strip(), _(verb.help)) for name, verb in VERBS.items()]
    lines = [_("Every system of an introduction to deep learning, made real."), "", _("usage: axone COMMAND ..."), ""]
    lines += [*format_columns(commands), "", *_format_flags(COMMON), ""]
    return "\n".join([*lines, _("Begin with: axone train cnn. Help on a system: axone train cnn --help")])


def format_verb_help(name: str, words: Sequence[str]) -> str:
    """Return the help of a verb; for `train SYSTEM --help`, with the settings of the system. Raises UsageError."""
    verb = VERBS[name]
    lines = [_("usage: axone {verb} {words}", verb=name, words=verb.usage), "", _(verb.help), ""]
    lines += _format_flags((*verb.flags, *COMMON))
    system = words[0] if words and not words[0].startswith("-") else None
    if verb.settings and system and name in ("train", "graph"):
        from axone.commands.help.settings import format_help_of_system  # `axone --help` needs no settings

        lines += ["", format_help_of_system(system, words)]
    elif verb.settings:
        lines += ["", _("and the settings of the system: axone train cnn --help")]
    elif verb.options:
        from axone.commands.help.own_options import format_own_options

        lines += ["", *format_own_options(name, words)]
    return "\n".join(lines)


def _format_flags(flags: Sequence[Flag]) -> list[str]:
    return format_columns([(f"--{flag.name} {flag.value}".strip(), _(flag.help)) for flag in flags])
