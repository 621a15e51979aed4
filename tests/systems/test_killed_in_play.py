"""Killed in the middle of games, episodes and battles, a resumed training has the weights of one that never stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.kill_players import SECOND_EPOCH, TRAININGS


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    words = [sys.executable, "-m", "tests.helpers.kill_players", str(tmp_path_factory.mktemp("runs"))]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("name", TRAININGS)
def test_killed_between_two_checkpoints_and_resumed_is_the_same_to_the_bit(name, results):
    result = results[name]
    assert result["signal"] == 9 and 0 < result["batch"] < 5  # of an epoch
    assert result["step"] - result["batch"] == (5 if name in SECOND_EPOCH else 0)
    assert result["in_progress"] == list(TRAININGS[name][2])  # or this test would show nothing
    assert result["weights"] == [] and result["state"] == [] and result["rest"]
