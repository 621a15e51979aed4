"""report.html: everything a run can tell, on one page that needs nothing else.

    folder -> report_story  (what is there, and what is missing)
           -> report_page   (sections; report_curves, report_network, report_pictures, report_parts)
           -> report.html   (with report.css and report.js written into it)

The page makes no request of any kind and says so in its security policy; it reads without JavaScript, in the
dark, on a phone and on paper. It can be written while the run is still training, or after it broke.
"""

from __future__ import annotations

from pathlib import Path

from axone.errors import RunError
from axone.messages import _
from axone.runs.links import require_no_links_out
from axone.runs.output_files import add_file
from axone.runs.report.page import render
from axone.runs.report.story import read_story
from axone.settings import Settings

REPORT = "report.html"


def write_report(folder: Path, declaration: type[Settings] | None = None) -> Path:
    """Write `report.html` into a run's folder and return its path.

    With the system's settings class as `declaration`, settings that differ from their defaults stand out.
    Raises RunError when there is no such folder, or when a link in it leads out of it, and what `write_atomically`
    raises; nothing else, however damaged the run is.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunError(
            _("There is no run folder '{path}'.", path=folder), hint=_("'axone runs' lists the runs there are.")
        )
    require_no_links_out(folder)
    page = render(read_story(folder), declaration)
    # A file name that is not UTF-8 reaches us as lone surrogates, which no page can hold.
    return add_file(folder, REPORT, page.encode("utf-8", "replace"))
