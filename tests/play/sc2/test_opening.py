"""Names of worlds, games that run, games that are started, and the errors where something is missing."""

import importlib.util
import socket
import sys
from pathlib import Path

import pytest
import torch

from axone.errors import ResourceError, UsageError, WorkerError
from axone.play.sc2.opening import read_ports
from axone.play.worlds.registry import make_worlds
from tests.helpers.fake_sc2 import serving

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="the fake server is started by a shell script")


def install(folder, command):
    """Install a shell script as the game."""
    binary = (
        folder / "Versions" / "Base75689" / ("SC2.app/Contents/MacOS/SC2" if sys.platform == "darwin" else "SC2_x64")
    )
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\ncd {Path(__file__).parents[3]}\n{command}\n")
    binary.chmod(0o755)
    card = folder / "Maps" / "mini_games" / "MoveToBeacon.SC2Map"
    card.parent.mkdir(parents=True)
    card.touch()


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'axone\[sc2\]'"):
        make_worlds("sc2:MoveToBeacon", 2)


@pytest.mark.parametrize("name", ["movetobeacon", "MoveToBeacn@5000"])
def test_a_mistyped_name(name):
    with pytest.raises(UsageError, match=r"Did you mean 'sc2:MoveToBeacon'"):
        make_worlds(f"sc2:{name}", 2)


def test_ports():
    assert list(read_ports("5000")) == [5000] and list(read_ports("5000-5002")) == [5000, 5001, 5002]
    for text in ("", "0", "5002-5000", "70000", "example.org:5000"):
        with pytest.raises(UsageError, match="names no ports"):
            read_ports(text)


def test_no_game_at_the_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # without listen(): connections are refused
        port = unused.getsockname()[1]
        with pytest.raises(ResourceError, match=f"(?s)No StarCraft II answers.*-listen 127.0.0.1 -port {port} "):
            make_worlds(f"sc2:MoveToBeacon@{port}", 1)
        with pytest.raises(ResourceError, match=f"(?s)0 are free.*-port {port} "):
            make_worlds(f"sc2:MoveToBeacon@{port}", 2)


def test_a_game_in_which_someone_plays_is_left_alone():
    with serving() as game:
        worlds = make_worlds(f"sc2:MoveToBeacon@{game.port}", 1)
        with pytest.raises(ResourceError, match="Someone plays"):
            make_worlds(f"sc2:MoveToBeacon@{game.port}", 1)
        worlds.step(torch.tensor([1]))
        worlds.close()
        worlds = make_worlds(f"sc2:MoveToBeacon@{game.port}", 1)  # it is free again
        worlds.step(torch.tensor([1]))
        with pytest.raises(ResourceError, match="2 copies need as many games: 0 are free at the ports"):
            make_worlds(f"sc2:MoveToBeacon@{game.port}", 2)


def test_the_game_is_not_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("SC2PATH", str(tmp_path / "nothing"))
    with pytest.raises(ResourceError, match="nothing") as caught:
        make_worlds("sc2:MoveToBeacon", 1)
    assert caught.value.exit_code == 5


@posix_only
def test_a_game_is_started_and_ended(monkeypatch, tmp_path):
    install(tmp_path, f"exec '{sys.executable}' -m tests.helpers.fake_sc2 \"$@\"")
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    worlds = make_worlds("sc2:MoveToBeacon", 1)
    for number in range(10):
        step = worlds.step(torch.tensor([1]))
        assert bool(step.terminated) == (number == 9)
    worlds.close()
    with pytest.raises(WorkerError):
        worlds.step(torch.tensor([1]))
    with pytest.raises(UsageError, match="17 copies would start"):
        make_worlds("sc2:MoveToBeacon", 17)


@posix_only
def test_a_game_that_ends_at_its_start(monkeypatch, tmp_path):
    install(tmp_path, "exit 3")
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    with pytest.raises(WorkerError, match=r"(?s)exit code 3.*-displayMode 0"):
        make_worlds("sc2:MoveToBeacon", 1)
    with pytest.raises(ResourceError, match=r"(?s)The map of 'CollectMineralShards' is not installed.*mini_games.zip"):
        make_worlds("sc2:CollectMineralShards", 1)
