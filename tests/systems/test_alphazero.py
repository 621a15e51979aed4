"""AlphaZero: learns tic-tac-toe, resumes in the middle of games, answers, plays."""

from __future__ import annotations

import io
import json
import sys

import pytest
import torch

import axone
from axone import cli
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import RunError, SettingsError, Stopped
from axone.systems import alphazero
from axone.systems.alphazero import PlayOptions
from axone.tasks.games.game_facts import make_facts
from axone.tasks.games.self_play.positions import GameBatch
from tests.helpers.runs.stop_at import StopAt
from tests.helpers.self_play import TINY, shorten_measurements, tiny_experiment, tiny_settings


@pytest.fixture(autouse=True)
def _short_measurements(monkeypatch):
    shorten_measurements(monkeypatch)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        shorten_measurements(monkeypatch)
        return axone.train("alphazero", runs_folder=tmp_path_factory.mktemp("runs"), name="run", verbose=False, **TINY)


def train(stop=None, recorder=None, resume=False):
    recorder = recorder or MemoryRecorder()
    fit(tiny_experiment(), tiny_settings(), recorder, stop=stop, resume=resume)
    return recorder


@pytest.fixture(scope="module")
def whole():
    with pytest.MonkeyPatch.context() as monkeypatch:
        shorten_measurements(monkeypatch)
        return train()


@pytest.mark.parametrize("steps", [2, 4])  # in the first epoch; in the measurement after it
def test_stopped_in_the_middle_of_games_and_resumed_is_the_same_to_the_bit(steps, whole):
    parts = MemoryRecorder()
    with pytest.raises(Stopped):
        train(StopAt(steps), parts)
    assert parts.checkpoints["last"][1]["stream"]["moves"].any()
    train(recorder=parts, resume=True)
    for slot in ("last", "best"):
        expected, actual = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], actual[name]) for name in expected)
    ended, resumed = (one.checkpoints["last"][1] for one in (whole, parts))
    for state in (ended, resumed):
        for entry in state["progress"]["history"]:
            entry.pop("seconds", None)
    assert ended["progress"]["history"] == resumed["progress"]["history"]
    for name, value in ended["stream"]["window"]["positions"].items():
        assert torch.equal(value, resumed["stream"]["window"]["positions"][name])


def test_the_loss_is_that_of_the_paper():
    experiment = tiny_experiment()
    learner = experiment.learner
    fit(experiment, tiny_settings(epochs=1, batches=1), MemoryRecorder())
    legal = torch.tensor([[True] * 9, [True] * 8 + [False]])
    policies, values = torch.eye(9)[:2], torch.tensor([1.0, -1.0])
    batch = GameBatch(torch.zeros(2, 2, 3, 3), legal, policies, torch.tensor([1.0, 0.0]), values, *no_territory(2), {})
    learner.network.train()
    logits, guessed = learner.network(batch.observations)
    metrics = learner.train_step(batch)
    assert torch.isclose(metrics["policy_loss"], -logits.log_softmax(1)[0, 0], atol=1e-6)  # the full search alone
    assert torch.isclose(metrics["value_loss"], (values - guessed[:, 0]).square().mean(), atol=1e-6)
    assert torch.isclose(metrics["loss"], metrics["policy_loss"] + metrics["value_loss"])


def test_it_learns_tic_tac_toe():
    settings = {"epochs": 2, "batches": 12, "games": 64, "simulations": 12, "fast_simulations": 6, "channels": 8,
                "batch_size": 64, "window": 4000}  # fmt: skip
    experiment = tiny_experiment(**settings)
    outcome = fit(experiment, tiny_settings(**settings), MemoryRecorder())
    history = outcome.progress.history
    assert history[-1]["train"]["value_loss"] < history[0]["train"]["value_loss"]
    assert outcome.test["score:random"] >= 0.75


def test_the_report_has_the_ruler_and_a_game(run):
    figures = {path.name for path in (run.path / "figures").iterdir()}
    assert any(name.startswith("game") for name in figures) and any(name.startswith("elo") for name in figures)
    assert run.results["validation"]["elo"] is not None and "score:random" in run.results["test"]
    text = (run.path / "report.html").read_text("utf-8")
    assert "axone play" in text


def test_a_line_of_moves_is_answered(run):
    answer = run.predict("b2 a1")
    assert answer.label in ["a3", "b3", "c3", "a2", "c2", "b1", "c1"] and "of the points" in answer.text()
    good, wrong = run.predict_each(["b2", "b2 b2"])
    assert good.label != "b2" and "Move 2" in str(wrong)
    [over] = run.predict_each(["a1 b1 a2 b2 a3"])
    assert "The game is over" in str(over)


def test_the_answer_without_a_search_is_a_module(run):
    answering = alphazero.answering(run.model, run.settings, run.facts)
    probabilities, values = answering(torch.zeros(3, 2, 3, 3))
    assert torch.allclose(probabilities.sum(1), torch.ones(3)) and values.shape == (3, 1)


def test_a_game_in_the_terminal_with_lines_from_a_pipe(run, capsys, monkeypatch, tmp_path):
    lines = "z9\nhint\nb2\nundo\nb2\n" + "".join(
        f"{cell}\n" for cell in ["a1", "a2", "a3", "b1", "b3", "c1", "c2", "c3"]
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    words = ["play", str(run.path), "--simulations", "8", "--json", "--language", "en", "--out", str(tmp_path / "out")]
    assert cli.main(words) == 0
    printed = capsys.readouterr()
    result = json.loads(printed.out)
    assert result["finished"] and result["moves"][0] == "b2" and result["side"] == "first"
    assert "'z9' is no move of this game." in printed.err and "undone" in printed.err
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".gif", ".txt"}


def test_a_run_does_not_become_one_of_another_game(run):
    with pytest.raises((RunError, SettingsError)) as error:
        axone.resume(run.path, game="connect_four", epochs=3)
    assert "game" in str(error.value)


def test_options_of_play_are_checked(run):
    with pytest.raises(SettingsError, match="side cannot be 'third'"):
        run.play(side="third")


def test_networks_have_the_shapes_of_their_games():
    for name, size, actions in (("connect_four", 0, 7), ("othello", 0, 65), ("go", 7, 50)):
        settings = tiny_settings(game=name, board_size=size)
        facts = make_facts(settings)
        logits, values, *territory = alphazero.model(settings, facts)(torch.zeros(2, *facts["input"]))
        assert logits.shape == (2, actions) and values.shape == (2, 1)
        assert [output.shape for output in territory] == ([(2, size * size), (2, 1)] if name == "go" else [])


def no_territory(positions):
    return torch.zeros(positions, 0), torch.zeros(positions)


def test_go_learns_owners_and_score():
    settings = {"game": "go", "board_size": 5, "channels": 4, "batches": 2}
    experiment = tiny_experiment(**settings)
    stream, learner = experiment.train, experiment.learner
    fit(experiment, tiny_settings(**settings, epochs=1, ruler=0), MemoryRecorder())
    batch = next(stream.batches(2))
    assert batch.owners.shape == (16, 25) and batch.owners.any()
    komi = 7.5 / 25 * (2 * batch.observations[:, 5, 0, 0] - 1)  # for black to move, komi is the opponent's
    assert torch.allclose(batch.scores, batch.owners.sum(1) / 25 - komi, atol=1e-6)
    metrics = learner.train_step(batch)
    parts = [metrics["policy_loss"], metrics["value_loss"], metrics["ownership_loss"], 0.25 * metrics["score_loss"]]
    assert torch.isclose(metrics["loss"], sum(parts))
    session = alphazero.play(
        learner.network, learner.settings, experiment.facts, seed=0, options=PlayOptions(simulations=4)
    )
    session.enter("c3")
    session.advance()
    session.enter("territory")
    assert "empty point is X's" in session.text() and len([c for c in session.text() if c.isdigit()]) > 50
    # What a search evaluates has the same weights and is without the outputs that it does not need.
    part = alphazero.searched(learner.network, learner.settings, experiment.facts)
    learner.network.eval()
    with torch.no_grad():
        outputs = part(batch.observations)
        assert len(outputs) == 2 and all(
            torch.allclose(one, other, atol=1e-6) for one, other in zip(outputs, learner.network(batch.observations))
        )
