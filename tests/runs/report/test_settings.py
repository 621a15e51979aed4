from __future__ import annotations

import re

from axone.settings import Settings
from tests.helpers.runs.report_pages import read_page


def test_settings_that_differ_from_their_defaults_are_marked(finished):
    folder = finished
    text, _page = read_page(folder, settings_class=Settings)
    marked = re.findall(r'<tr class=marked><th scope="row">(\w+)', text)
    assert {"data", "epochs", "seed"} <= set(marked) and "batch_size" not in marked
    text, page = read_page(folder)  # defaults unknown: all settings, none marked
    assert "batch_size" in page.text and not re.search(r'<tr class=marked><th scope="row">seed', text)
