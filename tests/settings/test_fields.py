from __future__ import annotations

from typing import Literal

import pytest

from axone.settings import Settings, option
from axone.settings.fields import choices_of, expected_value, kind_of, limits_of


class Example(Settings):
    count: int = option(3, "a count", ge=1, le=15)
    rate: float = option(0.5, "a rate", gt=0, lt=1)
    seed_like: int = option(0, "a seed", ge=0, lt=2**63)
    name: str = option("", "a name")
    bright: bool = option(True, "a switch")
    shape: Literal["round", "square"] = option("round", "a shape")
    widths: tuple[int, ...] = option((8,), "widths")
    kinds: tuple[Literal["a", "b"], ...] = option(("a",), "kinds")


@pytest.mark.parametrize(
    ("name", "kind", "limits", "expected"),
    [
        ("count", "integer", "1 to 15", "expected a whole number, 1 to 15"),
        ("rate", "number", "above 0, below 1", "expected a number, above 0, below 1"),
        ("seed_like", "integer", "at least 0", "expected a whole number, at least 0"),
        ("name", "text", "", "expected text"),
        ("bright", "switch", "", "expected true or false"),
        ("shape", "choice", "", "expected one of: round, square"),
        ("widths", "list", "", "expected whole numbers with commas between them"),
        ("kinds", "list", "", "expected one of: a, b"),
        ("device", "text", "", "expected text (auto, cpu, cuda, cuda:1 or mps)"),
    ],
)
def test_the_accepted_values_of_a_field_are_described(name, kind, limits, expected):
    field = Example.model_fields[name]
    assert (kind_of(field), limits_of(field), expected_value(field)) == (kind, limits, expected)


def test_choices_of_a_field():
    assert choices_of(Example.model_fields["shape"]) == ("round", "square")
    assert choices_of(Example.model_fields["kinds"]) == ("a", "b")
    assert choices_of(Example.model_fields["widths"]) == choices_of(Example.model_fields["name"]) == ()
