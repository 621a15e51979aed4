"""`report.html`: everything that a run's folder holds, on one page that needs no other file.

The page makes no request of any kind, and its content security policy says so. It can be read without JavaScript, on
a dark screen, on a phone and on paper. It can be written while the run is still training, or after it was damaged.
"""

from __future__ import annotations

from pathlib import Path

from axone.errors import RunError
from axone.messages import _
from axone.runs.report.contents import read_contents
from axone.runs.report.page import render_page
from axone.runs.storage.links import require_no_links_out
from axone.runs.storage.output_files import add_file
from axone.settings import Settings

REPORT = "report.html"


def write_report(folder: Path, settings_class: type[Settings] | None = None) -> Path:
    """Write `report.html` into a run's folder and return its path.

    With the system's settings class, settings that differ from their defaults are highlighted. Raises RunError when
    there is no such folder, or when a link in it leads out of it, and what `write_atomically` raises; nothing else,
    however damaged the run is.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunError(
            _("There is no run folder '{path}'.", path=folder), hint=_("'axone runs' lists the runs there are.")
        )
    require_no_links_out(folder)
    page = render_page(read_contents(folder), settings_class)
    # A file name that is not UTF-8 is read as lone surrogates, which no page can hold.
    return add_file(folder, REPORT, page.encode("utf-8", "replace"))
