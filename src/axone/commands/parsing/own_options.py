"""The flags that a system has for a verb of its own: `axone generate RUN --prompt "def "`.

They are known once the run, and with it the system, is known. So the parser of the command line leaves them among the
words, and a verb that may have some separates them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axone.commands.parsing.usage import make_unknown_flag_error, require_word_count
from axone.settings import Options, offered_fields, read_flags
from axone.system import System


def is_flag(word: str) -> bool:
    """Return whether a word of the command line is a flag; "-" stands for standard input, "-5" is a number."""
    return word.startswith("--") or (len(word) > 1 and word[0] == "-" and not word[1:].replace(".", "", 1).isdigit())


def split_own_options(system: System, verb: str, words: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Separate the words of a verb from the flags that its system has of its own; return both, the flags by name.

    Args:
        system: The system of the run that the first word names.
        verb: "generate", "predict", "evaluate", "explain" or "play".
        words: All words, the run first, as `cli.py` leaves them.

    Raises UsageError for a flag that the system does not have or a wrong number of words, SettingsError for a value
    that does not fit.
    """
    options_class = system.option_classes.get(verb, Options)
    fields = offered_fields(options_class)
    rest, flags, remaining = [], [], list(words)
    while remaining:
        word = remaining.pop(0)
        if not is_flag(word):
            rest.append(word)
            continue
        key, has_value, _value = word.partition("=")
        name = key.removeprefix("--").replace("-", "_")
        if name not in fields and name.removeprefix("no_") not in fields:
            raise make_unknown_flag_error(verb, key, list(fields))
        flags.append(word)
        is_switch = name not in fields or fields[name].annotation is bool
        if not has_value and not is_switch and remaining:
            flags.append(remaining.pop(0))
    values = read_flags(options_class, flags)
    has_input = options_class.INPUT_OPTION in values
    require_word_count(verb, [*rest, options_class.INPUT_OPTION] if has_input else rest)
    return rest, values
