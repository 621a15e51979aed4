"""The battles of a training: the settings of a scenario, and the scenario of a run that is restored."""

import pytest

from axone.engine.context import BuildContext
from axone.errors import UsageError
from axone.settings import resolve
from axone.systems.skirmish import Settings
from axone.tasks.skirmish.data import choose_scenario, open_skirmish
from axone.tasks.skirmish.settings import SkirmishSettings


def test_step_limit_and_walls_are_settings():
    settings = resolve(SkirmishSettings, {"scenario": "8m", "step_limit": 7, "walls": "stop"})
    scenario = choose_scenario(settings)
    assert (scenario.step_limit, scenario.walls, scenario.sizes) == (7, "stop", (8, 8))
    assert choose_scenario(resolve(SkirmishSettings, {})).step_limit == 60
    with pytest.raises(UsageError, match="no scenario"):
        choose_scenario(resolve(SkirmishSettings, {"scenario": "4m"}))


def test_a_run_has_its_scenario_when_the_file_is_gone(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("team,unit,count\nallies,marine,2\nenemies,zealot,1\n")
    settings = resolve(Settings, {"scenario": str(path), "copies": 2})
    facts = open_skirmish(settings, BuildContext()).facts
    path.unlink()
    restored = open_skirmish(settings, BuildContext(facts=facts))
    assert restored.scenario.sizes == (2, 1) and restored.facts == facts
    assert "2 x marine against 1 x zealot" in restored.notes[0]
