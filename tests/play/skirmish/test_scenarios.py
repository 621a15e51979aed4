"""Scenarios: those of SMAC by name, one's own from a table, and what is said about a table that is none."""

import pytest

from axone.errors import DataError, UsageError
from axone.play.skirmish.scenarios import SCENARIOS, find_scenario, read_scenario
from axone.play.skirmish.units import UNITS


def write(tmp_path, text):
    path = tmp_path / "bridge.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_scenarios_of_smac_have_its_units_and_step_limits():
    limits = {"3m": 60, "8m": 120, "2s3z": 120, "3s5z": 150, "5m_vs_6m": 70}
    assert {name: SCENARIOS[name].step_limit for name in limits} == limits
    assert [unit.letter for unit in SCENARIOS["2s3z"].units] == list("sszzz" * 2)
    assert SCENARIOS["5m_vs_6m"].sizes == (5, 6) and SCENARIOS["5m_vs_6m"].table.count == 11
    assert find_scenario("3m") is SCENARIOS["3m"]


def test_a_table_is_a_scenario(tmp_path):
    path = write(
        tmp_path,
        "team,unit,count,x,y,health,healing\n"
        "allies, marine, 2,,,,\nallies,Medic,1,6.5,20,80,4\n\nenemies,zealot,,,,,\n",
    )
    scenario = find_scenario(str(path))
    assert scenario.name == "bridge" and scenario.sizes == (3, 1)
    assert scenario.units[0] == UNITS["marine"]
    assert (scenario.units[2].health, scenario.units[2].healing, scenario.units[2].range) == (80, 4, 4)
    assert scenario.starts == ((8, 16), (8, 16), (6.5, 20), (24, 16))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the column 'team' is missing"),
        ("team,unti\n", "line 1: there is no column 'unti'.\nDid you mean 'unit'"),
        ("team,unit,unit\n", "line 1: the column 'unit' is there twice"),
        ("team,unit\nallies,marin\n", "line 2: unit is 'marin'.\nexpected one of: .*medic\nDid you mean 'marine'"),
        ("team,unit\nfriends,marine\n", "line 2: team is 'friends'.\nexpected one of: allies, enemies"),
        ("team,unit,count\nallies,marine,many\n", "line 2: count is 'many'.\nexpected a number from 1 to 64"),
        ("team,unit,count\nallies,marine,1.5\n", "line 2: count is '1.5'.\nexpected a whole number"),
        ("team,unit,count\nallies,marine,0\n", "line 2: count is '0'"),
        ("team,unit,health\nallies,marine,nan\n", "line 2: health is 'nan'.\nexpected a number from 1 to"),
        ("team,unit,range\n\nallies,marine,20\n", "line 3: range must be at most sight"),
        ("team,unit,healing\nallies,marine,5\n", "line 2: a unit either heals or attacks"),
        ("team,unit,x\nallies,marine,5\n", "line 2: x and y belong together"),
        ("team,unit,x,y\nallies,marine,5,40\n", "line 2: y is '40'.\nexpected a number from 3 to 29"),
        ("team,unit\nallies,marine,3\n", "line 2: 3 cells in 2 columns"),
        ("team,unit\nallies,marine\n", "no units for the team 'enemies'.\nadd a row such as enemies,marine,3"),
        ("team,unit,count\nallies,marine,60\nenemies,marine,5\n", "65 units.\nexpected at most 64"),
    ],
)
def test_a_table_that_is_no_scenario_is_explained_with_its_line(tmp_path, text, message):
    with pytest.raises(DataError, match=message) as error:
        read_scenario(write(tmp_path, text))
    assert error.value.exit_code == 3


def test_a_missing_or_binary_file_is_explained(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        find_scenario(str(tmp_path / "none.csv"))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(DataError, match="cannot be read"):
        find_scenario(str(tmp_path / "binary.csv"))


def test_an_unknown_scenario_suggests_the_closest():
    with pytest.raises(UsageError, match=r"There is no scenario '2s4z'\. Did you mean '2s3z'") as error:
        find_scenario("2s4z")
    assert error.value.exit_code == 2
    with pytest.raises(UsageError, match="Did you mean 'MMM'"):
        find_scenario("mmm2")
