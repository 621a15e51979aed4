"""The commands that are printed after a training work when they are pasted."""

from argparse import Namespace

import pytest

from axone.commands.output.next_commands import name_world


@pytest.mark.parametrize(
    ("facts", "typed", "flag"),
    [
        ({}, [], ""),
        ({"world": "cart_pole"}, ["--world", "cart_pole"], ""),
        ({"world": "./my world.py"}, ["--world", "./my world.py"], " --world './my world.py'"),
        ({"world": "mine.py"}, ["world=mine.py"], " --world mine.py"),
        ({"world": "/tmp/evil.py"}, [], " --world FILE.py"),
    ],
)
def test_a_world_that_is_a_file_is_named(facts, typed, flag):
    assert name_world(facts, Namespace(settings=typed)) == flag
