"""Words that reach a person through `_(variable)` and stand in no `_("...")` of their own.

Nobody imports this module: the names are data elsewhere (the status of a run), so
the catalogues would not see them. A word that is marked here exists in every language.
"""

from __future__ import annotations

from axone.messages import mark

# How a run stands (`axone.runs.folder.Status`); `axone runs` shows it.
STATUSES = (mark("finished"), mark("running"), mark("stopped"), mark("damaged"))

# The parts of the data that `axone evaluate` measures.
PARTS = (mark("validation"), mark("test"))

# What spoils pictures (`axone.data.images.noise`); the report of a denoiser shows them.
NOISES = (mark("gaussian"), mark("salt-pepper"), mark("speckle"), mark("blur"), mark("mask"))
