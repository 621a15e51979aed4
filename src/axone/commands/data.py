"""`axone data`: the data sets that Axone knows by name, where they are, how large; and fetching one."""

from __future__ import annotations

import argparse
import json
from typing import Any

from axone.display import say
from axone.errors import UsageError
from axone.messages import _


def data(options: argparse.Namespace) -> int:
    """List the known sets, or get one."""
    words = options.words
    if words and (words[0] != "get" or len(words) != 2):
        raise UsageError(_("usage: axone {verb} {words}", verb="data", words="[get NAME]"))
    from axone.data.known import KNOWN, find_known
    from axone.data.store import cache_folder, fetch, locate

    if words:
        known = find_known(words[1])
        place = fetch(known, _Progress())
        say(_("{name}: {folder}", name=known.name, folder=place.folder))
        if options.json:
            print(
                json.dumps({"name": known.name, "kind": place.kind, "folder": str(place.folder), "bytes": place.bytes})
            )
        return 0
    rows: list[dict[str, Any]] = []
    for known in KNOWN.values():
        place = locate(known)
        rows.append(
            {
                "name": known.name,
                "summary": known.summary,
                "licence": known.licence,
                "kind": place.kind,
                "folder": str(place.folder) if place.folder else None,
                "bytes": place.bytes,
                "whole_bytes": known.bytes,
            }
        )
    if options.json:
        print(json.dumps({"cache": str(cache_folder()), "sets": rows}))
        return 0
    words_for = {
        "cache": _("in the cache"),
        "system": _("installed on this system"),
        "subset": _("a small part, carried by Axone; the whole: axone data get NAME"),
        "missing": _("not here; axone data get NAME"),
    }
    for row in rows:
        print(f"{row['name']}  {_(str(row['summary']))}")
        print(f"    {words_for[str(row['kind'])]}: {row['folder']} ({row['bytes'] / 1e6:.1f} MB)")
        print("    " + _("licence: {licence}", licence=row["licence"]))
    print(_("cache: {folder}", folder=cache_folder()))
    return 0


class _Progress:
    """Tells each tenth of a download."""

    def __init__(self) -> None:
        self.told = -1

    def __call__(self, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth != self.told:
            self.told = tenth
            say(_("{done} of {total} MB", done=f"{done / 1e6:.1f}", total=f"{total / 1e6:.1f}"))
