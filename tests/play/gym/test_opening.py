"""What the prefix opens, and the error where gymnasium is not installed."""

import importlib.util

import pytest

from axone.errors import UsageError
from axone.play.worlds.registry import make_worlds


def test_without_gymnasium_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'axone\[gym\]'"):
        make_worlds("gym:CartPole-v1", 2)


def test_the_prefix_opens_an_environment():
    assert make_worlds("gym:CartPole-v1", 2).name == "gym:CartPole-v1"
