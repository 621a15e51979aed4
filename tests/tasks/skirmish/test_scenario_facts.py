"""A scenario survives as values for JSON."""

import json

from axone.play.skirmish.scenarios import SCENARIOS, read_scenario
from axone.tasks.skirmish.scenario_facts import describe_scenario, restore_scenario


def test_a_scenario_is_restored_from_json(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("team,unit,count,x,y,health\nallies,marine,2,9,9,50\nenemies,medic,1,,,\nenemies,zealot,,,,\n")
    for scenario in (SCENARIOS["MMM"], read_scenario(path)):
        facts = json.loads(json.dumps(describe_scenario(scenario)))
        assert restore_scenario(facts) == scenario
