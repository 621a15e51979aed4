"""`axone data`: the sets and tables that Axone knows by name, the folders it has decoded: where they are, how large."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from axone.display import say
from axone.errors import UsageError
from axone.messages import _, plural
from axone.numbers import megabytes


def execute(options: argparse.Namespace) -> int:
    """List the known sets and tables and the packs of decoded pictures, get a set or a table, or clear the packs."""
    words = options.words
    if words and words != ["clear"] and (words[0] != "get" or len(words) != 2):
        raise UsageError(_("usage: axone {verb} {words}", verb="data", words="[get NAME | clear]"))
    from axone.data.datasets.registry import DATASETS, get_spec
    from axone.data.datasets.store import cache_folder, fetch, find_local
    from axone.data.datasets.tables import TABLES
    from axone.data.images.cache.admin import clear_caches, list_caches

    if words == ["clear"]:
        freed = clear_caches()
        say(_("{size} of decoded pictures removed; the next training decodes its own again.", size=megabytes(freed)))
        if options.json:
            print(json.dumps({"freed": freed}))
        return 0
    if words and words[1] in TABLES:
        return _write(words[1], Path(options.out or f"{words[1]}.csv"), options.json)
    if options.out:
        raise UsageError(
            _("--out goes with a table."), expected=_("expected one of: {choices}", choices=", ".join(TABLES))
        )
    if words:
        known = get_spec(words[1], TABLES)
        place = fetch(known, _Progress())
        say(_("{name}: {folder}", name=known.name, folder=place.folder))
        if options.json:
            print(
                json.dumps({"name": known.name, "kind": place.kind, "folder": str(place.folder), "bytes": place.bytes})
            )
        return 0
    rows: list[dict[str, Any]] = []
    for known in DATASETS.values():
        place = find_local(known)
        rows.append(
            {
                "name": known.name,
                "summary": known.summary,
                "license": known.license,
                "kind": place.kind,
                "folder": str(place.folder) if place.folder else None,
                "bytes": place.bytes,
                "whole_bytes": known.bytes,
            }
        )
    if options.json:
        tables = [{"name": n, "summary": table.summary, "target": table.target} for n, table in TABLES.items()]
        print(json.dumps({"cache": str(cache_folder()), "sets": rows, "tables": tables, "packs": list_caches()}))
        return 0
    words_for = {
        "cache": _("in the cache"),
        "system": _("installed on this system"),
        "subset": _("a small part, carried by Axone; the whole: axone data get NAME"),
        "missing": _("not here; axone data get NAME"),
    }
    for row in rows:
        print(f"{row['name']}  {_(str(row['summary']))}")
        print(f"    {words_for[str(row['kind'])]}: {row['folder']} ({megabytes(row['bytes'])})")
        print("    " + _("license: {license}", license=row["license"]))
    for name, table in TABLES.items():
        print(f"{name}  {_(table.summary)}")
    print("    " + _("tables; as a file: axone data get NAME --out FILE.csv"))
    for pack in list_caches():
        print(pack["folder"])
        pictures = plural("{count} decoded picture", "{count} decoded pictures", pack["pictures"])
        kind = _("gray") if pack["channels"] == 1 else _("color")
        print(f"    {pictures}, {pack['side']} x {pack['side']}, {kind} ({megabytes(pack['bytes'])})")
    print(_("cache: {folder}", folder=cache_folder()))
    return 0


def _write(name: str, path: Path, as_json: bool) -> int:
    """Write a known table as a CSV file."""
    from axone.data.datasets.tables import read_named_table
    from axone.runs.files import write_atomically

    if not path.absolute().parent.is_dir():
        raise UsageError(_("There is no folder '{path}' (from {folder}).", path=path.parent, folder=Path.cwd()))
    content, target = read_named_table(name)
    write_atomically(path, content.frame.write_csv())
    say(_("written: {path}", path=path))
    say(_("train on it: axone train perceptron --data {path} --target {target}", path=path, target=target))
    if as_json:
        rows, columns = content.frame.height, content.frame.columns
        print(json.dumps({"name": name, "file": str(path), "rows": rows, "columns": columns, "target": target}))
    return 0


class _Progress:
    """Tells each tenth of a download."""

    def __init__(self) -> None:
        self.told = -1

    def __call__(self, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth != self.told:
            self.told = tenth
            say(_("{done} of {total}", done=megabytes(done), total=megabytes(total)))
