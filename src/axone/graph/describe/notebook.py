"""A network in a notebook: its drawing, and its summary on demand."""

from __future__ import annotations

import base64
from html import escape

from axone.messages import _


def render_model(summary: str, drawing: str) -> str:
    """Return self-contained HTML for the text of a summary and the SVG text of a drawing.

    The drawing is an image element: nothing in it reaches the page.
    """
    address = base64.b64encode(drawing.encode()).decode("ascii")
    return (
        '<div style="display:inline-block;max-width:100%">'
        f'<img src="data:image/svg+xml;base64,{address}" alt="{escape(_("network"))}" style="max-width:100%">'
        f'<details><summary style="cursor:pointer">{escape(_("summary"))}</summary>'
        f'<pre style="overflow-x:auto;line-height:1.3">{escape(summary)}</pre></details></div>'
    )
