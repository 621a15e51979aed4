"""`axone report RUN`: write the report page of a run again."""

from __future__ import annotations

import argparse
import json

from axone import catalogue
from axone.display import say
from axone.errors import UsageError
from axone.messages import _


def execute(options: argparse.Namespace) -> int:
    """Write the page and print its address. No code of the run is executed."""
    from axone.runs import folder
    from axone.runs.report.document import write_report
    from axone.runs.status import read_run

    path = folder.find(options.words[0], options.runs_folder)
    try:
        name = str(read_run(path).environment.get("system"))
        settings_class = catalogue.read_settings_class(catalogue.find_builtin(name))
    except UsageError:  # a user's own system, or a damaged run: the page then shows no default values
        settings_class = None
    page = write_report(path, settings_class).resolve()
    say(_("report: {path}", path=page.as_uri()))
    if options.open:
        import webbrowser

        webbrowser.open(page.as_uri())
    if options.json:
        print(json.dumps({"run": str(path), "report": str(page)}))
    return 0
