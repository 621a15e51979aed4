"""A run's folder may come from anyone: the file of a world is executed only where it was typed."""

import pytest
import torch

from axone.engine.context import BuildContext
from axone.errors import UsageError
from axone.play.worlds import registry
from axone.settings import resolve
from axone.systems import ppo
from axone.tasks.control.worlds.own_worlds import hash_file, is_file, require_typed

SMALL = {"world": "my_world.py", "seeds": 1, "copies": 2, "units": (4,)}


def test_files_are_known_by_their_ending():
    assert is_file("worlds/my_world.py") and not is_file("cart_pole") and not is_file("gym:CartPole-v1")
    require_typed("cart_pole", is_typed=False)
    require_typed("my_world.py", is_typed=True)


def test_a_resumed_run_does_not_execute_a_file_that_was_not_typed(monkeypatch, tmp_path):
    executed = []

    def open_file(path):
        from tests.helpers.control_worlds import Corridor

        executed.append(path)
        return Corridor()

    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_world.py").write_text("content")
    monkeypatch.setitem(registry.FILES, ".py", "tests.tasks.control.worlds.test_own_worlds:open_file")
    monkeypatch.setattr("tests.tasks.control.worlds.test_own_worlds.open_file", open_file, raising=False)
    settings = resolve(ppo.Settings, SMALL)
    facts = ppo.build(settings, BuildContext()).facts  # typed: a new training
    assert executed == ["my_world.py"] and facts["fingerprint"] == hash_file("my_world.py") != ""
    with pytest.raises(UsageError, match="no file is executed unless you name it"):
        ppo.build(settings, BuildContext(facts=facts))
    with pytest.raises(UsageError, match="no file is executed unless you name it"):
        ppo.play(ppo.model(settings, facts), settings, facts, seed=0, options=ppo.PlayOptions())
    assert len(executed) == 1
    ppo.build(settings, BuildContext(facts=facts, typed=frozenset({"world"})))
    ppo.build(settings, BuildContext(facts=facts, options=ppo.EvaluateOptions(world="my_world.py")))
    assert len(executed) == 3
    assert torch.is_tensor(ppo.model(settings, facts).best)


def test_a_map_is_recognized_by_its_content(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.txt").write_text("S.G")
    first = hash_file("maze:my.txt")
    (tmp_path / "my.txt").write_text("S..G")
    assert len(first) == 64 and hash_file("maze:my.txt") != first
    assert hash_file("maze:small") == hash_file("maze") == hash_file("cart_pole") == ""
