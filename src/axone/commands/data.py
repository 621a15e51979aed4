"""`axone data`: known data sets and tables, caches of images and recordings, and how a file's columns are read."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from axone.commands.output.table_columns import show_columns
from axone.commands.parsing.verbs import VERBS
from axone.display import say
from axone.errors import UsageError
from axone.messages import _, plural
from axone.numbers import format_bytes, format_number
from axone.shell import quote


def execute(options: argparse.Namespace) -> int:
    """List the data sets, tables and caches, or carry out what the words say: see the cases."""
    match options.words:
        case []:
            result = _list(options.json)
        case ["clear"]:
            result = _clear()
        case ["get", name]:
            result = _get(name, options.out)
        case [source] if Path(source).expanduser().is_file() or Path(source).suffix:
            result = show_columns(source, options.columns or "", options.missing, quiet=options.json)
        case _:
            raise UsageError(_("usage: axone {verb} {words}", verb="data", words=VERBS["data"].usage))
    if options.json:
        print(json.dumps(result))
    return 0


def _list(as_json: bool) -> dict[str, Any]:
    from axone.data.audio.cache.admin import list_audio_caches
    from axone.data.audio.named.sets import AUDIO_SETS, SPOKEN_DIGITS
    from axone.data.datasets.store import cache_folder, find_local
    from axone.data.datasets.tables import TABLES
    from axone.data.images.cache.admin import list_caches

    datasets = [_describe(spec, find_local(spec)) for spec in _list_downloads().values()]
    generated = [{"name": name, "summary": spec.summary} for name, spec in AUDIO_SETS.items() if name != SPOKEN_DIGITS]
    tables = [{"name": name, "summary": table.summary, "target": table.target} for name, table in TABLES.items()]
    caches, audio_caches = list_caches(), list_audio_caches()
    if not as_json:
        for row in datasets:
            _print_dataset(row)
        for row in tables:
            print(f"{row['name']}  {_(row['summary'])}")
        print("    " + _("tables; as a file: axone data get NAME --out FILE.csv"))
        for row in generated:
            print(f"{row['name']}  {_(row['summary'])}")
        print("    " + _("recordings; generated when they are first used"))
        for row in caches:
            _print_cache(row)
        for row in audio_caches:
            _print_audio_cache(row)
        print(_("cache: {folder}", folder=cache_folder()))
    return {
        "cache": str(cache_folder()),
        "datasets": datasets,
        "tables": tables,
        "recordings": generated,
        "image_caches": caches,
        "audio_caches": audio_caches,
    }


def _list_downloads() -> dict[str, Any]:
    """Return the data sets that can be downloaded, by name."""
    from axone.data.audio.named.download import SPOKEN_DIGITS_SPEC
    from axone.data.datasets.registry import DATASETS

    return {**DATASETS, SPOKEN_DIGITS_SPEC.name: SPOKEN_DIGITS_SPEC}


def _describe(spec: Any, location: Any) -> dict[str, Any]:
    return {
        "name": spec.name,
        "summary": spec.summary,
        "license": spec.license,
        "kind": location.kind,
        "folder": str(location.folder) if location.folder else None,
        "bytes": location.bytes,
        "whole_bytes": spec.bytes,
    }


def _print_dataset(row: dict[str, Any]) -> None:
    places = {
        "cache": _("in the cache"),
        "system": _("installed on this system"),
        "subset": _("a small subset that comes with Axone; for all of it: axone data get NAME"),
        "missing": _("not downloaded; axone data get NAME"),
    }
    print(f"{row['name']}  {_(row['summary'])}")
    place = f": {row['folder']} ({format_bytes(row['bytes'])})" if row["folder"] else ""
    print(f"    {places[row['kind']]}{place}")
    print("    " + _("license: {license}", license=row["license"]))


def _print_cache(row: dict[str, Any]) -> None:
    images = plural("{count} decoded image", "{count} decoded images", row["images"])
    kind = _("gray") if row["channels"] == 1 else _("color")
    print(row["folder"])
    print(f"    {images}, {row['width']} x {row['height']}, {kind} ({format_bytes(row['bytes'])})")


def _print_audio_cache(row: dict[str, Any]) -> None:
    recordings = plural("{count} recording", "{count} recordings", row["recordings"])
    minutes = _("{count} min", count=format_number(round(row["seconds"] / 60, 1)))
    print(row["source"])
    print(f"    {recordings}, {minutes}, {format_number(row['rate'])} Hz ({format_bytes(row['bytes'])})")


def _clear() -> dict[str, Any]:
    from axone.data.audio.cache.admin import audio_caches_folder
    from axone.data.images.cache.admin import clear_caches

    freed = clear_caches() + clear_caches(audio_caches_folder())
    say(_("{size} of decoded images and recordings deleted; the next training decodes its own again.",
          size=format_bytes(freed)))  # fmt: skip
    return {"freed": freed}


def _get(name: str, out: str | None) -> dict[str, Any]:
    """Download a data set into the cache, or write a table as a CSV file."""
    from axone.data.audio.named.download import SPOKEN_DIGITS_SPEC, ensure_spoken_digits
    from axone.data.datasets.registry import get_spec
    from axone.data.datasets.store import download_dataset
    from axone.data.datasets.tables import TABLES

    if name in TABLES:
        return _write_table(name, Path(out or f"{name}.csv"))
    if out:
        raise UsageError(
            _("--out applies to tables only."), expected=_("expected one of: {choices}", choices=", ".join(TABLES))
        )
    downloads = _list_downloads()
    spec = downloads[name] if name in downloads else get_spec(name, [*TABLES, *downloads])
    location = download_dataset(spec, _DownloadProgress())
    if name == SPOKEN_DIGITS_SPEC.name:
        ensure_spoken_digits(_DownloadProgress())
    say(_("{name}: {folder}", name=spec.name, folder=location.folder))
    return {"name": spec.name, "kind": location.kind, "folder": str(location.folder), "bytes": location.bytes}


def _write_table(name: str, path: Path) -> dict[str, Any]:
    from axone.data.datasets.tables import read_named_table
    from axone.runs.storage.files import write_atomically

    if not path.absolute().parent.is_dir():
        raise UsageError(_("There is no folder '{path}' (from {folder}).", path=path.parent, folder=Path.cwd()))
    content, target = read_named_table(name)
    write_atomically(path, content.frame.write_csv())
    say(_("written: {path}", path=path))
    say(
        _("train on it: axone train perceptron --data {path} --target {target}", path=quote(path), target=quote(target))
    )
    rows, columns = content.frame.height, content.frame.columns
    return {"name": name, "file": str(path), "rows": rows, "columns": columns, "target": target}


class _DownloadProgress:
    """Prints a line for each tenth of a download."""

    def __init__(self) -> None:
        self.printed = -1

    def __call__(self, text: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth != self.printed:
            self.printed = tenth
            say(_("{done} of {total}", done=format_bytes(done), total=format_bytes(total)))
