from __future__ import annotations

import json

import pytest

from tests.helpers.runs.report_pages import read_page


def test_commands_contain_the_path_of_the_run_as_it_is_typed(stopped, monkeypatch):
    monkeypatch.chdir(stopped.parents[1])
    named = stopped.rename(stopped.with_name("it's mine; rm -rf"))
    message = read_page(named)[1].text
    assert (
        "axone resume 'cnn/it'\"'\"'s mine; rm -rf'" in message or 'axone resume "cnn\\it\'s mine; rm -rf"' in message
    )


def test_the_file_of_a_users_own_system_is_named_by_the_user(finished):
    change_environment(finished, system="../evil", own_system=True)
    text = read_page(finished)[1].text
    assert "axone predict" in text and "--system FILE.py" in text and "axone train FILE.py --config" in text
    assert "train ../evil" not in text


def test_the_file_of_a_users_own_world_is_named_by_the_user(stopped):
    (stopped / "facts.json").write_text('{"task": "control", "world": "../evil.py"}')
    change_environment(stopped, verbs=["play"])
    text = read_page(stopped)[1].text
    for verb in ("resume", "play", "evaluate"):
        assert f"axone {verb} {stopped} --world FILE.py" in text
    assert "--world ../evil.py" not in text


@pytest.mark.parametrize("name", ["/tmp/evil.py", "../evil", "evil.py", "cnn --config x"])
def test_a_system_that_is_no_name_is_not_suggested(finished, name):
    change_environment(finished, system=name)
    text = read_page(finished)[1].text
    assert "axone train" not in text and "axone predict" in text


@pytest.mark.parametrize(
    ("verbs", "call"), [(["predict"], "run.predict('FILE')"), (["generate"], "run.generate(16)"), ([], "run.model")]
)
def test_the_page_shows_only_what_the_system_offers(finished, verbs, call):
    change_environment(finished, verbs=verbs)
    text = read_page(finished)[1].text
    assert call in text
    assert ("axone predict" in text, "axone generate" in text) == ("predict" in verbs, "generate" in verbs)
    assert verbs == ["predict"] or "run.predict" not in text


def change_environment(run, **changes):
    environment = json.loads((run / "environment.json").read_text())
    (run / "environment.json").write_text(json.dumps({**environment, **changes}))
