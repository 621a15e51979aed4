"""Words that are translated through a variable, `_(name)`, and are not literals of any `_("...")`.

They are data elsewhere: a split of `axone evaluate`, a kind of noise, an action of a world. Marked here, they are in
every catalog. No module imports this one.
"""

from __future__ import annotations

from axone.messages import mark

# The splits of the data that `axone evaluate` prints.
SPLITS = (mark("validation"), mark("test"))

# The kinds of noise (`axone.data.images.restoration.noise`) that the report of a denoiser names.
NOISES = (mark("gaussian"), mark("salt-pepper"), mark("speckle"), mark("blur"), mark("mask"))

# The parts of the names of the actions of Axone's worlds, between which are commas.
ACTIONS = (
    mark("left"), mark("right"), mark("up"), mark("down"), mark("none"), mark("nothing"), mark("stay"), mark("roll"),
    mark("brake"), mark("accelerate"),
)  # fmt: skip
