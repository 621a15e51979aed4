"""`axone generate` and `axone play` of units."""

import json

from axone.systems import skirmish
from tests.helpers.battles import build_tiny


def test_generated_battles_depend_on_the_seed_alone():
    settings, experiment = build_tiny()
    options = skirmish.GenerateOptions()
    arguments = (experiment.learner.network, settings, experiment.facts)
    two = list(skirmish.generate(*arguments, count=2, label=None, seed=4, options=options))
    one = next(iter(skirmish.generate(*arguments, count=1, label=None, seed=5, options=options)))
    assert two[1].to_json() == one.to_json() and json.dumps(one.to_json())
    assert one.to_json()["result"] in ("won", "lost", "draw", "unfinished")
    assert one.text().startswith(one.replay.captions[-1]) and one.preview().ndim == 3
    assert one.files().keys() == {".gif", ".png"}


def test_a_watched_battle_advances_to_its_end():
    settings, experiment = build_tiny()
    session = skirmish.play(
        experiment.learner.network, settings, experiment.facts, seed=1, options=skirmish.PlayOptions(video="mp4")
    )
    steps = 0
    while not session.finished:
        assert not session.asks and "marine" in session.text()
        session.advance()
        steps += 1
    assert session.to_json()["steps"] == steps and session.files().keys() == {".mp4", ".png"}
