"""A sound that a system makes at a check, to listen to in the report."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from axone.figures import html
from axone.figures.text import escape


@dataclass(frozen=True)
class Sound:
    """A sound with its title and caption: `content` is a WAV file."""

    name: str  # of the file, the same at each epoch
    title: str
    content: bytes
    caption: str = ""

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the title, a player and the caption."""
        address = f"data:audio/wav;base64,{base64.b64encode(self.content).decode('ascii')}"
        player = f'<audio controls preload="none" src="{address}" title="{escape(self.title)}"></audio>'
        return html.join_parts(html.write_title(self.title), player, html.write_note(self.caption))
