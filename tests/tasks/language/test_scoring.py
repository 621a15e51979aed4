"""What comes next after texts: one step for each new prefix, the same numbers as the network's."""

import pytest
import torch

from axone.data.text.vocabulary import BOUNDARY, CharacterVocabulary
from axone.errors import UsageError
from axone.systems.language_model import Settings, model, state_shapes
from axone.tasks.language import scoring
from axone.tasks.language.scoring import LanguageScorer


@pytest.fixture
def scorer():
    vocabulary = CharacterVocabulary("abc ")
    settings = Settings(units=6, embedding=4)
    facts = {"task": "language", "vocabulary": vocabulary.to_facts()}
    network = model(settings, facts).eval()

    def expected(text):
        symbols = torch.tensor([[BOUNDARY, *vocabulary.encode(text.encode()).tolist()]])
        state = [torch.zeros(1, *shape) for shape in state_shapes(settings)]
        with torch.inference_mode():
            return network(symbols, *state)[0][0, -1, 2:].log_softmax(0)

    return LanguageScorer(network, facts), expected


def test_scores_are_those_of_the_network(scorer, monkeypatch):
    scorer, expected = scorer
    texts = ["", "a", "cab", "ca", "abcabc", "x b"]
    scores = scorer.score_next(texts)
    assert scores.shape == (6, 4) and scorer.characters == "abc "
    torch.testing.assert_close(scores.exp().sum(1), torch.ones(6))
    for text, row in zip(texts, scores):
        torch.testing.assert_close(row, expected(text), rtol=1e-5, atol=1e-5)
    monkeypatch.setattr(scoring, "KEPT", 2)
    torch.testing.assert_close(scorer.score_next(["cab"])[0], scores[2])
    torch.testing.assert_close(scorer.score_next(["cabc", "abca"])[1], expected("abca"), rtol=1e-5, atol=1e-5)


def test_a_longer_prefix_costs_one_step(scorer, monkeypatch):
    scorer, _expected = scorer
    scorer.score_next(["ab", "ba"])
    calls = []
    step = scorer.model.step
    monkeypatch.setattr(
        scorer.model, "step", lambda symbols, state: (calls.append(len(symbols)), step(symbols, state))[1]
    )
    scorer.score_next(["aba", "bab", "ab"])
    assert calls == [2]


def test_alphabets_are_mapped(scorer):
    assert scorer[0].map_alphabet(["A", "b", " ", "z"]) == [0, 1, 3, -1]


def test_other_runs_are_refused():
    with pytest.raises(UsageError, match="not a language model of characters"):
        LanguageScorer(torch.nn.Linear(1, 1), {"task": "generation"})
