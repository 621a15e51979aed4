"""What people read for the columns and classes of the built-in table of people, and for activation functions.

The names themselves stay in the facts and in what `axone predict` takes, so that a run is used the same in every
language. The names of a user's own table are theirs, and are shown as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from axone.messages import _, mark

PEOPLE = "people"
PEOPLE_LABELS = {"age": mark("age"), "weight": mark("weight"), "child": mark("child"), "adult": mark("adult")}
ACTIVATION_LABELS = {
    "linear": mark("linear"),
    "sigmoid": mark("sigmoid"),
    "tanh": mark("tanh"),
    "relu": mark("ReLU"),
    "leaky_relu": mark("leaky ReLU"),
}


def label_names(names: Sequence[str], data: str) -> tuple[str, ...]:
    """Return what people read for columns or classes of a data set: translated for the table of people."""
    return tuple(_(PEOPLE_LABELS[name]) if data == PEOPLE and name in PEOPLE_LABELS else name for name in names)


def label_activation(name: str) -> str:
    """Return what people read for an activation function."""
    return _(ACTIVATION_LABELS[name]) if name in ACTIVATION_LABELS else name
