"""`axone new NAME`: a commented starting file for a system, or a world, of the user's own."""

from __future__ import annotations

import argparse
import importlib.util
import json
import keyword
import re
from pathlib import Path

from axone.display import say
from axone.errors import UsageError
from axone.messages import _, mark

FOLDER = Path(__file__).parent / "templates"
# Kind -> the file of its template, the name in it, what to type next.
KINDS = {
    "system": ("system.py.txt", "my_system", mark("train it: axone train ./{path}")),
    "world": ("world.py.txt", "my_world", mark("learn in it: axone train ppo --world ./{path}")),
}


def execute(options: argparse.Namespace) -> int:
    """Write NAME.py into the current folder; an existing file is never overwritten."""
    kind = options.kind or "system"
    if kind not in KINDS:
        raise UsageError(
            _("There is no kind '{kind}'.", kind=kind),
            expected=_("expected one of: {choices}", choices=", ".join(KINDS)),
        )
    template, placeholder, next_command = KINDS[kind]
    name = options.words[0].removesuffix(".py")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name) or keyword.iskeyword(name):
        raise UsageError(
            _("'{name}' is not a valid name for a file.", name=options.words[0]),
            expected=_("expected lowercase letters, digits and _, starting with a letter: {name}", name=placeholder),
        )
    path = Path(f"{name}.py")
    # A file torch.py in the working directory would be imported in place of torch by programs started there.
    if not path.exists() and importlib.util.find_spec(name):
        raise UsageError(
            _("'{name}' is the name of a Python module, which your file would hide.", name=name),
            hint=_("type: axone new my_{name}", name=name) + (f" --kind {kind}" if options.kind else ""),
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(fill_in((FOLDER / template).read_text("utf-8"), placeholder, name))
    except FileExistsError:
        raise UsageError(_("'{path}' already exists; it was not changed.", path=path)) from None
    say(_("written: {path}", path=path))
    say(_(next_command, path=path))
    if options.json:
        print(json.dumps({"path": str(path)}))
    return 0


def fill_in(text: str, placeholder: str, name: str) -> str:
    """Return a template with its name replaced by another one, as the name of the class too: MyWorld."""

    def capitalize(words: str) -> str:
        return "".join(word.capitalize() for word in words.split("_"))

    return text.replace(placeholder, name).replace(capitalize(placeholder), capitalize(name))
