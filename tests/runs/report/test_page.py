from __future__ import annotations

import json

import pytest

from axone.runs.recorder import Recorder
from tests.helpers.runs.report_pages import read_page, write_example_run


def test_the_page_of_an_unfinished_run_explains_how_to_resume_it(stopped):
    folder = stopped
    text, page = read_page(folder)
    assert ">stopped, can be resumed</span>" in text and "2 of 3 epochs" in page.text
    assert f"axone resume {folder}" in page.text and "Stopped: Ctrl-C" in page.text
    assert "84.00\u202f%" in page.text  # the best epoch so far
    with Recorder(folder):  # another process writes it
        assert ">running</span>" in read_page(folder)[0]


def test_a_run_without_an_epoch_has_a_page(tmp_path):
    text, page = read_page(write_example_run(tmp_path, epochs=0, finish=False))
    assert "0 of 3 epochs" in page.text and 'id="curves"' not in text and "axone predict" not in page.text


@pytest.mark.parametrize(("kind", "state"), [("error", "failed"), ("stop", "stopped, can be resumed")])
def test_the_state_of_the_run_is_in_the_header(stopped, kind, state):
    with (stopped / "events.jsonl").open("a") as file:
        file.write(json.dumps({"kind": kind, "reason": "out of memory"}) + "\n")
    text, page = read_page(stopped)
    assert f">{state}</span>" in text and "out of memory" in page.text


def test_a_killed_training_is_named_first(stopped):
    with (stopped / "events.jsonl").open("a") as file:
        file.write('{"kind": "step", "step": 9}\n')
    text, page = read_page(stopped)
    assert ">killed, can be resumed</span>" in text and "The training was killed" in page.text
    assert "its process ended without saving" in page.text and f"axone resume {stopped}" in page.text


def test_the_monitored_metric_is_the_first_number(stopped):
    assert read_page(stopped)[1].text.index("validation · accuracy") < read_page(stopped)[1].text.index(
        "validation · loss"
    )
    with (stopped / "events.jsonl").open("a") as file:
        file.write('{"kind": "best_epoch", "epoch": 2, "epochs": 3, "monitor": "loss", "value": 0.5}\n')
    page = read_page(stopped)[1]
    assert page.text.index("validation · loss") < page.text.index("validation · accuracy")


def test_what_a_policy_learned_in_is_in_the_header(tmp_path):
    folder = tmp_path / "ppo" / "run"
    folder.mkdir(parents=True)
    with Recorder(folder) as recorder:
        recorder.start('world = "cart_pole"\nepochs = 1\n', {}, {"system": "ppo"}, None)
    assert "<span>cart_pole</span>" in read_page(folder)[0]
