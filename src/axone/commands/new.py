"""`axone new NAME`: a commented starting file for a system of the user's own."""

from __future__ import annotations

import argparse
import importlib.util
import json
import keyword
import re
from pathlib import Path

from axone.display import say
from axone.errors import UsageError
from axone.messages import _

TEMPLATE = Path(__file__).with_name("new_system.py.txt")


def execute(options: argparse.Namespace) -> int:
    """Write NAME.py into the current folder; an existing file is never overwritten."""
    name = options.words[0].removesuffix(".py")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name) or keyword.iskeyword(name):
        raise UsageError(
            _("'{name}' is not a valid name for a system.", name=options.words[0]),
            expected=_("expected lowercase letters, digits and _, starting with a letter: my_system"),
        )
    path = Path(f"{name}.py")
    # A file torch.py in the working directory would be imported in place of torch by programs started there.
    if not path.exists() and importlib.util.find_spec(name):
        raise UsageError(
            _("'{name}' is the name of a Python module, which your file would hide.", name=name),
            hint=_("type: axone new my_{name}", name=name),
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text("utf-8").replace("my_system", name))
    except FileExistsError:
        raise UsageError(_("'{path}' already exists; it was not changed.", path=path)) from None
    say(_("written: {path}", path=path))
    say(_("train it: axone train ./{path}", path=path))
    if options.json:
        print(json.dumps({"path": str(path)}))
    return 0
