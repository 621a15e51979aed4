"""The system text_classifier: it learns, resumes to the bit, answers alike alone and in a batch, and is exported."""

from __future__ import annotations

import math

import pytest
import torch
from torch.export import Dim, export

import axone
from axone.cli import main
from axone.data.tokens.encoder import TextEncoder
from axone.data.tokens.stream import gather_texts
from axone.graph.export import dynamic_steps
from axone.systems import text_classifier
from axone.systems.text_classifier import EXAMPLE_FACTS, Settings, model
from tests.helpers.data.texts import TINY, make_reviews, train_reviews, write_reviews
from tests.helpers.runs.catalogue import check_predictions, check_resume

TEXTS = ["a wonderful film", "boring", "the second act of this long story was clumsy, dreadful and boring", "?"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train_reviews(tmp_path_factory.mktemp("texts"), epochs=6)


def test_it_learns_which_words_decide(run, capsys):
    assert run.results["test"]["accuracy"] > 0.9
    assert [answer.label for answer in run.predict(["all of it was charming", "all of it was boring"])] == [
        "good",
        "bad",
    ]
    check_predictions(run, ["a wonderful film", "a dreadful song"], capsys)


def test_a_resumed_run_has_the_same_bits(tmp_path):
    data = write_reviews(tmp_path / "reviews.csv")
    settings = {name: value for name, value in TINY.items() if name not in ("epochs", "threads", "device")}
    check_resume("text_classifier", tmp_path / "runs", data=data, target="kind", **settings)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("options", [{}, {"bidirectional": False, "layers": 2, "members": 2}])
def test_answers_do_not_depend_on_the_company_of_a_text(cell, options):
    settings = Settings(cell=cell, units=5, embedding=3, ngram_bits=8, **options)
    torch.manual_seed(0)
    network = model(settings, {**EXAMPLE_FACTS, "encoder": {**EXAMPLE_FACTS["encoder"], "ngram_bits": 8}}).eval()
    for name, parameter in network.named_parameters():
        torch.nn.init.normal_(parameter, std=0.3)
        if name.startswith(("words", "pieces", "linear")):
            parameter.data[0] = 0.0  # of the padding
    encoder = TextEncoder.from_facts({"encoder": {**EXAMPLE_FACTS["encoder"], "ngram_bits": 8}})
    encoded = encoder.encode(TEXTS)
    together = network(gather_texts(encoded, torch.arange(4)))
    for number, text in enumerate(TEXTS):
        alone = network(gather_texts(encoder.encode([text]), torch.tensor([0])))
        torch.testing.assert_close(alone["logits"][0], together["logits"][number], rtol=1e-5, atol=1e-5)
        steps = alone["attention"].shape[2]
        torch.testing.assert_close(
            alone["attention"][0], together["attention"][number][:, :steps], rtol=1e-5, atol=1e-5
        )
        assert not together["attention"][number][:, steps:].any()


def test_the_linear_members_know_the_classes_before_any_step():
    data = make_reviews()
    from axone.engine.context import BuildContext

    settings = Settings(**{**TINY, "data": "(from Python)"})
    experiment = text_classifier.build(settings, BuildContext(data=data))
    network = experiment.learner.networks["network"].eval()
    (batch,) = experiment.test.batches(1)
    logits = network(batch.inputs(network.input_names))["logits"]
    assert logits.shape[1] == 3  # a BiLSTM, words, characters
    for member in (1, 2):
        assert (logits[:, member].argmax(1) == batch.targets).float().mean() > 0.9


def test_several_labels_have_a_yes_or_no_each(tmp_path):
    run = train_reviews(tmp_path, several=True, epochs=8)
    assert run.facts["classes"] == ["bad", "film", "good"] and run.facts["several_labels"]
    assert run.results["test"]["f1"] > 0.8
    both = run.predict("the film was charming, the film was wonderful")
    assert set(both.labels) == {"film", "good"} and sum(both.probabilities.values()) > 1.2
    assert run.evaluate()["test"] == run.results["test"]


def test_names_are_read_character_by_character(tmp_path):
    stems = ["kowal", "peter", "lars", "nowa", "jan", "olaf", "karl", "wola", "mark", "ander", "jon", "gustav"]
    names = [f"{stem}{end}" for end in ("ski", "son") for stem in stems]
    run = axone.train("text_classifier", data=(names, ["pl"] * 12 + ["sv"] * 12), runs_folder=tmp_path,
                      **{**TINY, "batch_size": 4, "epochs": 8})  # fmt: skip
    assert run.facts["encoder"]["unit"] == "characters"
    assert run.predict("wisniewski").label == "pl" and run.predict("larsson").label == "sv"


def test_an_export_takes_batches_and_texts_of_any_length(run):
    module = text_classifier.answering(run.model, run.settings, run.facts)
    encoder = TextEncoder.from_facts(run.facts)

    def inputs(texts):
        return tuple(gather_texts(encoder.encode(texts), torch.arange(len(texts))).values())

    example = inputs(TEXTS[:3])
    batch, steps, pieces, words, characters = (
        Dim(name) for name in ("batch", "steps", "pieces", "words", "characters")
    )
    shapes = ({0: batch, 1: steps}, {0: batch, 1: steps, 2: pieces}, {0: batch}, {0: batch, 1: words},
              {0: batch, 1: characters})  # fmt: skip
    with dynamic_steps():
        program = export(module, example, dynamic_shapes=shapes).module()
    for texts in (TEXTS[:3], TEXTS[:2], [" ".join(TEXTS)] * 4):
        torch.testing.assert_close(program(*inputs(texts)), module(*inputs(texts)), rtol=1e-4, atol=1e-5)


def test_other_data_are_measured_whole_and_unknown_classes_refused(run, tmp_path, capsys):
    other = write_reviews(tmp_path / "other.csv", 30)
    assert run.evaluate(other)["test"]["accuracy"] > 0.9
    (tmp_path / "unknown.csv").write_text("review,kind\nsome text,good\nother text,so-so\n")
    assert main(["evaluate", str(run.path), "--data", str(tmp_path / "unknown.csv")]) == 3
    assert "so-so" in capsys.readouterr().err


def test_the_loss_before_training_is_that_of_guessing():
    facts = {**EXAMPLE_FACTS, "classes": ["a", "b", "c"]}
    network = model(Settings(ngram_bits=8), {**facts, "encoder": {**facts["encoder"], "ngram_bits": 8}}).eval()
    encoded = TextEncoder.from_facts({"encoder": {**facts["encoder"], "ngram_bits": 8}}).encode(TEXTS)
    logits = network(gather_texts(encoded, torch.arange(4)))["logits"].mean(1)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 0]))
    assert float(loss.detach()) == pytest.approx(math.log(3), abs=0.1)


def test_weights_of_texts_are_part_of_the_loss():
    from dataclasses import replace

    from axone.data.labeled_texts.load import load_texts
    from axone.engine.context import BuildContext

    weights = torch.zeros(120)
    weights[:60] = 2.0
    settings = Settings(**{**TINY, "data": "(from Python)"})
    data = replace(load_texts(make_reviews()), weights=weights)
    learner = text_classifier.build(settings, BuildContext(data=data)).learner
    assert learner.text_weights is weights
